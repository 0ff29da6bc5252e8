"""Certificates of every kind, made at run time: authorities below authorities, and what they issue."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def private(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @classmethod
    def root(cls, name: str = "Test Root", *, days: float = 3650) -> Self:
        """An authority that signed itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(certificate=_sign(name, key, (name, key), days=days, authority=True), key=key)

    def authority(self, name: str = "Test Intermediate", *, days: float = 3650) -> Self:
        """An authority below this one."""
        key = ec.generate_private_key(ec.SECP256R1())
        return type(self)(certificate=_sign(name, key, self._signer, days=days, authority=True), key=key)

    def server(
        self,
        *names: str,
        days: float = 90,
        begins: float = -30,
        key: Key | None = None,
    ) -> Self:
        """A server's certificate."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        made = _sign(names[0], key, self._signer, days=days, begins=begins, names=names)
        return type(self)(certificate=made, key=key)

    @property
    def _signer(self) -> tuple[str, Key]:
        (name,) = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(name.value), self.key

    def context(self, folder: Path, *others: Issued) -> ssl.SSLContext:
        """A server's side that sends this certificate and then others."""
        file = folder / f"{self.certificate.serial_number}.pem"
        file.write_bytes(self.private + self.pem + b"".join(other.pem for other in others))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")  # a server may be weaker than its client
        context.load_cert_chain(file)
        return context

    def file(self, folder: Path) -> Path:
        """As a file that a client may trust."""
        place = folder / f"{self.certificate.serial_number}-trusted.pem"
        place.write_bytes(self.pem)
        return place


def self_signed(*names: str) -> Issued:
    """A server's certificate that nobody else signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    return Issued(certificate=_sign(names[0], key, (names[0], key), days=90, names=names), key=key)


def _sign(
    name: str,
    key: Key,
    signer: tuple[str, Key],
    *,
    days: float,
    begins: float = -30,
    names: Sequence[str] = (),
    authority: bool = False,
) -> x509.Certificate:
    ends = datetime.now(UTC) + timedelta(days=days)
    issuer, signing = signer
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(datetime.now(UTC) + timedelta(days=begins), ends - timedelta(days=30)))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(_usage(signs=authority), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(text) for text in names]), critical=False)
    return builder.sign(signing, hashes.SHA256())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
