"""Inspecting DKIM keys: RFC 6376 3.6.1, RFC 8301 and RFC 8463."""

from __future__ import annotations

import base64
import doctest
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.mail import dkim
from readiness.mail.dkim import DkimKey, inspect_key

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - many providers' keys are so small
EDWARDS = ed25519.Ed25519PrivateKey.generate()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def der(tag: int, body: bytes) -> bytes:
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + body


def integer(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def tiny(bits: int, *, exponent: int = 65537, wrapped: bool = True) -> str:
    """A key of a size that the library refuses to make."""
    bare = der(0x30, integer((1 << (bits - 1)) + 12345) + integer(exponent))
    algorithm = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return b64(der(0x30, algorithm + der(3, b"\0" + bare)) if wrapped else bare)


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


P = b64(public(KEY))
GOOD = f"v=DKIM1; k=rsa; p={P}"
PKCS1 = b64(KEY.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1))
RAW = b64(EDWARDS.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
PEM = KEY.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
SECRETS = [
    key.private_bytes(Encoding.DER, form, serialization.NoEncryption())
    for key, form in (
        (KEY, serialization.PrivateFormat.PKCS8),
        (KEY, serialization.PrivateFormat.TraditionalOpenSSL),
        (EDWARDS, serialization.PrivateFormat.PKCS8),
    )
]


def codes(key: DkimKey) -> list[str]:
    return [problem.code for problem in key.problems]


@pytest.mark.parametrize(
    ("record", "kind", "bits", "encoding"),
    [
        (GOOD, "rsa", 2048, "SubjectPublicKeyInfo"),
        (f"v=DKIM1; p={P}", "rsa", 2048, "SubjectPublicKeyInfo"),
        (f"p={P}", "rsa", 2048, "SubjectPublicKeyInfo"),
        (f"k=rsa;p={P};", "rsa", 2048, "SubjectPublicKeyInfo"),
        (f"v=DKIM1; p={b64(public(SMALL))}", "rsa", 1024, "SubjectPublicKeyInfo"),
        (f"v=DKIM1; p={PKCS1}", "rsa", 2048, "RSAPublicKey"),
        (f"v=DKIM1; k=ed25519; p={RAW}", "ed25519", 256, "raw"),
        (f" v = DKIM1 ;\tk = rsa ; p = {P[:100]} {P[100:]} ; ", "rsa", 2048, "SubjectPublicKeyInfo"),
        (f'v=DKIM1; n=made by "us"; h=sha1:sha256; s=email; x=y; p={P}', "rsa", 2048, "SubjectPublicKeyInfo"),
        (f"v=DKIM1; s=*; t=s:z; h= sha256 ; p={P}", "rsa", 2048, "SubjectPublicKeyInfo"),
    ],
)
def test_keys_that_verifiers_accept(record: str, kind: str, bits: int, encoding: str) -> None:
    key = inspect_key([record])
    assert key.problems == ()
    assert (key.valid, key.key_type, key.bits, key.encoding) == (True, kind, bits, encoding)
    assert (key.revoked, key.testing, key.private) == (False, False, False)
    assert key == inspect_key([record.encode()])


@pytest.mark.parametrize(
    ("record", "code", "said"),
    [
        ("v=DKIM1; p=", "revoked", "the key is revoked"),
        ("v=DKIM1; k=rsa; p= ; t=y", "revoked", "the key is revoked"),
        (f"k=rsa; v=DKIM1; p={P}", "version", "not as the first tag"),
        (f"v=DKIM2; p={P}", "version", "'DKIM2'"),
        (f"v=dkim1; p={P}", "version", "'dkim1'"),
        (f"v=DKIM1 k=rsa; p={P}", "version", "a semicolon is missing"),
        ("v=DKIM1; k=rsa", "no_key", "no p="),
        (f"v=DKIM1; P={P}", "no_key", "no p="),
        ("v=spf1 -all", "version", "'spf1 -all'"),
        ("google-site-verification=abc", "syntax", "is no tag=value"),
        ("hello", "not_dkim", "no DKIM key"),
        ("", "not_dkim", "no DKIM key"),
        (f"v=DKIM1; k=dsa; p={P}", "key_type", "k=dsa"),
        (f"v=DKIM1; k=RSA; p={P}", "key_type", "k=RSA"),
        (f"v=DKIM1; k=ed25519; p={P}", "key_type", "the key is RSA"),
        (f"v=DKIM1; k=rsa; p={RAW}", "key_type", "the key is Ed25519"),
        (f"v=DKIM1; p={RAW}", "key_type", "k=ed25519 is not there"),
        (f"v=DKIM1; k=ed25519; p={b64(public(EDWARDS))}", "encoding", "32 bytes"),
        (f"v=DKIM1; k=ed25519; p={RAW[:20]}", "truncated", "32 bytes, p= holds 15"),
        (f"v=DKIM1; p={b64(public(ec.generate_private_key(ec.SECP256R1())))}", "key_type", "elliptic curve"),
        (f"v=DKIM1; h=sha1; p={P}", "hash", "sha256"),
        (f"v=DKIM1; s=tlsrpt; p={P}", "service", "not for email"),
        (f"v=DKIM1; p={tiny(512)}", "weak", "512 bits"),
        (f"v=DKIM1; p={tiny(512, wrapped=False)}", "weak", "512 bits"),
        (f"v=DKIM1; p={tiny(768)}", "weak", "768 bits"),
        (f"v=DKIM1; p={tiny(1023)}", "weak", "1023 bits"),
        (f"v=DKIM1; p={tiny(2048, exponent=1)}", "exponent", "exponent"),
        (f"v=DKIM1; p={tiny(2048, exponent=4)}", "exponent", "exponent"),
        (f"v=DKIM1; p={P}; p={P}", "duplicate_tag", "2 times"),
        (f"v=DKIM1;; p={P}", "syntax", "two semicolons"),
        (GOOD[:255], "truncated", "panels cut strings at 255"),
        (GOOD[:200], "truncated", "cut off"),
        (f"{GOOD}A", "base64", "'='") if P.endswith("=") else (f"{GOOD}A", "padding", "lacks"),
        (f"v=DKIM1; p={b64(public(KEY) + b'xyz')}", "trailing", "3 bytes"),
        (f"v=DKIM1; p={P.rstrip('=')}" if P.endswith("=") else f"v=DKIM1; p={P}===", "padding", "lacks"),
        (f"v=DKIM1; p={P[:50]}-{P[51:]}", "base64", "'-'"),
        (f"v=DKIM1; p={b64(b'hello world')}", "not_a_key", "no public key"),
        (f"v=DKIM1; p={b64(bytes([0x30, 0x80, 0, 0]))}", "not_a_key", "no public key"),
        (f"v=DKIM1; p={b64(der(0x30, der(0x30, integer(7))))}", "not_a_key", "certificate"),
        (f"v=DKIM1; p=-----BEGIN PUBLIC KEY-----{P}-----END PUBLIC KEY-----", "pem", "PEM"),
        (f'"{GOOD}"', "stray_quotes", "quotes"),
        (f'v=DKIM1; k=rsa; p="{P}"', "stray_quotes", "quotes"),
        (GOOD.replace(";", "\\;"), "stray_backslash", "\\"),
        (f"v=DKIM1; k=rsa; p=\u201c{P}\u201d", "stray_quotes", "\u201c"),
        (GOOD.replace(" ", "\u00a0"), "characters", "copied from a web page"),
    ],
)
def test_what_verifiers_refuse(record: str, code: str, said: str) -> None:
    key = inspect_key([record])
    assert not key.valid
    assert code in codes(key)
    assert said in " ".join(map(str, key.problems))


def test_facts_are_told_beside_a_problem() -> None:
    assert inspect_key([f'"{GOOD}"']).bits == 2048
    assert inspect_key([f"v=DKIM1; p={tiny(512)}"]).bits == 512
    assert inspect_key(["v=DKIM1; k=ed25519; p="]).key_type == "ed25519"
    assert inspect_key(["v=DKIM1; p="]).revoked


def test_flags_and_lists() -> None:
    key = inspect_key([f"v=DKIM1; t= y : s; h=sha1:sha256; s=email:*; p={P}"])
    assert (key.valid, key.testing, key.strict) == (True, True, True)
    assert (key.hashes, key.services) == (("sha1", "sha256"), ("email", "*"))
    assert key.tags[0] == ("v", "DKIM1")
    assert inspect_key([GOOD]).services == ("*",)
    assert not inspect_key([f"v=DKIM1; t=Y; p={P}"]).testing


def test_the_minimum_can_be_raised() -> None:
    record = f"v=DKIM1; p={b64(public(SMALL))}"
    assert codes(inspect_key([record], min_bits=2048)) == ["weak"]
    assert codes(inspect_key([GOOD], min_bits=2048)) == []
    assert codes(inspect_key([f"v=DKIM1; k=ed25519; p={RAW}"], min_bits=2048)) == []


def test_no_record_and_several() -> None:
    assert codes(inspect_key([])) == ["missing"]
    assert inspect_key([]).record is None
    key = inspect_key(["v=spf1 -all", GOOD])
    assert (codes(key), key.bits, key.record) == (["two_records"], 2048, GOOD)


def test_a_record_can_be_given_as_its_strings() -> None:
    pieces = [GOOD[:255], GOOD[255:]]
    assert inspect_key([pieces]).valid
    assert inspect_key([[piece.encode() for piece in pieces]]).valid
    assert inspect_key([" ".join(f'"{piece}"' for piece in pieces)]).valid
    quoted = inspect_key([" ".join(f'"{piece}"' for piece in pieces).encode()])
    assert codes(quoted) == ["stray_quotes"]


@pytest.mark.parametrize("record", [PEM, f"v=DKIM1; p={PEM}", *(f"v=DKIM1; k=rsa; p={b64(one)}" for one in SECRETS)])
def test_a_private_key_is_recognised_and_never_repeated(record: str) -> None:
    for text in (record, record[:255]):
        key = inspect_key([text])
        assert (codes(key), key.private, key.valid) == (["private_key"], True, False)
        assert not any(text[at : at + 12] in repr(key) for at in range(60, len(text) - 12, 12))


@pytest.mark.parametrize(
    ("record", "note"),
    [
        (f"p={P}", "recommended"),
        (f"v=DKIM1; p={PKCS1}", "RSAPublicKey"),
        (f"v=DKIM1; p={tiny(8192)}", "4096"),
        (f"v=DKIM1; p={P[:9]} {P[9:]}", "white space"),
    ],
)
def test_notes(record: str, note: str) -> None:
    key = inspect_key([record])
    assert key.valid
    assert note in " ".join(key.notes)


TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            ["v=DKIM1", "k=rsa", "k=ed25519", "t=y", "p=", f"p={P}", "=", '"', "\\", " ", "h=", "s=", P[:9]]
        ),
        max_size=8,
    ).map("; ".join),
    st.binary(max_size=200).map(lambda data: f"v=DKIM1; p={b64(data)}"),
    st.binary(max_size=60).map(lambda data: f"v=DKIM1; p={b64(der(0x30, data))}"),
)


