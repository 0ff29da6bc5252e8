"""An attestation holds for the text that was read, the environment, the release and the evidence, until it ends."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.api import Reason
from readiness.checklist.model import EvidenceCheck, Item, Severity, State
from readiness.people.binding import Binder
from readiness.people.model import Attestation, Evidence, People, fingerprint
from readiness.report.model import Result
from tests.engine import Folder, commit_all, git
from tests.people.words import SOME_SHA, ago, attest, result_of, said

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ITEM = Item(title="A", manual="look")


def outcome(result: Result) -> tuple[str, str | None]:
    return result.state.value, result.reason and result.reason.value


def told(folder: Folder, **options: Any) -> tuple[str, str | None, str]:
    """State, reason and sentence of the item `a`."""
    result = result_of(folder, **options)
    return *outcome(result), result.message


def word(item: Item = ITEM, **changes: Any) -> Attestation:
    fields = {
        "item": "a",
        "environment": "e",
        "state": "pass",
        "by": "ann@example.test",
        "at": NOW - timedelta(days=1),
        "fingerprint": fingerprint(item),
    }
    return Attestation(**{**fields, **changes})


def standing(item: Item, *words: Attestation, now: datetime = NOW, **more: Any) -> tuple[State, Reason | None, str]:
    found = Binder(people=People(attestations=words), now=now, **more).standing("a", item, "e")
    assert found is not None
    assert found.valid is (found.state is not State.PENDING)
    return found.state, found.reason, found.message


# --- what people say -------------------------------------------------------------------------------


def test_nobody_has_said_anything(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look}")
    assert told(folder) == ("pending", "never_attested", "a person must say; nobody has yet")
    assert result_of(folder).attestation is None


@pytest.mark.parametrize(
    ("state", "expected", "sentence"),
    [
        ("pass", (State.PASS, None), "attested by ann@example.test on 2026-05-31: seen"),
        ("fail", (State.FAIL, Reason.ATTESTED), "attested as not fulfilled by ann@example.test on 2026-05-31: seen"),
        (
            "na",
            (State.NOT_APPLICABLE, Reason.ATTESTED),
            "attested as not applicable by ann@example.test on 2026-05-31: seen",
        ),
    ],
)
def test_what_was_said(state: str, expected: tuple[State, Reason | None], sentence: str) -> None:
    assert standing(ITEM, word(state=state, note="seen")) == (*expected, sentence)


def test_the_report_says_who_and_until_when(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look, valid_for: 30d}")
    attest(folder, said(folder, note="seen", evidence={"url": "https://x.test/"}))
    record = result_of(folder).attestation
    assert record is not None
    assert (record.by, record.valid, record.note) == ("ann@example.test", True, "seen")
    assert record.evidence is not None
    assert record.evidence.url == "https://x.test/"
    span = datetime.fromisoformat(str(record.expires)) - datetime.fromisoformat(record.at)
    assert span == timedelta(days=30)


# --- time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "sentence"),
    [
        (timedelta(days=30, seconds=-1), None),
        (timedelta(days=30), "expired less than an hour ago"),
        (timedelta(days=30, hours=1), "expired 1 hour ago"),
        (timedelta(days=30, hours=23, minutes=59), "expired 23 hours ago"),
        (timedelta(days=31), "expired 1 day ago"),
        (timedelta(days=247), "expired 217 days ago"),
    ],
)
def test_it_holds_until_the_moment_at_which_it_ends(age: timedelta, sentence: str | None) -> None:
    item = dataclasses.replace(ITEM, valid_for="30d")
    state, reason, message = standing(item, word(item, at=NOW - age))
    if sentence is None:
        assert state is State.PASS
    else:
        assert (state, reason) == (State.PENDING, Reason.EXPIRED)
        assert message == f"attested by ann@example.test on {NOW - age:%Y-%m-%d}; {sentence}"


@pytest.mark.parametrize(("days", "state"), [(364, State.PASS), (365, State.PENDING)])
def test_a_year_where_nothing_is_said(days: int, state: State) -> None:
    assert standing(ITEM, word(at=NOW - timedelta(days=days)))[0] is state


def test_an_end_beyond_the_calendar_is_none() -> None:
    item = dataclasses.replace(ITEM, valid_for="999999999d")
    assert standing(item, word(item))[0] is State.PASS


@pytest.mark.parametrize(
    ("ahead", "state"), [(timedelta(minutes=5), State.PASS), (timedelta(minutes=6), State.PENDING)]
)
def test_a_clock_that_was_set_back(ahead: timedelta, state: State) -> None:
    found = standing(ITEM, word(at=NOW + ahead))
    assert found[0] is state
    if state is State.PENDING:
        assert found[1] is Reason.FUTURE
        assert found[2] == (
            "attested by ann@example.test on 2026-06-01, which is in the future by this machine's clock (2026-06-01)"
        )


# --- the newest word -------------------------------------------------------------------------------


@pytest.mark.parametrize("newest", [0, 1, 2])
def test_the_newest_word_holds_wherever_it_stands(newest: int) -> None:
    moments = [NOW - timedelta(days=2)] * 3
    moments[newest] = NOW - timedelta(days=1)
    words = [word(at=at, state="fail" if number == newest else "pass") for number, at in enumerate(moments)]
    assert standing(ITEM, *words)[0] is State.FAIL


def test_of_two_words_at_the_same_moment_the_later_line_holds() -> None:
    assert standing(ITEM, word(), word(state="fail"))[0] is State.FAIL
    assert standing(ITEM, word(state="fail"), word())[0] is State.PASS


def test_an_older_word_does_not_come_back_when_the_newest_does_not_hold() -> None:
    assert standing(ITEM, word(at=NOW - timedelta(days=2)), word(fingerprint=SOME_SHA))[1] is Reason.STALE_DEFINITION


def test_environments_are_kept_apart(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look}", "environments: {here: {}, there: {}}")
    attest(folder, said(folder, environment="there", state="fail", at=ago(days=1)), said(folder, at=ago(days=2)))
    assert told(folder, environment="here")[0] == "pass"
    assert told(folder, environment="there")[0] == "fail"


def test_items_are_kept_apart(folder: Folder) -> None:
    folder.checklist("a: {title: Same, manual: same}\nb: {title: Same, manual: same}")
    attest(folder, said(folder))
    assert folder.states() == {"a": ("pass", None), "b": ("pending", "never_attested")}


# --- the text --------------------------------------------------------------------------------------

RICH = """a:
  title: The guide of ${service} is there
  manual: Open ${service} and read.
  by: docs
  evidence: url
  if_applicable: "${service} has a guide"
  evidence_check: {check: t.local, with: {url: "${evidence}"}}
  severity: high
