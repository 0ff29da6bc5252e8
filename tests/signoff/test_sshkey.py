"""Public keys: what ssh-keygen prints and reads is read; what is almost a key is refused."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from readiness.signoff.curves import CURVES, on_ed25519
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.sshkey import PublicKey, from_blob, parse_public_key
from readiness.signoff.wire import MAX_BLOB, Reader, mpint, string
from tests.signoff.sshkeys import MAKERS, ecdsa_pair, ed25519_pair, keygen, rsa_pair, sk_ed25519_pair

P = 2**255 - 19
SMALL_ORDER = (
    "00" * 32,
    "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" + "ff" * 30 + "7f",
)


def refusal(blob: bytes) -> Code:
    with pytest.raises(SignOffError) as caught:
        from_blob(blob)
    return caught.value.code


def listed(line: str, folder: Path) -> str:
    """The fingerprint as ssh-keygen prints it; empty where it refuses the key."""
    (folder / "key.pub").write_text(f"{line}\n", "utf-8")
    done = keygen("-l", "-f", "key.pub", cwd=folder)
    return done.stdout.decode("utf-8").split()[1] if done.returncode == 0 else ""


@pytest.mark.parametrize("name", MAKERS)
def test_fingerprints_are_those_of_ssh_keygen(name: str, tmp_path: Path) -> None:
    key = MAKERS[name]().public
    assert key.fingerprint == listed(key.line, tmp_path)
    assert parse_public_key(f"{key.line} Carol C.\n") == key
    assert parse_public_key(f"\t{key.line}\tCarol  C. \r\n").comment == "Carol  C."


@pytest.mark.parametrize(
    ("kind", "bits"), [("ed25519", 256), ("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("rsa", 2048), ("rsa", 4096)]
)
def test_keys_made_by_ssh_keygen(kind: str, bits: int, tmp_path: Path) -> None:
    done = keygen("-q", "-t", kind, "-b", str(bits), "-N", "", "-C", "a person", "-f", "key", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    line = (tmp_path / "key.pub").read_text("utf-8")
    key = parse_public_key(line)
    assert f"{key.line} {key.comment}\n" == line
    assert key.fingerprint == listed(line, tmp_path)


def test_a_key_is_the_same_under_another_comment() -> None:
    key = ed25519_pair().public
    assert parse_public_key(f"{key.line} a") == parse_public_key(f"{key.line} b")
    assert len({parse_public_key(f"{key.line} {comment}") for comment in "abc"}) == 1


@pytest.mark.parametrize("name", MAKERS)
def test_every_cut_of_a_key_is_refused(name: str) -> None:
    blob = MAKERS[name]().blob
    assert {refusal(blob[:size]) for size in range(len(blob))} == {Code.MALFORMED}
    assert refusal(blob + b"\0") is Code.MALFORMED


@pytest.mark.parametrize("kind", [b"ssh-dss", b"ssh-ed25519-cert-v01@openssh.com", b"ssh-ed448", b"", b"webauthn"])
def test_other_types(kind: bytes) -> None:
    assert refusal(string(kind) + string(bytes(32))) is Code.KEY_ALG


def test_a_certificate_is_told_apart(tmp_path: Path) -> None:
    for name in ("ca", "key"):
        assert keygen("-q", "-t", "ed25519", "-N", "", "-f", name, cwd=tmp_path).returncode == 0
    assert keygen("-q", "-s", "ca", "-I", "x", "-n", "carol", "key.pub", cwd=tmp_path).returncode == 0
    with pytest.raises(SignOffError, match="certificate; list the key itself") as caught:
        parse_public_key((tmp_path / "key-cert.pub").read_text("utf-8"))
    assert caught.value.code is Code.KEY_ALG


def test_short_rsa_keys() -> None:
    assert refusal(rsa_pair(1024).blob) is Code.WEAK_KEY
    assert refusal(string(b"ssh-rsa") + mpint(65537) + mpint(2**2047 - 1)) is Code.WEAK_KEY
    from_blob(string(b"ssh-rsa") + mpint(65537) + mpint(2**2047 + 1))


@pytest.mark.parametrize(
    ("e", "n"),
    [
        (0, 2**2048 - 1),
        (1, 2**2048 - 1),
        (4, 2**2048 - 1),
        (65537, 2**2048 - 2),
        (2**64 + 1, 2**2048 - 1),
        (65537, 2**16384 + 1),
    ],
    ids=["zero", "one", "even", "even modulus", "long exponent", "long modulus"],
)
def test_numbers_that_are_no_rsa_key(e: int, n: int) -> None:
    assert refusal(string(b"ssh-rsa") + mpint(e) + mpint(n)) is Code.MALFORMED


@pytest.mark.parametrize("raw", [b"", b"\0", b"\0\x01", b"\xff", b"\0\0\x80"])
def test_a_number_has_one_encoding(raw: bytes) -> None:
    with pytest.raises(SignOffError) as caught:
        Reader(string(raw), "it").mpint("number")
    assert caught.value.code is Code.MALFORMED
    assert refusal(string(b"ssh-rsa") + string(raw) + mpint(2**2048 - 1)) is Code.MALFORMED


@pytest.mark.parametrize("number", [1, 127, 128, 255, 256, 2**31, 2**521 - 1])
def test_numbers_come_back(number: int) -> None:
    assert Reader(mpint(number), "it").mpint("number") == number


def test_points_beside_the_curve() -> None:
    for name, curve in CURVES.items():
        pair = ecdsa_pair(name)
        head, point = pair.blob[: -1 - 2 * curve.size], pair.blob[-1 - 2 * curve.size :]
        y = int.from_bytes(point[-curve.size :], "big")
        changed = {
            bytes([point[0]]) + point[1:-1] + bytes([point[-1] ^ 1]),
            b"\x02" + point[1:],
            b"\x04" + bytes(2 * curve.size),
            b"\x04" + point[1 + curve.size :] + point[1 : 1 + curve.size],
            b"\0" * len(point),
        }
        assert all(refusal(head + other) is Code.MALFORMED for other in changed)
        mirrored = point[: -curve.size] + (curve.p - y).to_bytes(curve.size, "big")
        from_blob(head + mirrored)
        compressed = bytes([2 + y % 2]) + point[1 : 1 + curve.size]
        assert refusal(head[:-4] + string(compressed)) is Code.MALFORMED


def test_a_coordinate_beyond_the_field_is_refused() -> None:
    curve = CURVES["nistp256"]
    assert not curve.has(b"\x04" + (curve.p + 5).to_bytes(32, "big") + bytes(32))


def test_a_curve_under_another_name() -> None:
    blob = ecdsa_pair("nistp256").blob
    assert refusal(blob.replace(b"nistp256", b"nistp384")) is Code.MALFORMED
    assert refusal(blob.replace(b"\x08nistp256", b"\x08nistp384")) is Code.MALFORMED


def test_ed25519_points_of_small_order() -> None:
    """The list of libsodium (ge25519_has_small_order), each with both signs of x, and y that are not reduced."""
    for known in SMALL_ORDER:
        y = int.from_bytes(bytes.fromhex(known), "little")
        assert refusal(_ed25519(y)) is Code.MALFORMED
        assert refusal(_ed25519(y + 2**255)) is Code.MALFORMED
    assert all(refusal(_ed25519(y + P)) is Code.MALFORMED for y in range(19))


def test_ed25519_points_beside_the_curve(tmp_path: Path) -> None:
    """About every second y is none; the library that verifies agrees with each verdict."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    assert [on_ed25519(y.to_bytes(32, "little")) for y in range(2, 12)].count(True) in range(2, 9)
    made = (Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(200))
    assert all(map(on_ed25519, made))
    assert not on_ed25519(bytes(31))
    assert listed(ed25519_pair().public.line, tmp_path)


