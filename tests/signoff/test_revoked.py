"""revoked_keys: every form is understood, and what is not stops everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.signoff.model import Code, SignOffError
from readiness.signoff.signers import parse_revoked
from tests.signoff.sshkeys import Pair, ed25519_pair, keygen, rsa_pair, unread_line


@pytest.fixture(scope="module")
def pair() -> Pair:
    return ed25519_pair()


def test_revoked_keys_in_all_their_forms(pair: Pair) -> None:
    public = pair.public
    forms = (
        public.line,
        f"  {public.line} laptop stolen",
        public.fingerprint,
        f"{public.fingerprint} # laptop stolen",
        f"key: {public.line}",
        f"sha256: {public.line} comment",
        f"sha1:{public.line}",
        f"hash: {public.fingerprint}",
    )
    for form in forms:
        assert parse_revoked(f"# gone\n\n{form}".encode()).contains(public), form
        assert not parse_revoked(form.encode()).contains(ed25519_pair().public)
    assert not parse_revoked(b"").contains(public)
    assert not parse_revoked(f"# {public.line}".encode()).contains(public)


def test_a_revoked_key_that_could_not_sign_anyhow_is_no_fault(tmp_path: Path) -> None:
    assert keygen("-q", "-t", "dsa", "-N", "", "-f", "key", cwd=tmp_path).returncode == 0
    dsa = (tmp_path / "key.pub").read_bytes()
    assert parse_revoked(dsa + f"{unread_line(rsa_pair(1024))}".encode()).fingerprints


@pytest.mark.parametrize(
    "line",
    ["carol@kamiyo.ai", "SHA256:short", "MD5:00:11", "serial: 1", "id: carol", "ssh-ed25519 AAAA", "KEYx", "xKEY"],
)
def test_a_revocation_that_cannot_be_read_stops_everything(line: str, pair: Pair) -> None:
    raw = f"# gone\n{line.replace('KEY', pair.public.line)}".encode()
    if line == "KEYx":
        raw = raw[:-1] + b"!"
    with pytest.raises(SignOffError, match=r"revoked_keys:2: ") as caught:
        parse_revoked(raw)
    assert caught.value.code is Code.TRUST


def test_a_binary_list_is_not_overlooked(pair: Pair, tmp_path: Path) -> None:
    (tmp_path / "gone").write_text(f"{pair.public.line}\n", "utf-8")
    assert keygen("-q", "-k", "-f", "krl", "gone", cwd=tmp_path).returncode == 0
    with pytest.raises(SignOffError, match="binary list") as caught:
        parse_revoked((tmp_path / "krl").read_bytes())
    assert caught.value.code is Code.TRUST


def test_what_ssh_keygen_cannot_read_of_revocations(pair: Pair) -> None:
    with pytest.raises(SignOffError, match="carriage returns"):
        parse_revoked(f"\r\n{pair.public.line}\r\n".encode())
