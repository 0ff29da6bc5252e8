"""The ledger: lines that name their predecessors, and what is noticed of tampering."""

from __future__ import annotations

import hashlib
import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readiness.signoff import ledger
from readiness.signoff.ledger import Kind, Ledger, Record
from readiness.signoff.model import Code, Decision, Role, SignOffError
from tests.engine import git

START = datetime(2026, 11, 23, 22, 15, 0, 250_000, tzinfo=UTC)


def sign_off(number: int = 0, report: str = "a", signer: str = "carol@kamiyo.ai") -> Record:
    return Record(
        kind=Kind.SIGN_OFF,
        at=START + timedelta(minutes=number),
        environment="production",
        report=report * 64,
        commit="c" * 40,
        statement="b" * 64,
        role=Role.APPROVER,
        decision=Decision.APPROVE,
        signer=signer,
    )


def deployed(number: int = 0, artifact: str = "shop:1") -> Record:
    return Record(
        kind=Kind.DEPLOYED,
        at=START + timedelta(minutes=number),
        environment="production",
        report="a" * 64,
        commit=None,
        artifact=artifact,
        by="ops",
    )


def grown(raw: bytes, *records: Record) -> bytes:
    for record in records:
        raw += ledger.append_line(ledger.read(raw), record) + b"\n"
    return raw


def broken(raw: bytes) -> str:
    with pytest.raises(SignOffError) as caught:
        ledger.read(raw)
    assert caught.value.code is Code.CHAIN
    return caught.value.message


def test_what_is_written_is_read_back_in_order() -> None:
    records = (sign_off(1), deployed(2), sign_off(3, report="d"))
    found = ledger.read(grown(b"", *records))
    assert [
        (entry.kind, entry.at, entry.report, entry.signer, entry.artifact, entry.by) for entry in found.entries
    ] == [(record.kind, record.at, record.report, record.signer, record.artifact, record.by) for record in records]
    assert [entry.commit for entry in found.entries] == ["c" * 40, None, "c" * 40]
    assert found.of("d" * 64) == (found.entries[2],)


def test_an_entry_is_named_by_the_digest_of_its_line_and_names_the_one_before() -> None:
    raw = grown(b"", sign_off(), deployed())
    first, second = raw.splitlines()
    found = ledger.read(raw)
    assert [entry.id for entry in found.entries] == [hashlib.sha256(line).hexdigest() for line in (first, second)]
    assert json.loads(second)["prev"] == [hashlib.sha256(first).hexdigest()]
    assert found.heads == (hashlib.sha256(second).hexdigest(),)


def test_nothing_is_a_ledger_and_the_last_newline_may_be_missing() -> None:
    assert ledger.read(b"") == Ledger()
    raw = grown(b"", sign_off(), deployed())
    assert ledger.read(raw.removesuffix(b"\n")) == ledger.read(raw)


def test_a_line_is_compact_json_in_ascii_with_utc_times() -> None:
    line = ledger.append_line(Ledger(), sign_off(signer="zoë@kamiyo.ai"))
    fields = json.loads(line)
    assert line.isascii()
    assert b", " not in line
    assert list(fields) == [
        "version", "kind", "at", "environment", "report", "commit", "statement", "role", "decision", "signer", "prev",
    ]  # fmt: skip
    assert fields["at"] == "2026-11-23T22:15:00.250000Z"
    assert ledger.read(line).entries[0].signer == "zoë@kamiyo.ai"


def test_a_time_without_a_zone_cannot_be_recorded() -> None:
    naive = Record(kind=Kind.DEPLOYED, at=START.replace(tzinfo=None), environment="p", report="a" * 64, commit=None)
    with pytest.raises(ValueError, match="has no zone"):
        ledger.append_line(Ledger(), naive)


def test_two_heads_are_both_named_by_the_next_entry() -> None:
    trunk = grown(b"", sign_off(0))
    ours, theirs = grown(trunk, deployed(1)), grown(trunk, deployed(2, "shop:2"))
    merged = ours + theirs.removeprefix(trunk)
    found = ledger.read(merged)
    assert len(found.heads) == 2
    after = ledger.read(grown(merged, sign_off(3)))
    assert set(after.entries[-1].prev) == set(found.heads)
    assert len(after.heads) == 1


