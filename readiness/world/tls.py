"""What a TLS handshake shows, and what went wrong with it in words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from readiness.api import Reason, TlsInfo, Unreachable
from readiness.world.memo import Memo

NO_ISSUER = frozenset({20, 21})
EXPIRED, NOT_YET_VALID, WRONG_HOST, WRONG_ADDRESS = 10, 9, 62, 64
WORDS = {
    NOT_YET_VALID: "its certificate is not valid yet",
    EXPIRED: "its certificate has expired",
    18: "its certificate is self-signed",
    19: "its chain ends in a self-signed certificate that nobody trusts",
    20: "the issuer of its certificate is unknown",
    21: "it does not send the intermediate certificate",
    23: "its certificate was revoked",
    WRONG_HOST: "its certificate is for another host",
    WRONG_ADDRESS: "its certificate is for another host",
    66: "the key of its certificate is too short",
    67: "the key of a certificate in its chain is too short",
    68: "a certificate in its chain is signed with a broken digest",
}
"""Verification results of OpenSSL, by the numbers of its x509_vfy.h."""


class Trust:
    """Whom TLS connections trust: the system's store and certifi's, read at the first handshake."""

    def __init__(self, extra: Path | None = None) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        """Verifies chain and host name; empty until `ready`, which costs 40 ms that plain HTTP need not pay."""
        self._extra = extra
        self._loaded: Memo[str, ssl.SSLContext] = Memo()

    def ready(self) -> ssl.SSLContext:
        """The context with its certificates."""
        return self._loaded.get("store", self._load)

    def _load(self) -> ssl.SSLContext:
        import certifi

        self.context.load_default_certs()
        self.context.load_verify_locations(cafile=certifi.where())
        if self._extra:
            self.context.load_verify_locations(cafile=self._extra)
        return self.context


def describe(connection: ssl.SSLSocket) -> TlsInfo:
    """The facts of a verified connection."""
    leaf = cast("Mapping[str, Any]", connection.getpeercert() or {})
    chain = [leaf, *_chain(connection, "get_verified_chain")]
    cipher = connection.cipher()
    return TlsInfo(
        version=connection.version() or "unknown",
        cipher=cipher[0] if cipher else "unknown",
        subject=_name(leaf.get("subject", ())),
        issuer=_name(leaf.get("issuer", ())),
        names=_names(leaf),
        not_after=min(_moment(part["notAfter"]) for part in chain),
    )


def failure(error: ssl.SSLError, host: str, peer: tuple[Any, ...], timeout: float) -> Unreachable:
    """What to say of a handshake that failed; looks at a refused certificate once more, sending nothing else."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        what = (error.reason or str(error)).replace("_", " ").lower()
        return Unreachable(f"{host} fails the TLS handshake: {what}", reason=Reason.TLS)
    words = WORDS.get(error.verify_code, error.verify_message)
    sent = _look_again(host, peer, timeout)
    detail = f": {_detail(error.verify_code, sent[0])}" if sent else ""
    if error.verify_code in NO_ISSUER and len(sent) == 1:
        detail += "; it was sent alone, so its intermediate certificate may be missing"
    return Unreachable(f"{host} is not to be trusted, {words}{detail} (OpenSSL {error.verify_code})", reason=Reason.TLS)


def _detail(code: int, certificate: Mapping[str, Any]) -> str:
    if code == EXPIRED:
        return f"valid until {_moment(certificate['notAfter']):%Y-%m-%d %H:%M} UTC"
    if code == NOT_YET_VALID:
        return f"valid from {_moment(certificate['notBefore']):%Y-%m-%d %H:%M} UTC"
    if code in {WRONG_HOST, WRONG_ADDRESS}:
        return ", ".join(_names(certificate)[:5]) or "it names no host"
    return f"issued by {_name(certificate['issuer'])}"


def _look_again(host: str, peer: tuple[Any, ...], timeout: float) -> Sequence[Mapping[str, Any]]:
    """The chain that was refused, as it was sent, read without verifying it; empty where it cannot be had."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(peer[:2], timeout) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            return _chain(connection, "get_unverified_chain")
    except OSError:
        return ()


def _chain(connection: ssl.SSLSocket, getter: str) -> Sequence[Mapping[str, Any]]:
    """The chain as :meth:`ssl.SSLSocket.getpeercert` writes certificates.

    The public method of Python 3.13 gives DER only, and reading that would need a library.
    """
    get = getattr(getattr(connection, "_sslobj", None), getter, None)
    return [part.get_info() for part in get() or ()] if get else ()


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)


def _name(parts: Sequence[Sequence[tuple[str, str]]]) -> str:
    return ", ".join(f"{key}={value}" for part in parts for key, value in part) or "(empty)"


def _names(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(value for kind, value in certificate.get("subjectAltName", ()) if kind in {"DNS", "IP Address"})