def test_a_security_key_says_what_it_is_for() -> None:
    assert sk_ed25519_pair(application=b"ssh:work").public.type == "sk-ssh-ed25519@openssh.com"
    assert refusal(sk_ed25519_pair(application=b"https://example.com").blob) is Code.MALFORMED
    assert refusal(sk_ed25519_pair(application=b"ssh:\n").blob) is Code.MALFORMED


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-ed25519 !!!!",
        "ssh-ed25519 AAAA",
        "AAAAC3NzaC1lZDI1NTE5 x",
        "\0 AAAA",
        "a b",
    ],
)
def test_lines_that_are_no_key(line: str) -> None:
    with pytest.raises(SignOffError) as caught:
        parse_public_key(line)
    assert caught.value.code is Code.MALFORMED


def test_the_word_before_the_key_must_fit() -> None:
    key = ed25519_pair().public
    for word in ("ssh-rsa", "SSH-ED25519", "ED25519"):
        with pytest.raises(SignOffError, match="but its base64 holds ssh-ed25519"):
            parse_public_key(key.line.replace("ssh-ed25519", word))


def test_two_lines_are_not_one_key() -> None:
    key = ed25519_pair().public
    with pytest.raises(SignOffError, match="no public key"):
        parse_public_key(f"{key.line}\n{key.line}\n")


def test_bounds() -> None:
    assert refusal(bytes(MAX_BLOB + 1)) is Code.MALFORMED
    with pytest.raises(SignOffError, match="at most"):
        parse_public_key("ssh-rsa " + "A" * (2 * MAX_BLOB + 4))


def _ed25519(number: int) -> bytes:
    return string(b"ssh-ed25519") + string((number % 2**256).to_bytes(32, "little"))


def test_what_a_key_says_of_itself() -> None:
    key: PublicKey = ed25519_pair().public
    assert base64.b64decode(key.line.split()[1]) == key.blob