def test_branches_that_both_append_merge_by_themselves(tmp_path: Path) -> None:
    place = tmp_path / "ledger.jsonl"
    place.write_bytes(grown(b"", sign_off(0)))
    (tmp_path / ".gitattributes").write_text("* -text\nledger.jsonl merge=union\n", "ascii")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "one")
    for branch, number in (("left", 1), ("right", 2)):
        git(tmp_path, "checkout", "-q", "-b", branch, "main")
        place.write_bytes(grown(place.read_bytes(), deployed(number, branch)))
        git(tmp_path, "commit", "-q", "-a", "-m", branch)
    git(tmp_path, "merge", "-q", "left")
    found = ledger.read(place.read_bytes())
    assert sorted(entry.artifact or "" for entry in found.entries) == ["", "left", "right"]
    assert len(found.heads) == 2


def test_an_equal_line_twice_counts_once() -> None:
    raw = grown(b"", sign_off(0), deployed(1))
    first, second = raw.splitlines(keepends=True)
    assert ledger.read(first + second + first + second) == ledger.read(raw)


@pytest.mark.parametrize("victim", range(3))
def test_a_removed_line_that_others_follow_is_noticed(victim: int) -> None:
    lines = grown(b"", sign_off(0), deployed(1), sign_off(2), deployed(3)).splitlines(keepends=True)
    del lines[victim]
    assert "a line was edited, removed or moved" in broken(b"".join(lines))


def test_every_edit_of_a_line_that_others_follow_is_noticed() -> None:
    raw = grown(b"", sign_off(0), deployed(1))
    end = raw.index(b"\n")
    for place in range(end):
        changed = bytearray(raw)
        changed[place] ^= 1
        broken(bytes(changed))


def test_every_other_order_of_a_chain_is_noticed() -> None:
    lines = tuple(grown(b"", *(deployed(number) for number in range(4))).splitlines(keepends=True))
    for order in itertools.permutations(lines):
        if order != lines:
            broken(b"".join(order))


def test_a_cut_tail_is_no_fault_of_the_file_and_shows_against_another_copy() -> None:
    raw = grown(b"", sign_off(0), deployed(1))
    cut = raw.splitlines(keepends=True)[0]
    assert ledger.read(raw).ids - ledger.read(cut).ids == {ledger.read(raw).entries[1].id}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", "line 1 of the ledger"),
        (b"{}", "version is missing"),
        (b"[]", "expected an object"),
        (b'{"version":2}', "has version 2; 1 is expected"),
        (b'{"version":true}', "expected a whole number"),
        (b'{"version":1}', "kind is missing"),
        (b'{"version":1,"version":1}', "stands twice"),
        (b"<<<<<<< HEAD", "no strict JSON"),
        (b'{"version":1,"kind":"other"}', "other"),
        (b"\xff", "line 1"),
        (b"[" * 100_000, "line 1"),
    ],
)
def test_a_line_that_is_no_entry(line: bytes, said: str) -> None:
    assert said in broken(line + b"\n")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("at", "2026-11-23T22:15:00", "expected an RFC 3339 time with a zone"),
        ("at", 5, "expected a text"),
        ("at", "yesterdayZ", "expected an RFC 3339 time"),
        ("environment", None, "environment is None; expected a text"),
        ("report", "A" * 64, "expected a sha256"),
        ("report", None, "report is None"),
        ("statement", "b" * 63, "expected a sha256"),
        ("role", "boss", "boss"),
        ("decision", "maybe", "maybe"),
        ("signer", 5, "signer is 5"),
        ("commit", 5, "commit is 5"),
        ("prev", "a" * 64, "expected a list"),
        ("prev", ["x"], "prev holds what is no sha256"),
        ("prev", ["a" * 64], "which is no line before it"),
        ("kind", "deployed", "artifact is missing"),
    ],
)
def test_a_field_that_is_not_what_it_should_be(name: str, value: object, said: str) -> None:
    fields = json.loads(ledger.append_line(Ledger(), sign_off()))
    assert said in broken(json.dumps({**fields, name: value}, separators=(",", ":")).encode())


def test_an_unknown_field_is_kept_out_of_the_way() -> None:
    fields = json.loads(ledger.append_line(Ledger(), sign_off()))
    assert (
        ledger.read(json.dumps({**fields, "later": [1]}, separators=(",", ":")).encode()).entries[0].signer
        == "carol@kamiyo.ai"
    )


def test_changed_line_endings_are_told_as_such() -> None:
    raw = grown(b"", sign_off(0), deployed(1)).replace(b"\n", b"\r\n")
    assert "reports/.gitattributes" in broken(raw)


def test_an_empty_line_between_entries_is_a_fault() -> None:
    raw = grown(b"", sign_off(0), deployed(1))
    assert "line 2" in broken(raw.replace(b"\n", b"\n\n", 1))