"""
RICH_HEAD = """vars: {service: shop, other: x}
roles: {docs: [ann@example.test], legal: [ann@example.test]}
"""
STALE = {
    "title": ("The guide of", "A guide of"),
    "title, by one space": ("is there", "is  there"),
    "title, by its letters": ("The guide", "the guide"),
    "instruction": ("and read", "and glance"),
    "role": ("by: docs", "by: legal"),
    "evidence rule": ("evidence: url\n", "evidence: note\n"),
    "when it applies": ("has a guide", "has any guide"),
    "what looks at the evidence": ("check: t.local", "check: t.dns"),
    "how it looks at the evidence": ('"${evidence}"', '"${evidence}?x"'),
}
SAME = {
    "severity": ("severity: high", "severity: low"),
    "tags": ("severity: high", "tags: [x]"),
    "why": ("severity: high", "why: because"),
    "fix": ("severity: high", "fix: write it"),
    "owner": ("severity: high", "owner: somebody"),
    "timeout": ("severity: high", "timeout: 5s"),
    "validity": ("severity: high", "valid_for: 30d"),
    "its place": ("a:\n", "first: {title: F, manual: f}\na:\n"),
    "the quotes": ("Open ${service} and read.", "'Open ${service} and read.'"),
}


def attested_rich(folder: Folder) -> None:
    folder.checklist(RICH, RICH_HEAD)
    attest(folder, said(folder, evidence={"url": "https://x.test/"}, note="seen"))
    assert told(folder)[0] == "pass"


@pytest.mark.parametrize("change", STALE)
def test_what_a_person_read_has_changed(folder: Folder, change: str) -> None:
    attested_rich(folder)
    assert STALE[change][0] in RICH
    folder.checklist(RICH.replace(*STALE[change]), RICH_HEAD)
    on = ago(hours=1)[:10]
    sentence = f"the item changed after it was attested (attested by ann@example.test on {on})"
    assert told(folder) == ("pending", "stale_definition", sentence)
    record = result_of(folder).attestation
    assert record is not None
    assert not record.valid


@pytest.mark.parametrize("change", SAME)
def test_what_changes_no_promise(folder: Folder, change: str) -> None:
    attested_rich(folder)
    assert SAME[change][0] in RICH
    folder.checklist(RICH.replace(*SAME[change]), RICH_HEAD)
    assert told(folder)[0] == "pass"


@pytest.mark.parametrize(("name", "reason"), [("service", "stale_definition"), ("other", None)])
def test_a_variable_in_the_text_is_part_of_it(folder: Folder, name: str, reason: str | None) -> None:
    attested_rich(folder)
    assert told(folder, variables=[f"{name}=bakery"])[1] == reason


def test_a_variable_in_the_condition_alone(folder: Folder) -> None:
    items = 'a: {title: A, manual: look, if_applicable: "${service} sells abroad"}'
    folder.checklist(items, "vars: {service: shop}")
    attest(folder, said(folder, state="na", note="it does not"))
    assert told(folder)[:2] == ("not_applicable", "attested")
    assert told(folder, variables=["service=bakery"])[:2] == ("pending", "stale_definition")


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
TEXTS = st.fixed_dictionaries(
    {
        "title": TEXT.filter(bool),
        "manual": TEXT | st.none(),
        "by": TEXT | st.none(),
        "evidence": st.sampled_from(["url", "file", "note", None]),
        "if_applicable": TEXT | st.none(),
        "evidence_check": st.builds(
            EvidenceCheck, check=TEXT, with_=st.dictionaries(TEXT, TEXT | st.integers(), max_size=2)
        )
        | st.none(),
    }
)


@given(first=TEXTS, second=TEXTS)
def test_two_texts_have_two_fingerprints(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert (fingerprint(Item(**first)) == fingerprint(Item(**second))) is (first == second)


@given(
    fields=TEXTS,
    name=st.sampled_from(["title", "manual", "by", "evidence", "if_applicable", "evidence_check"]),
    other=TEXTS,
)
def test_any_single_change_of_the_text_ends_it(fields: dict[str, Any], name: str, other: dict[str, Any]) -> None:
    changed = {**fields, name: other[name]}
    before, after = Item(**fields), Item(**changed)
    reason = standing(after, word(before, note="n", evidence=Evidence(url="https://x.test/")))[1]
    assert (reason is Reason.STALE_DEFINITION) is (changed != fields)


@given(
    names=st.lists(st.sampled_from("abc"), min_size=1, max_size=6),
    asked=st.sampled_from("abc"),
    environment=st.sampled_from("ef"),
)
def test_the_words_on_one_item_never_decide_another(names: list[str], asked: str, environment: str) -> None:
    people = People(attestations=tuple(dataclasses.replace(word(), item=name) for name in names))
    found = Binder(people=people, now=NOW).standing(asked, ITEM, environment)
    assert (found is not None) is (asked in names and environment == "e")


# --- the role --------------------------------------------------------------------------------------


def test_only_the_role_may_say_it() -> None:
    item = dataclasses.replace(ITEM, by="docs")
    roles = {"docs": ("bob@example.test", "eve@example.test")}
    who = "attested by ann@example.test on 2026-05-31"
    assert standing(item, word(item), roles=roles) == (
        State.PENDING,
        Reason.WRONG_ROLE,
        f"{who}, who does not have the role `docs` (bob@example.test, eve@example.test)",
    )
    assert standing(item, word(item, by="BOB@example.test"), roles=roles)[0] is State.PASS
    assert standing(item, word(item))[2].endswith("the role `docs` (nobody)")


def test_a_role_that_somebody_lost(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look, by: docs}", "roles: {docs: [ann@example.test]}")
    attest(folder, said(folder))
    assert told(folder)[0] == "pass"
    folder.checklist("a: {title: A, manual: look, by: docs}", "roles: {docs: [bob@example.test]}")
    assert told(folder)[1] == "wrong_role"


# --- the release -----------------------------------------------------------------------------------


def released(folder: Folder) -> str:
    """A repository in which `a` was attested for its first commit."""
    folder.checklist("a: {title: A, manual: look, valid_for: release}")
    folder.write("main.py", "x = 1\n")
    commit = commit_all(folder.path)
    done = folder.run("attest", "a", "--by", "ann@example.test", "--allow", "plugin")
    assert done.code == 0, done.err
    return commit


def commit(folder: Folder) -> str:
    git(folder.path, "add", "-A")
    git(folder.path, "commit", "-q", "-m", "more")
    return git(folder.path, "rev-parse", "HEAD").strip()


def test_it_holds_for_the_commit_and_for_one_that_only_adds_the_words(folder: Folder) -> None:
    released(folder)
    assert told(folder)[0] == "pass"
    assert result_of(folder).attestation.expires is None  # type: ignore[union-attr]
    commit(folder)
    assert told(folder)[0] == "pass"
    folder.write("waivers.yaml", "version: 1\n")
    folder.write("reports/here/1/report.json", "{}")
    commit(folder)
    assert told(folder)[0] == "pass"


@pytest.mark.parametrize("name", ["main.py", "other.py", "sub/attestations.yaml", "sub/reports/x", "checklist.md"])
def test_any_change_of_the_source_is_another_release(folder: Folder, name: str) -> None:
    first = released(folder)
    folder.write(name, "x = 2\n")
    second = commit(folder)
    assert told(folder) == ("pending", "other_release", f"attested for {first[:7]}, this is {second[:7]}")


def test_a_change_of_a_files_mode_is_another_release(folder: Folder) -> None:
    released(folder)
    (folder.path / "main.py").chmod(0o755)
    commit(folder)
    assert told(folder)[1] == "other_release"


def test_going_back_to_the_source_is_the_same_release(folder: Folder) -> None:
    released(folder)
    folder.write("main.py", "x = 2\n")
    commit(folder)
    folder.write("main.py", "x = 1\n")
    commit(folder)
    assert told(folder)[0] == "pass"


def test_a_squash_merge_with_the_same_files_keeps_it(folder: Folder) -> None:
    folder.write("main.py", "x = 0\n")
    folder.checklist("a: {title: A, manual: look, valid_for: release}")
    commit_all(folder.path)
    git(folder.path, "checkout", "-q", "-b", "work")
    folder.write("main.py", "x = 1\n")
    commit(folder)
    assert folder.run("attest", "a", "--by", "ann@example.test", "--allow", "plugin").code == 0
    commit(folder)
    git(folder.path, "checkout", "-q", "-")
    assert told(folder)[1] == "never_attested"
    git(folder.path, "merge", "-q", "--squash", "work")
    commit(folder)
    assert told(folder)[0] == "pass"


def test_a_shallow_clone_knows_its_release(folder: Folder, tmp_path: Path) -> None:
    released(folder)
    commit(folder)
    commit_before = git(folder.path, "rev-parse", "HEAD")
    copy = tmp_path / "copy"
    git(folder.path, "clone", "-q", "--depth", "1", f"file://{folder.path}", str(copy))
    assert git(copy, "rev-parse", "HEAD") == commit_before
    assert told(Folder(copy, folder.capture))[0] == "pass"


def test_a_release_without_git(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look, valid_for: release}")
    attest(folder, said(folder, release="0" * 40, source=SOME_SHA))
    assert told(folder) == (
        "pending",
        "other_release",
        "it holds for one release alone, and this is no commit of a git repository",
    )
    done = folder.run("attest", "a", "--by", "ann@example.test", "--allow", "plugin")
    assert done.code == 2
    assert "`a` is attested for one release, and this is no commit of a git repository" in done.err


def test_a_word_that_names_no_release(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look, valid_for: release}")
    commit_all(folder.path)
    attest(folder, said(folder, note="n"))
    message = "it holds for one release alone, and ann@example.test named none"
    assert told(folder) == ("pending", "other_release", message)


def test_a_file_that_is_committed_after_the_attestation_would_change_the_release(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look, valid_for: release, evidence: file}")
    commit_all(folder.path)
    folder.write("proof.txt", "seen\n")
    words = ("attest", "a", "--by", "ann@example.test", "--evidence", "proof.txt", "--allow", "plugin")
    done = folder.run(*words)
    assert done.code == 2
    assert "the evidence proof.txt is not in it" in done.err
    assert "help: commit it first, then attest" in done.err
    commit(folder)
    folder.write("proof.txt", "changed\n")
    assert folder.run(*words).code == 2
    commit(folder)
    assert folder.run(*words).code == 0
    commit(folder)
    assert told(folder)[0] == "pass"


# --- the evidence ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["url", "file", "note"])
def test_the_evidence_that_the_item_asks_for_is_missing(folder: Folder, kind: str) -> None:
    folder.checklist(f"a: {{title: A, manual: look, evidence: {kind}}}")
    attest(folder, said(folder, note=None if kind == "note" else "n"))
    sentence = f"attested by ann@example.test without the {kind} that it asks for"
    assert told(folder) == ("pending", "no_evidence", sentence)


def test_a_note_of_spaces_is_none(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look, evidence: note}")
    attest(folder, said(folder, note="  "))
    assert told(folder)[1] == "no_evidence"


@pytest.mark.parametrize(("kind", "brings"), [("file", {"url": "https://x.test/"}), ("url", {"file": "proof.txt"})])
def test_other_evidence_than_the_item_asks_for(folder: Folder, kind: str, brings: dict[str, str]) -> None:
    folder.checklist(f"a: {{title: A, manual: look, evidence: {kind}}}")
    proof = folder.write("proof.txt", "seen\n").read_bytes()
    digest = {"sha256": hashlib.sha256(proof).hexdigest()} if "file" in brings else {}
    attest(folder, said(folder, evidence={**brings, **digest}))
    assert told(folder)[1] == "no_evidence"


def test_a_failure_needs_no_evidence(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look, evidence: url}")
    attest(folder, said(folder, state="fail", note="there is none"))
    assert told(folder)[:2] == ("fail", "attested")


def gone(proof: Path) -> None:
    proof.unlink()


def changed(proof: Path) -> None:
    proof.write_text("something else\n", "utf-8")


def outside(proof: Path) -> None:
    elsewhere = proof.parents[1] / "elsewhere.txt"
    proof.rename(elsewhere)
    proof.symlink_to(elsewhere)


def into_folder(proof: Path) -> None:
    proof.unlink()
    proof.mkdir()


def same_inside(proof: Path) -> None:
    proof.rename(proof.with_name("moved.txt"))
    proof.symlink_to("moved.txt")


@pytest.mark.parametrize(
    ("happens", "sentence"),
    [
        (gone, "the evidence file proof.txt is not there"),
        (changed, "the evidence file proof.txt changed after it was attested"),
        (outside, "the evidence file proof.txt is no file below the checklist"),
        (into_folder, "the evidence file proof.txt is no file below the checklist"),
        (same_inside, None),
    ],
)
def test_the_evidence_file_is_still_the_same(
    tmp_path: Path, folder: Folder, happens: Any, sentence: str | None
) -> None:
    home = Folder(tmp_path / "project", folder.capture)
    home.kinds()
    home.checklist("a: {title: A, manual: look, evidence: file}")
    proof = home.write("proof.txt", "seen\n")
    assert home.run("attest", "a", "--by", "ann", "--evidence", "proof.txt", "--allow", "plugin").code == 0
    assert told(home)[0] == "pass"
    happens(proof)
    if sentence is None:
        assert told(home)[0] == "pass"
    else:
        assert told(home) == ("pending", "no_evidence", sentence)


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/hostname", "a\0b", "x" * 5000])
def test_a_file_name_that_leads_elsewhere(tmp_path: Path, name: str) -> None:
    people = People(folder=tmp_path, attestations=(word(evidence=Evidence(file=name, sha256=SOME_SHA)),))
    found = Binder(people=people, now=NOW).standing("a", ITEM, "e")
    assert found is not None
    assert found.reason is Reason.NO_EVIDENCE


def test_of_several_doubts_the_deepest_is_told() -> None:
    item = dataclasses.replace(ITEM, by="docs", evidence="url", severity=Severity.LOW)
    old = word(item, fingerprint=SOME_SHA, at=NOW - timedelta(days=999))
    assert standing(item, old)[1] is Reason.STALE_DEFINITION
    assert standing(item, dataclasses.replace(old, fingerprint=fingerprint(item)))[1] is Reason.WRONG_ROLE
