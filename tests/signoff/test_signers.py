"""allowed_signers: who counts, who does not, and what the refusal says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from readiness.signoff import sshsig
from readiness.signoff.model import Code, SignOffError
from readiness.signoff.signers import Signers, format_line, parse_signers
from tests.signoff.sshkeys import (
    APPROVER,
    COMPLETER,
    MAKERS,
    NOW,
    Pair,
    ed25519_pair,
    keygen,
    rsa_pair,
    signed,
    unread_line,
)

CAROL = "carol@kamiyo.ai"
DAVE = "dave@kamiyo.ai"
BOTH = f'namespaces="{COMPLETER},{APPROVER}"'


@pytest.fixture(scope="module")
def pair() -> Pair:
    return ed25519_pair()


@pytest.fixture(scope="module")
def key(pair: Pair) -> str:
    return pair.public.line


def read(*lines: str | bytes) -> Signers:
    raw = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    return parse_signers(raw, ".readiness/allowed_signers")


def refusal(signers: Signers, pair: Pair, principal: str = CAROL, namespace: str = APPROVER, at: datetime = NOW) -> str:
    with pytest.raises(SignOffError) as caught:
        signers.authorise(principal, pair.public, namespace, at)
    return f"{caught.value.code}: {caught.value.message}"


def accepted_by_keygen(line: str, pair: Pair, folder: Path, at: datetime = NOW, principal: str = CAROL) -> bool:
    (folder / "signers").write_text(f"{line}\n", "utf-8")
    (folder / "sig").write_text(sshsig.armor(signed(pair, b"x").blob), "utf-8")
    when = f"verify-time={at:%Y%m%d%H%M%S}Z"
    who = ("-f", "signers", "-I", principal, "-n", APPROVER, "-s", "sig")
    return keygen("-Y", "verify", "-O", when, *who, stdin=b"x", cwd=folder).returncode == 0


def test_a_line_names_a_person_a_role_and_a_key(pair: Pair, key: str) -> None:
    signers = read("# people", "", f"{CAROL} {BOTH} {key} Carol C.", f'  {DAVE}\tnamespaces="git" {key}\r')
    found = signers.authorise(CAROL, pair.public, APPROVER, NOW)
    assert (found.principal, found.name, found.line, found.key) == (CAROL, "Carol C.", 3, pair.public)
    assert found.namespaces == (COMPLETER, APPROVER)
    assert signers.refused == ()
    assert [entry.principal for entry in signers.entries] == [CAROL, DAVE]


def test_who_is_refused_and_why(pair: Pair, key: str) -> None:
    signers = read(f'{CAROL} namespaces="{COMPLETER}" {key}')
    place = ".readiness/allowed_signers:1: "
    assert refusal(signers, pair) == f"ROLE: {place}{CAROL} may sign for {COMPLETER}, not for {APPROVER}"
    assert refusal(signers, pair, DAVE) == f"IDENTITY: {place}the key is {CAROL}'s, not {DAVE}'s"
    assert refusal(signers, ed25519_pair()).startswith("UNKNOWN_KEY: no line of .readiness/allowed_signers has the key")
    assert refusal(signers, pair, CAROL.upper()).startswith("IDENTITY")
    assert refusal(signers, pair, namespace=COMPLETER + "x").startswith("ROLE")


def test_dates_are_instants(pair: Pair, key: str) -> None:
    signers = read(f'{CAROL} {BOTH},valid-after="20260101Z",valid-before="20270101123000Z" {key}')
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, 12, 30, tzinfo=UTC)
    moment = timedelta(microseconds=1)
    assert refusal(signers, pair, at=begin - moment).startswith("KEY_EXPIRED")
    assert "is not valid before 2026-01-01 00:00:00 UTC" in refusal(signers, pair, at=begin - moment)
    assert "is not valid since 2027-01-01 12:30:00 UTC" in refusal(signers, pair, at=end)
    for good in (begin, end - moment, NOW.astimezone(timezone(timedelta(hours=14)))):
        assert signers.authorise(CAROL, pair.public, APPROVER, good)


def test_the_dates_are_those_of_ssh_keygen_in_any_time_zone(pair: Pair, key: str, tmp_path: Path) -> None:
    line = f'{CAROL} {BOTH},valid-after="20260101Z",valid-before="202701011230Z" {key}'
    signers = read(line)
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, 12, 30, tzinfo=UTC)
    second = timedelta(seconds=1)
    for at, valid in ((begin - second, False), (begin, True), (end - second, True), (end + second, False)):
        assert accepted_by_keygen(line, pair, tmp_path, at) is valid
        assert signers.entries[0].valid_at(at) is valid


def test_of_several_lines_any_may_fit(pair: Pair, key: str) -> None:
    signers = read(
        f'{CAROL} namespaces="git" {key}',
        f'{CAROL} namespaces="{APPROVER}",valid-before="20200101Z" {key}',
        f"{DAVE} {BOTH} {key}",
        f"{CAROL} {BOTH} {key}",
    )
    assert signers.authorise(CAROL, pair.public, APPROVER, NOW).line == 4


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("carol@kamiyo.ai KEY", Code.TRUST, "allows every purpose"),
        ('carol@kamiyo.ai valid-before="20270101Z" KEY', Code.TRUST, "allows every purpose"),
        ("* BOTH KEY", Code.TRUST, "pattern or list"),
        ("*@kamiyo.ai BOTH KEY", Code.TRUST, "pattern or list"),
        ("carol@kamiyo.a? BOTH KEY", Code.TRUST, "pattern or list"),
        ("carol@kamiyo.ai,dave@kamiyo.ai BOTH KEY", Code.TRUST, "one line for each person"),
        ("!carol@kamiyo.ai BOTH KEY", Code.TRUST, "pattern or list"),
        ('"carol@kamiyo.ai" BOTH KEY', Code.TRUST, "pattern or list"),
        ("c\u0430rol@kamiyo.ai BOTH KEY", Code.MALFORMED, "plain ASCII"),
        ("\ufeffcarol@kamiyo.ai BOTH KEY", Code.MALFORMED, "plain ASCII"),
        ("carol@kamiyo.ai cert-authority,BOTH KEY", Code.TRUST, "certificate authorities"),
        ("carol@kamiyo.ai cert-authority KEY", Code.TRUST, "certificate authorities"),
        ('carol@kamiyo.ai namespaces="readiness.*" KEY', Code.TRUST, "without patterns"),
        ('carol@kamiyo.ai namespaces="readiness.approver,!git" KEY', Code.TRUST, "without patterns"),
        ('carol@kamiyo.ai namespaces="readiness.approver, git" KEY', Code.TRUST, "plain names"),
        ('carol@kamiyo.ai namespaces="" KEY', Code.TRUST, "plain names"),
        ('carol@kamiyo.ai BOTH,valid-before="20270101" KEY', Code.TRUST, "no time in UTC such as 20270101Z"),
        ('carol@kamiyo.ai BOTH,valid-after="202701011230" KEY', Code.TRUST, "no time in UTC"),
        ('carol@kamiyo.ai BOTH,valid-after="2027-01-01Z" KEY', Code.TRUST, "no time in UTC"),
        ('carol@kamiyo.ai BOTH,valid-after="\u0662\u0660270101Z" KEY', Code.TRUST, "no time in UTC"),
        ('carol@kamiyo.ai BOTH,valid-before="20270230Z" KEY', Code.MALFORMED, "no date"),
        ('carol@kamiyo.ai BOTH,valid-before="20270101246000Z" KEY', Code.MALFORMED, "no date"),
        ('carol@kamiyo.ai BOTH,valid-before="19700101Z" KEY', Code.MALFORMED, "1970"),
        ('carol@kamiyo.ai BOTH,valid-after="20270101Z",valid-before="20260101Z" KEY', Code.MALFORMED, "not later"),
        ("carol@kamiyo.ai BOTH,BOTH KEY", Code.MALFORMED, "stands twice"),
        ("carol@kamiyo.ai BOTH,no-touch-required KEY", Code.MALFORMED, "'no-touch-required'"),
        ("carol@kamiyo.ai namespaces=readiness.approver KEY", Code.MALFORMED, "cannot read the options"),
        ('carol@kamiyo.ai BOTH, valid-before="20270101Z" KEY', Code.MALFORMED, "no public key"),
        ('carol@kamiyo.ai namespaces="readiness.approver KEY', Code.MALFORMED, "no signer"),
        ('carol@kamiyo.ai namespaces="readiness.\\"approver" KEY', Code.MALFORMED, "cannot read the options"),
        ('carol@kamiyo.ai NAMESPACES="readiness.approver" KEY', Code.MALFORMED, "'NAMESPACES'"),
        ("carol@kamiyo.ai BOTH\rKEY", Code.MALFORMED, "control characters"),
        ("carol@kamiyo.ai BOTH KEY \x1b[2J", Code.MALFORMED, "control characters"),
        ("carol@kamiyo.ai\0 BOTH KEY", Code.MALFORMED, "control characters"),
    ],
)
def test_a_refused_line_says_why_to_who_looks_for_its_key(
    line: str, code: Code, words: str, pair: Pair, key: str
) -> None:
    other = ed25519_pair()
    signers = read("", line.replace("BOTH", BOTH).replace("KEY", key), f"{CAROL} {BOTH} {other.public.line}")
    (refused,) = signers.refused
    assert (refused.line, refused.code, refused.fingerprint) == (2, code, pair.public.fingerprint)
    assert refusal(signers, pair) == f"{code}: {refused.message}"
    assert words in refused.message
    assert signers.authorise(CAROL, other.public, APPROVER, NOW).line == 3


@pytest.mark.parametrize(
    "line", ["x", "carol@kamiyo.ai", "carol@kamiyo.ai ssh-ed25519", '"', '" " "', "\\", "=", "a b c d"]
)
def test_lines_that_say_nothing(line: str) -> None:
    (refused,) = read(line).refused
    assert (refused.code, refused.fingerprint) == (Code.MALFORMED, None)


def test_keys_that_are_too_weak_or_of_another_sort(tmp_path: Path) -> None:
    weak = rsa_pair(1024)
    signers = read(f"{CAROL} {BOTH} {unread_line(weak)}")
    assert signers.refused[0].code is Code.WEAK_KEY
    assert signers.refused[0].fingerprint is not None
    assert keygen("-q", "-t", "dsa", "-N", "", "-f", "key", cwd=tmp_path).returncode == 0
    assert read(f"{CAROL} {BOTH} {(tmp_path / 'key.pub').read_text('utf-8')}").refused[0].code is Code.KEY_ALG


def test_bytes_that_are_no_utf8(pair: Pair, key: str) -> None:
    signers = read(
        b"# caf\xe9", f"{CAROL} {BOTH} {key} ".encode() + b"Caf\xe9", b"\xff\xfe", b"\xff" * 50 + b" " + b"\0" * 50
    )
    assert signers.authorise(CAROL, pair.public, APPROVER, NOW).name == "Caf\ufffd"
    assert [line.line for line in signers.refused] == [3, 4]


def test_a_file_of_any_size_ends(key: str) -> None:
    with pytest.raises(SignOffError, match="at most 1,048,576") as caught:
        read("x" * 1_048_577)
    assert caught.value.code is Code.TRUST
    for bomb in (
        'a "' + '\\"' * 400_000,
        "a " + " " * 1_000_000 + "b",
        "a " + '"" ' * 300_000,
        f"a {key} " + " x" * 400_000,
    ):
        assert len(read(bomb).refused) == 1


@pytest.mark.parametrize("name", MAKERS)
def test_a_formatted_line_is_read_back_and_by_ssh_keygen(name: str, tmp_path: Path) -> None:
    pair = MAKERS[name]()
    before = datetime(2027, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    line = format_line(
        principal=CAROL,
        key=pair.public,
        namespaces=(COMPLETER, APPROVER),
        valid_after=NOW,
        valid_before=before,
        name="Carol\n O'Hara \x1b[1m",
    )
    assert "\n" not in line
    (entry,) = read(line).entries
    assert (entry.principal, entry.key, entry.namespaces) == (CAROL, pair.public, (COMPLETER, APPROVER))
    assert (entry.valid_after, entry.valid_before, entry.name) == (NOW, before, "Carol O'Hara [1m")
    assert accepted_by_keygen(line, pair, tmp_path)


@pytest.mark.parametrize("principal", ["", "*", "a b", "a,b", '"a"', "#a", "a\n", "\u00e9", "a\tb", "a" * 256])
def test_a_line_that_would_not_be_read_is_not_written(principal: str, pair: Pair) -> None:
    with pytest.raises(SignOffError):
        format_line(principal=principal, key=pair.public, namespaces=(APPROVER,))


@pytest.mark.parametrize("namespaces", [(), ("",), ("a*",), ('a"b',), ("a b",), ("a\\",)])
def test_namespaces_that_would_not_be_read(namespaces: tuple[str, ...], pair: Pair) -> None:
    with pytest.raises(SignOffError):
        format_line(principal=CAROL, key=pair.public, namespaces=namespaces)
