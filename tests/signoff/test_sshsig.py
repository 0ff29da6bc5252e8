"""Signatures by real keys: what is accepted, and every way in which one is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from readiness.signoff import sshsig
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.wire import MAX_BLOB, mpint, string
from tests.signoff.sshkeys import (
    APPROVER,
    COMPLETER,
    CURVES,
    MAKERS,
    Fields,
    Pair,
    ecdsa_pair,
    ed25519_pair,
    keygen_signs,
    rsa_pair,
    signed,
    sk_ecdsa_pair,
    sk_ed25519_pair,
)

MESSAGE = b"DSSEv1 28 application/vnd.in-toto+json 2 {}"
ED_ORDER = 2**252 + 27742317777372353535851937790883648493
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(scope="module")
def pair() -> Pair:
    return ed25519_pair()


@pytest.fixture(scope="module")
def honest(pair: Pair) -> Fields:
    return signed(pair, MESSAGE)


def verify(fields: Fields | bytes, message: bytes = MESSAGE, namespace: str = APPROVER) -> sshsig.SshSig:
    found = sshsig.parse(fields if isinstance(fields, bytes) else fields.blob)
    sshsig.verify(found, message, namespace=namespace)
    return found


def refusal(fields: Fields | bytes, message: bytes = MESSAGE, namespace: str = APPROVER) -> Code:
    with pytest.raises(SignOffError) as caught:
        verify(fields, message, namespace)
    assert caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.code


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("hashed", ["sha256", "sha512"])
def test_every_sort_of_key_signs(name: str, hashed: str) -> None:
    made = MAKERS[name]()
    fields = signed(made, MESSAGE, hashed=hashed)
    found = verify(fields)
    assert found.key == made.public
    assert (found.version, found.namespace, found.reserved, found.hash_algorithm) == (1, APPROVER, b"", hashed)
    assert refusal(fields, MESSAGE + b"\n") is Code.SIG_INVALID


@pytest.mark.parametrize("name", ["ed25519", *CURVES, "rsa2048"])
@pytest.mark.parametrize("hashed", ["sha256", "sha512"])
def test_what_ssh_keygen_signs(name: str, hashed: str, tmp_path: Path) -> None:
    made = MAKERS[name]()
    text = keygen_signs(made.file(tmp_path), MESSAGE, hashed=hashed)
    blob = sshsig.dearmor(text)
    assert sshsig.armor(blob) == text
    assert verify(blob).signature_type in {made.public.type, "rsa-sha2-512"}


def test_a_signature_for_another_purpose(honest: Fields, pair: Pair) -> None:
    assert refusal(honest, namespace=COMPLETER) is Code.NAMESPACE
    assert refusal(signed(pair, MESSAGE, namespace="git")) is Code.NAMESPACE
    assert refusal(replace(honest, namespace=COMPLETER.encode()), namespace=COMPLETER) is Code.SIG_INVALID
    assert refusal(replace(honest, namespace=APPROVER.encode() + b"\0")) is Code.MALFORMED


@pytest.mark.parametrize("hashed", ["sha1", "sha384", "md5", "sha3_512"])
def test_other_hashes(pair: Pair, hashed: str) -> None:
    assert refusal(signed(pair, MESSAGE, hashed=hashed)) is Code.HASH_ALG


@pytest.mark.parametrize("hashed", [b"", b"SHA512", b"sha512,sha256", b"sha256"])
def test_a_hash_that_was_relabelled(honest: Fields, hashed: bytes) -> None:
    assert refusal(replace(honest, hashed=hashed)) in {Code.HASH_ALG, Code.SIG_INVALID}


def test_rsa_with_sha1() -> None:
    assert refusal(signed(rsa_pair(2048, "ssh-rsa"), MESSAGE)) is Code.HASH_ALG


def test_a_short_rsa_key() -> None:
    assert refusal(signed(rsa_pair(1024), MESSAGE)) is Code.WEAK_KEY


def test_an_rsa_signature_says_which_hash_it_has() -> None:
    fields = signed(rsa_pair(2048, "rsa-sha2-256"), MESSAGE)
    assert refusal(replace(fields, inner=fields.inner.replace(b"2-256", b"2-512"))) is Code.SIG_INVALID


def test_an_rsa_signature_whose_front_zeros_were_cut() -> None:
    made = rsa_pair(2048)
    found = next(
        (message, fields)
        for message in (b"%d" % number for number in range(10_000))
        if (fields := signed(made, message)).inner[20] == 0
    )
    message, fields = found
    value = fields.inner[20:].lstrip(b"\0")
    verify(replace(fields, inner=string(b"rsa-sha2-512") + string(value)), message)
    longer = string(b"rsa-sha2-512") + string(b"\0" + fields.inner[20:])
    assert refusal(replace(fields, inner=longer), message) is Code.SIG_INVALID


def test_reserved_is_reserved(pair: Pair) -> None:
    assert refusal(signed(pair, MESSAGE, reserved=b"x")) is Code.MALFORMED


def test_versions(honest: Fields) -> None:
    assert {refusal(replace(honest, version=version)) for version in (0, 2, 2**31)} == {Code.MALFORMED}


def test_another_key(honest: Fields) -> None:
    assert refusal(replace(honest, key=ed25519_pair().blob)) is Code.SIG_INVALID
    assert refusal(replace(honest, key=ecdsa_pair().blob)) is Code.KEY_ALG


@pytest.mark.parametrize("kind", [b"ssh-dss", b"", b"rsa-sha2-512", b"SSH-ED25519", b"sk-ssh-ed25519@openssh.com"])
def test_another_type_of_signature(honest: Fields, kind: bytes) -> None:
    assert refusal(replace(honest, inner=string(kind) + honest.inner[15:])) is Code.KEY_ALG


def test_every_byte_counts(honest: Fields) -> None:
    blob = honest.blob
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 0x40
        assert refusal(bytes(changed)) in Code
        assert refusal(blob[:place]) is Code.MALFORMED
    assert refusal(blob + b"\0") is Code.MALFORMED
    assert refusal(replace(honest, inner=honest.inner + b"\0")) is Code.MALFORMED


def test_lengths_that_lie(honest: Fields) -> None:
    blob = honest.blob
    assert refusal(blob[:10] + b"\xff\xff\xff\xff" + blob[14:]) is Code.MALFORMED
    assert refusal(b"x" * (MAX_BLOB + 1)) is Code.MALFORMED


def test_an_ed25519_signature_has_one_form(honest: Fields) -> None:
    value = honest.inner[-64:]
    s = int.from_bytes(value[32:], "little") + ED_ORDER
    assert s < 2**256
    other = value[:32] + s.to_bytes(32, "little")
    assert refusal(replace(honest, inner=honest.inner[:-64] + other)) is Code.SIG_INVALID
    for cut in (0, 32, 63):
        inner = string(b"ssh-ed25519") + string(value[:cut])
        assert refusal(replace(honest, inner=inner)) is Code.SIG_INVALID


@pytest.mark.parametrize(("r", "s"), [(0, 0), (0, 1), (1, 0), (P256_ORDER, P256_ORDER), (1, P256_ORDER), (2**4000, 1)])
def test_ecdsa_numbers_out_of_range(r: int, s: int) -> None:
    fields = signed(ecdsa_pair(), MESSAGE)
    inner = string(b"ecdsa-sha2-nistp256") + string(mpint(r) + mpint(s))
    assert refusal(replace(fields, inner=inner)) in {Code.SIG_INVALID, Code.MALFORMED}


def test_ecdsa_numbers_in_other_encodings() -> None:
    fields = signed(ecdsa_pair(), MESSAGE)
    kind, value = fields.inner[:23], fields.inner[27:]
    size = int.from_bytes(value[:4], "big")
    r, s = value[4 : 4 + size], value[4 + size :]
    for value in (string(b"\0\0" + r) + s, string(r) + s + b"\0", string(b"\xff" + r) + s, string(b"") + s):
        assert refusal(replace(fields, inner=kind + string(value))) is Code.MALFORMED


def test_a_security_key_that_nobody_touched() -> None:
    for made in (sk_ed25519_pair(flags=0), sk_ecdsa_pair(flags=4)):
        assert refusal(signed(made, MESSAGE)) is Code.SIG_INVALID
    found = verify(signed(sk_ed25519_pair(flags=5, counter=2**32 - 1), MESSAGE))
    assert (found.flags, found.counter) == (5, 2**32 - 1)


def test_flags_and_counter_are_signed() -> None:
    for made in (sk_ed25519_pair(), sk_ecdsa_pair()):
        fields = signed(made, MESSAGE)
        for end in (b"\x05\0\0\0\x07", b"\x01\0\0\0\x08"):
            assert refusal(replace(fields, inner=fields.inner[:-5] + end)) is Code.SIG_INVALID
        assert refusal(replace(fields, inner=fields.inner[:-1])) is Code.MALFORMED
        assert refusal(replace(fields, inner=fields.inner + b"\0")) is Code.MALFORMED


def test_a_security_key_for_another_application() -> None:
    assert refusal(signed(sk_ed25519_pair(application=b"https://bank.example"), MESSAGE)) is Code.MALFORMED
    fields = signed(sk_ed25519_pair(application=b"ssh:work"), MESSAGE)
    verify(fields)
    assert refusal(replace(fields, key=fields.key.replace(b"ssh:work", b"ssh:home"))) is Code.SIG_INVALID


def test_armor_in_the_ways_that_people_send_it(honest: Fields) -> None:
    text = sshsig.armor(honest.blob)
    assert sshsig.dearmor(text.rstrip("\n")) == honest.blob
    assert sshsig.dearmor(text + "\n\n") == honest.blob


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-----BEGIN SSH", "-----BEGIN PGP"),
        ("-----BEGIN SSH", " -----BEGIN SSH"),
        ("-----END SSH SIGNATURE-----", ""),
        ("U1NIU0lH", "U1NI U0lH"),
        ("U1NIU0lH", "U1NIU0l_"),
        ("U1NIU0lH", "U1NIU0l\u0421"),
        ("U1NIU0lH", "U1NIU0lH=="),
        ("U1NIU0lH", "1NIU0lH"),
        ("U1NIU0lH", ""),
        ("\n", ""),
        ("\n", "\r\n"),  # ssh-keygen does not take it either
        ("-----END SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\nmore"),
    ],
)
def test_armor_that_is_none(honest: Fields, old: str, new: str) -> None:
    text = sshsig.armor(honest.blob)
    assert old in text
    with pytest.raises(SignOffError) as caught:
        sshsig.parse(sshsig.dearmor(text.replace(old, new)))
    assert caught.value.code is Code.MALFORMED


def test_armor_with_stray_bits() -> None:
    assert sshsig.dearmor(sshsig.armor(b"a")) == b"a"
    with pytest.raises(SignOffError, match="stray bits"):
        sshsig.dearmor(sshsig.armor(b"a").replace("YQ==", "YR=="))


def test_armor_without_end() -> None:
    with pytest.raises(SignOffError, match="BEGIN SSH SIGNATURE"):
        sshsig.dearmor("-----BEGIN SSH SIGNATURE-----\n" + "A" * 10_000_000)
