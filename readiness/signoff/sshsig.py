"""Signatures of ``ssh-keygen -Y sign`` (OpenSSH PROTOCOL.sshsig), verified with `cryptography`.

Never accepts what ``ssh-keygen -Y verify`` refuses, and refuses more: SHA-1, a filled reserved field, a security key
that nobody touched. tests/signoff/test_sshsig_fuzz.py compares the two.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from typing import NamedTuple

from readiness.signoff.model import Code, SignOffError
from readiness.signoff.sshkey import Ecdsa, Ed25519, PublicKey, Rsa, from_blob
from readiness.signoff.wire import MAX_BLOB, Reader, base64, string

MAGIC = b"SSHSIG"
VERSION = 1
HASHES = ("sha256", "sha512")
_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_COLUMNS = 70
_ARMOR = re.compile(rf"{_BEGIN}\n((?:[A-Za-z0-9+/=]+\n)+){_END}[\r\n]*")
_USER_PRESENT = 0x01
"""Flag of an authenticator, see WebAuthn level 2 section 6.1."""
_RSA_HASH: Mapping[str, str] = {"rsa-sha2-256": "SHA256", "rsa-sha2-512": "SHA512"}
_CURVE: Mapping[str, tuple[str, str]] = {
    "nistp256": ("SECP256R1", "SHA256"),
    "nistp384": ("SECP384R1", "SHA384"),
    "nistp521": ("SECP521R1", "SHA512"),
}


class SshSig(NamedTuple):
    """A signature as it was read; nothing is verified yet."""

    version: int
    key: PublicKey
    namespace: str
    reserved: bytes
    hash_algorithm: str
    signature_type: str
    signature: bytes
    """The inner signature: 64 bytes (Ed25519), two mpints (ECDSA), or as long as the modulus (RSA)."""
    flags: int | None = None
    """What a security key vouches for; None for other keys."""
    counter: int | None = None
    """How often a security key has signed."""


def dearmor(text: str) -> bytes:
    """The blob of a ``-----BEGIN SSH SIGNATURE-----`` text. Raises SignOffError(MALFORMED)."""
    found = _ARMOR.fullmatch(text) if len(text) <= 2 * MAX_BLOB else None
    if not found:
        raise SignOffError(Code.MALFORMED, f"the signature is not {_BEGIN}, lines of base64, {_END}")
    return base64("".join(found[1].split()), "the signature")


def armor(blob: bytes) -> str:
    """The text that ssh-keygen writes and reads."""
    body = binascii.b2a_base64(blob, newline=False).decode("ascii")
    lines = (body[start : start + _COLUMNS] for start in range(0, len(body), _COLUMNS))
    return "\n".join((_BEGIN, *lines, _END, ""))


def parse(blob: bytes) -> SshSig:
    """The fields of a signature. Raises SignOffError: MALFORMED, KEY_ALG, WEAK_KEY."""
    if len(blob) > MAX_BLOB:
        raise SignOffError(Code.MALFORMED, f"the signature has {len(blob):,} bytes; at most {MAX_BLOB:,} are read")
    reader = Reader(blob, "the signature")
    if reader.take(len(MAGIC), "preamble") != MAGIC:
        raise reader.malformed("does not begin with SSHSIG")
    version = reader.uint32("version")
    if version != VERSION:
        raise reader.malformed(f"has version {version}; {VERSION} is expected")
    key = from_blob(reader.string("key"))
    namespace, reserved, hashed = reader.text("namespace"), reader.string("reserved field"), reader.text("hash")
    inner = Reader(reader.string("signature"), "the inner signature")
    reader.end()
    kind, signature = inner.text("type"), inner.string("value")
    hardware = key.type.startswith("sk-")
    flags, counter = (inner.byte("flags"), inner.uint32("counter")) if hardware else (None, None)
    inner.end()
    return SshSig(
        version=version,
        key=key,
        namespace=namespace,
        reserved=reserved,
        hash_algorithm=hashed,
        signature_type=kind,
        signature=signature,
        flags=flags,
        counter=counter,
    )


def verify(sig: SshSig, message: bytes, *, namespace: str) -> None:
    """Return where the key of `sig` signed this message for this namespace.

    Says nothing of whose key it is; see signers.py. Raises SignOffError: NAMESPACE, KEY_ALG, HASH_ALG, MALFORMED,
    SIG_INVALID.
    """
    if sig.namespace != namespace:
        raise SignOffError(Code.NAMESPACE, f"signed for {sig.namespace!r}; {namespace!r} is expected")
    if sig.reserved:
        raise SignOffError(Code.MALFORMED, "the reserved field of the signature is not empty")
    _check_algorithms(sig)
    signed = _to_be_signed(sig, message)
    if not _matches(sig, signed):
        raise SignOffError(
            Code.SIG_INVALID, f"the signature is not one of these bytes by the key {sig.key.fingerprint}"
        )


def _check_algorithms(sig: SshSig) -> None:
    if sig.hash_algorithm not in HASHES:
        raise SignOffError(Code.HASH_ALG, f"the message is hashed with {sig.hash_algorithm!r}; sha512 is expected")
    if sig.signature_type == "ssh-rsa":
        raise SignOffError(Code.HASH_ALG, "the signature is RSA with SHA-1; sign with rsa-sha2-512")
    expected = tuple(_RSA_HASH) if sig.key.type == "ssh-rsa" else (sig.key.type,)
    if sig.signature_type not in expected:
        raise SignOffError(
            Code.KEY_ALG, f"a key of type {sig.key.type} does not make signatures of type {sig.signature_type!r}"
        )
    if sig.flags is not None and not sig.flags & _USER_PRESENT:
        raise SignOffError(Code.SIG_INVALID, "nobody touched the security key that signed; sign again and touch it")


def _to_be_signed(sig: SshSig, message: bytes) -> bytes:
    """PROTOCOL.sshsig section 3; around it what a security key adds, PROTOCOL.u2f "SSH U2F signatures"."""
    import hashlib

    digest = hashlib.new(sig.hash_algorithm, message).digest()
    fields = (sig.namespace.encode("ascii"), b"", sig.hash_algorithm.encode("ascii"), digest)
    signed = MAGIC + b"".join(string(value) for value in fields)
    material = sig.key.material
    if isinstance(material, Rsa) or material.application is None:
        return signed
    application = hashlib.sha256(material.application.encode("ascii")).digest()
    state = bytes([sig.flags or 0]) + (sig.counter or 0).to_bytes(4, "big")
    return application + state + hashlib.sha256(signed).digest()


def _matches(sig: SshSig, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature

    material = sig.key.material
    try:
        match material:
            case Ed25519():
                _verify_ed25519(material, sig.signature, signed)
            case Ecdsa():
                _verify_ecdsa(material, sig.signature, signed)
            case Rsa():
                _verify_rsa(material, _RSA_HASH[sig.signature_type], sig.signature, signed)
    except InvalidSignature:
        return False
    return True


def _verify_ed25519(key: Ed25519, signature: bytes, signed: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Ed25519PublicKey.from_public_bytes(key.point).verify(signature, signed)


def _verify_ecdsa(key: Ecdsa, signature: bytes, signed: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    reader = Reader(signature, "the ECDSA signature")
    r, s = reader.mpint("r"), reader.mpint("s")
    reader.end()
    curve, digest = _CURVE[key.curve]
    public = ec.EllipticCurvePublicKey.from_encoded_point(getattr(ec, curve)(), key.point)
    public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(getattr(hashes, digest)()))


def _verify_rsa(key: Rsa, digest: str, signature: bytes, signed: bytes) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    # Some agents cut zero bytes off the front; OpenSSH puts them back (ssh_rsa_verify)
    whole = signature.rjust((key.n.bit_length() + 7) // 8, b"\0")
    public = rsa.RSAPublicNumbers(key.e, key.n).public_key()
    public.verify(whole, signed, padding.PKCS1v15(), getattr(hashes, digest)())
