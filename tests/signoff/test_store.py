"""Bundle and ledger: where they lie, what they keep of other people's files, and two who write at once."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from readiness.errors import UsageError
from readiness.signoff import ledger, store
from readiness.signoff.ledger import Kind, Record
from readiness.signoff.model import BUNDLE, Code, SignOffError
from tests.engine import git
from tests.signoff.stored import AT, done, make_report, record, script, sign, signers


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return make_report(tmp_path)


def test_nothing_was_signed_yet(report: Path) -> None:
    assert store.load_bundle(report) == b""
    assert store.load_ledger(report) is None


def test_a_sign_off_is_in_both_files_and_the_helpers_stay_out_of_git(report: Path) -> None:
    sign(report, "carol")
    sign(report, "erin")
    assert signers(report) == (["carol", "erin"], ["carol", "erin"])
    reports = report.parents[2]
    assert (reports / "ledger.jsonl").read_bytes() == store.load_ledger(report)
    assert report.with_name(BUNDLE).read_bytes() == store.load_bundle(report)
    git(reports, "init", "-q")
    untracked = git(reports, "status", "--porcelain", "-uall").split()[1::2]
    run = report.parent.relative_to(reports)
    assert sorted(untracked) == [".gitattributes", "ledger.jsonl", f"{run}/report.json", f"{run}/{BUNDLE}"]


def test_a_deployment_leaves_the_bundle_alone(report: Path) -> None:
    entry = store.append(
        report, Record(kind=Kind.DEPLOYED, at=AT, environment="p", report="a" * 64, commit=None, artifact="shop:1")
    )
    assert entry.artifact == "shop:1"
    assert not report.with_name(BUNDLE).exists()
    assert ledger.read(store.load_ledger(report) or b"").entries == (entry,)


def test_reports_of_a_folder_share_a_ledger(tmp_path: Path) -> None:
    first, second = make_report(tmp_path), make_report(tmp_path, "20261124T000000Z-no-commit")
    sign(first, "carol")
    sign(second, "erin")
    assert signers(first) == (["carol"], ["carol", "erin"])
    assert signers(second) == (["erin"], ["carol", "erin"])


def test_a_moved_report_keeps_its_bundle_and_has_no_ledger(report: Path, tmp_path: Path) -> None:
    sign(report, "carol")
    elsewhere = tmp_path / "mail" / "attached"
    elsewhere.parent.mkdir()
    report.parent.rename(elsewhere)
    moved = elsewhere / "report.json"
    assert b"carol" in store.load_bundle(moved)
    assert store.load_ledger(moved) is None
    with pytest.raises(UsageError, match="lies in no reports folder"):
        sign(moved, "erin")
    assert b"erin" not in store.load_bundle(moved)


def test_attributes_are_added_to_those_that_are_there(report: Path) -> None:
    attributes = report.parents[2] / ".gitattributes"
    attributes.write_bytes(b"*.pdf binary\n* -text")
    sign(report, "carol")
    assert attributes.read_bytes() == b"*.pdf binary\n* -text\nledger.jsonl merge=union\n"
    before = attributes.stat()
    sign(report, "erin")
    assert attributes.stat().st_ino == before.st_ino


def test_the_bytes_survive_a_clone_that_converts_line_endings(report: Path, tmp_path: Path) -> None:
    sign(report, "carol")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "signed")
    git(tmp_path, "clone", "-q", "-c", "core.autocrlf=true", str(tmp_path), str(tmp_path / "clone"))
    clone = tmp_path / "clone" / report.relative_to(tmp_path)
    assert clone.read_bytes() == report.read_bytes()
    assert store.load(clone) == store.load(report)


def test_modes_and_a_missing_last_newline_are_respected(report: Path) -> None:
    sign(report, "carol")
    bundle, ledger_file = report.with_name(BUNDLE), report.parents[2] / "ledger.jsonl"
    for path in (bundle, ledger_file):
        path.write_bytes(path.read_bytes().removesuffix(b"\n"))
        path.chmod(0o640)
    sign(report, "erin")
    assert signers(report) == (["carol", "erin"], ["carol", "erin"])
    assert [path.stat().st_mode & 0o777 for path in (bundle, ledger_file)] == [0o640, 0o640]


def test_a_broken_ledger_is_not_continued(report: Path) -> None:
    sign(report, "carol")
    place = report.parents[2] / "ledger.jsonl"
    place.write_bytes(place.read_bytes() + b"<<<<<<< HEAD\n")
    before = place.read_bytes()
    with pytest.raises(SignOffError) as caught:
        sign(report, "erin")
    assert caught.value.code is Code.CHAIN
    assert place.read_bytes() == before
    assert b"erin" not in report.with_name(BUNDLE).read_bytes()


@pytest.mark.parametrize(
    "journal",
    [
        b"{",
        b"[]",
        b'{"bundle": null, "bundle_line": ""}',
        b'{"bundle": "../../x/report.json.intoto.jsonl", "bundle_line": "", "ledger_line": ""}',
        b'{"bundle": "production/.gitattributes", "bundle_line": "", "ledger_line": ""}',
        b'{"bundle": null, "bundle_line": "", "ledger_line": "a\\nb"}',
        b"[" * 100_000,
    ],
)
def test_a_journal_that_readiness_did_not_write_is_refused(report: Path, journal: bytes) -> None:
    sign(report, "carol")
    (report.parents[2] / ".pending" / "journal.json").write_bytes(journal)
    for act in (store.load_bundle, store.load_ledger, lambda path: sign(path, "erin")):
        with pytest.raises(SignOffError) as caught:
            act(report)
        assert caught.value.code is Code.CHAIN
        assert "remove it" in caught.value.message


def test_a_link_in_place_of_a_new_file_is_not_followed(report: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine", "utf-8")
    sign(report, "carol")
    for name in ("bundle", "ledger", "journal.json.new"):
        (report.parents[2] / ".pending" / name).symlink_to(victim)
    sign(report, "erin")
    assert signers(report) == (["carol", "erin"], ["carol", "erin"])
    assert victim.read_text("utf-8") == "mine"


def test_many_writers_at_once_lose_nothing(report: Path) -> None:
    source = """
        for number in range(20):
            sign(Path(sys.argv[1]), f"{sys.argv[2]}-{number}")
    """
    writers = [script(source, report, name) for name in ("carol", "erin", "dave")]
    for writer in writers:
        done(writer)
    bundle, entries = signers(report)
    assert sorted(bundle) == sorted(entries) == sorted(f"{n}-{i}" for n in ("carol", "erin", "dave") for i in range(20))
    assert bundle == entries
    assert len(ledger.read(store.load_ledger(report) or b"").heads) == 1


def test_a_reader_never_sees_half_of_a_write(report: Path) -> None:
    source = """
        for number in range(60):
            sign(Path(sys.argv[1]), str(number))
    """
    sign(report, "first")
    writer = script(source, report)
    looks = 0
    while writer.poll() is None:
        bundle, entries = signers(report)
        assert bundle == entries
        looks += 1
    done(writer)
    assert looks > 10


def test_a_writer_waits_only_so_long_and_says_for_whom(report: Path) -> None:
    sign(report, "carol")
    before = store.load(report)
    with (report.parents[2] / ".pending" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(
            UsageError, match=rf"process {os.getpid()} on .* is writing to .*ledger.jsonl; waited 0.2 s"
        ):
            store.append(report, record("erin"), b'{"by":"erin"}', wait=0.2)
    assert store.load(report) == before
