"""Keys made at run time, and signatures by them: from ssh-keygen, or field by field as a forger would."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from readiness.signoff.sshkey import PublicKey, from_blob
from readiness.signoff.sshsig import MAGIC
from readiness.signoff.wire import mpint, string

APPROVER = "readiness.approver"
COMPLETER = "readiness.completer"
NOW = datetime(2026, 11, 23, 22, 15, tzinfo=UTC)
CURVES: Mapping[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {
    "nistp256": (ec.SECP256R1(), hashes.SHA256()),
    "nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "nistp521": (ec.SECP521R1(), hashes.SHA512()),
}
Private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A key that can sign."""

    name: str
    blob: bytes
    sign: Callable[[bytes], bytes]
    """From what is to be signed to the inner signature, PROTOCOL.sshsig."""
    private: Private | None = None
    """What ssh-keygen can sign with; None for a security key, which is made in software here."""

    @property
    def public(self) -> PublicKey:
        return from_blob(self.blob)

    def file(self, folder: Path) -> Path:
        """The private key, where ssh-keygen takes it."""
        assert self.private is not None
        place = folder / self.name
        raw = self.private.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.OpenSSH, ser.NoEncryption())
        place.write_bytes(raw)
        place.chmod(0o600)
        return place


@dataclass(frozen=True, kw_only=True)
class Fields:
    """An SSHSIG before it is written."""

    magic: bytes = MAGIC
    version: int = 1
    key: bytes
    namespace: bytes
    reserved: bytes = b""
    hashed: bytes
    inner: bytes
    tail: bytes = b""

    @property
    def blob(self) -> bytes:
        parts = (self.key, self.namespace, self.reserved, self.hashed, self.inner)
        return self.magic + self.version.to_bytes(4, "big") + b"".join(map(string, parts)) + self.tail


def signed(
    pair: Pair, message: bytes, namespace: str = APPROVER, hashed: str = "sha512", reserved: bytes = b""
) -> Fields:
    """What an honest client writes; with other arguments, what a forger does."""
    digest = hashlib.new(hashed, message).digest()
    parts = (namespace.encode(), reserved, hashed.encode(), digest)
    inner = pair.sign(MAGIC + b"".join(map(string, parts)))
    return Fields(key=pair.blob, namespace=namespace.encode(), reserved=reserved, hashed=hashed.encode(), inner=inner)


def ed25519_pair(name: str = "ed25519") -> Pair:
    private = ed25519.Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    kind = b"ssh-ed25519"

    def sign(data: bytes) -> bytes:
        return string(kind) + string(private.sign(data))

    return Pair(name=name, blob=string(kind) + string(raw), sign=sign, private=private)


def ecdsa_pair(curve: str = "nistp256") -> Pair:
    made, digest = CURVES[curve]
    private = ec.generate_private_key(made)
    kind = f"ecdsa-sha2-{curve}".encode()

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, ec.ECDSA(digest)))
        return string(kind) + string(mpint(r) + mpint(s))

    blob = string(kind) + string(curve.encode()) + string(_point(private))
    return Pair(name=curve, blob=blob, sign=sign, private=private)


def rsa_pair(bits: int = 2048, signature: str = "rsa-sha2-512", exponent: int = 65537) -> Pair:
    private = rsa.generate_private_key(exponent, bits)
    numbers = private.public_key().public_numbers()
    digest = {"rsa-sha2-256": hashes.SHA256(), "rsa-sha2-512": hashes.SHA512(), "ssh-rsa": hashes.SHA1()}[signature]  # noqa: S303 - must be refused

    def sign(data: bytes) -> bytes:
        return string(signature.encode()) + string(private.sign(data, padding.PKCS1v15(), digest))

    blob = string(b"ssh-rsa") + mpint(numbers.e) + mpint(numbers.n)
    return Pair(name=f"rsa{bits}-{signature}", blob=blob, sign=sign, private=private)


def sk_ed25519_pair(flags: int = 1, counter: int = 7, application: bytes = b"ssh:") -> Pair:
    """A security key in software, PROTOCOL.u2f."""
    private = ed25519.Ed25519PrivateKey.generate()
    kind = b"sk-ssh-ed25519@openssh.com"
    state = bytes([flags]) + counter.to_bytes(4, "big")

    def sign(data: bytes) -> bytes:
        return string(kind) + string(private.sign(_assertion(application, state, data))) + state

    blob = string(kind) + string(private.public_key().public_bytes_raw()) + string(application)
    return Pair(name="sk-ed25519", blob=blob, sign=sign)


def sk_ecdsa_pair(flags: int = 1, counter: int = 7, application: bytes = b"ssh:") -> Pair:
    private = ec.generate_private_key(ec.SECP256R1())
    kind = b"sk-ecdsa-sha2-nistp256@openssh.com"
    state = bytes([flags]) + counter.to_bytes(4, "big")

    def sign(data: bytes) -> bytes:
        der = private.sign(_assertion(application, state, data), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(der)
        return string(kind) + string(mpint(r) + mpint(s)) + state

    blob = string(kind) + string(b"nistp256") + string(_point(private)) + string(application)
    return Pair(name="sk-ecdsa", blob=blob, sign=sign)


MAKERS: Mapping[str, Callable[[], Pair]] = {
    "ed25519": ed25519_pair,
    **{curve: partial(ecdsa_pair, curve) for curve in CURVES},
    "rsa2048": rsa_pair,
    "rsa3072-sha256": partial(rsa_pair, 3072, "rsa-sha2-256"),
    "sk-ed25519": sk_ed25519_pair,
    "sk-ecdsa": sk_ecdsa_pair,
}
"""One of each sort that is accepted."""


def unread_line(pair: Pair) -> str:
    """The .pub line of an RSA key that is too weak to be a PublicKey."""
    return f"ssh-rsa {base64.b64encode(pair.blob).decode('ascii')}"


def keygen(*arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """The real ssh-keygen, in UTC's opposite corner so that local time shows."""
    return subprocess.run(
        ["ssh-keygen", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        timeout=60,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "TZ": "Pacific/Kiritimati"},
    )


def keygen_signs(key: Path, message: bytes, namespace: str = APPROVER, hashed: str = "sha512") -> str:
    """The armored signature that ssh-keygen makes."""
    done = keygen("-q", "-Y", "sign", "-f", str(key), "-n", namespace, "-O", f"hashalg={hashed}", stdin=message)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode("ascii")


def _point(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(ser.Encoding.X962, ser.PublicFormat.UncompressedPoint)


def _assertion(application: bytes, state: bytes, data: bytes) -> bytes:
    return hashlib.sha256(application).digest() + state + hashlib.sha256(data).digest()
