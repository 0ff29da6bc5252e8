"""DSSE envelopes (github.com/secure-systems-lab/dsse, protocol.md and envelope.md v1.0.2)."""

from __future__ import annotations

import binascii
from typing import Any, NamedTuple

from readiness.signoff import strict_json
from readiness.signoff.model import PAYLOAD_TYPE, Code, SignOffError
from readiness.signoff.wire import exact_base64

MAX_SIGNATURES = 32
_WHAT = "the envelope"
_STANDARD = str.maketrans("-_", "+/")


class Signature(NamedTuple):
    """One signature of an envelope."""

    sig: bytes
    """The SSHSIG blob of the PAE."""
    keyid: str | None = None
    """A hint that proves nothing: the fingerprint, as written by us."""


class Envelope(NamedTuple):
    """Bytes, what they are, and who signed both."""

    payload: bytes
    signatures: tuple[Signature, ...]
    payload_type: str = PAYLOAD_TYPE

    @property
    def pae(self) -> bytes:
        """What is signed."""
        return pae(self.payload_type, self.payload)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding of protocol.md: ``DSSEv1 <length> <type> <length> <payload>``."""
    name = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def read(line: bytes) -> Envelope:
    """The envelope in a line of JSON; fields that the specification does not know are ignored.

    Both alphabets of base64 are taken, padded or not (envelope.md). Raises SignOffError(MALFORMED).
    """
    fields = strict_json.loads(line, _WHAT)
    if not isinstance(fields, dict):
        raise _malformed("is no JSON object")
    signatures = fields.get("signatures")
    if not isinstance(signatures, list) or not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise _malformed(f"has no `signatures`: a list of 1 to {MAX_SIGNATURES} is expected")
    return Envelope(
        payload_type=_text(fields, "payloadType"),
        payload=_bytes(fields, "payload"),
        signatures=tuple(map(_signature, signatures)),
    )


def write(envelope: Envelope) -> bytes:
    """One line of JSON, without the newline."""
    import json

    signatures = [
        {**({} if one.keyid is None else {"keyid": one.keyid}), "sig": _base64(one.sig)} for one in envelope.signatures
    ]
    fields = {
        "payload": _base64(envelope.payload),
        "payloadType": envelope.payload_type,
        "signatures": signatures,
    }
    return json.dumps(fields, separators=(",", ":")).encode("ascii")


def _signature(fields: Any) -> Signature:
    if not isinstance(fields, dict):
        raise _malformed("has a signature that is no JSON object")
    keyid = None if fields.get("keyid") is None else _text(fields, "keyid")
    return Signature(keyid=keyid, sig=_bytes(fields, "sig"))


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise _malformed(f"has no `{name}`: a string is expected")
    return value


def _bytes(fields: dict[str, Any], name: str) -> bytes:
    """A field in base64; the two alphabets may not be mixed."""
    text = _text(fields, name)
    if not text.isascii() or (set("-_") & set(text) and set("+/") & set(text)):
        raise _malformed(f"has no base64 in its `{name}`: characters of no alphabet, or of two")
    padded = text if text.endswith("=") else text + "=" * (-len(text) % 4)
    return exact_base64(padded.translate(_STANDARD), f"`{name}` of {_WHAT}")


def _base64(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).decode("ascii")


def _malformed(found: str) -> SignOffError:
    return SignOffError(Code.MALFORMED, f"{_WHAT} {found}")