@settings(max_examples=300)
@given(st.lists(st.one_of(TEXTS, st.binary(max_size=80), st.lists(TEXTS, max_size=3)), max_size=3))
def test_no_content_is_too_strange(records: list[str | bytes | list[str]]) -> None:
    key = inspect_key(records)
    assert key.valid == (not key.problems)
    if key.valid:
        assert key.key_type == "ed25519" or (key.bits or 0) >= 1024


@settings(max_examples=150)
@given(st.integers(1, len(P) - 1))
def test_a_key_that_is_cut_anywhere_is_no_key(end: int) -> None:
    assert not inspect_key([f"v=DKIM1; p={P[:end]}"]).valid


@settings(max_examples=100)
@given(st.integers(16, 4200), st.booleans())
def test_every_size_is_measured(bits: int, wrapped: bool) -> None:
    key = inspect_key([f"v=DKIM1; p={tiny(bits, wrapped=wrapped)}"])
    assert (key.bits, key.valid) == (bits, bits >= 1024)


@pytest.mark.parametrize(
    "record",
    ["a=;" * 21_000, ";" * 64_000, "-" * 64_000, "v=DKIM1; p=" + "-BEGIN" * 10_000, '"a" ' * 16_000, " " * 64_000],
)
def test_a_record_of_64_kilobytes_costs_no_second(record: str) -> None:
    began = time.thread_time()
    key = inspect_key([record])
    assert time.thread_time() - began < 1.0
    assert not key.valid
    assert len(key.problems) < 20


def test_the_examples_of_the_module() -> None:
    assert doctest.testmod(dkim).failed == 0
