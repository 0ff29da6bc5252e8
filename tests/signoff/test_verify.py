"""Verification in real repositories: what must be accepted, and what must be rejected with which code."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness.errors import UsageError
from readiness.signoff import statement
from readiness.signoff.model import BUNDLE, PREDICATE_TYPE, STATEMENT_TYPE
from tests.signoff.scene import Scene, address

NOW = datetime.now(UTC)


def lines(scene: Scene) -> list[bytes]:
    return scene.bundle.read_bytes().splitlines()


def rewrite(scene: Scene, *kept: bytes) -> None:
    scene.bundle.write_bytes(b"".join(line + b"\n" for line in kept))


def test_signed_by_both(scene: Scene) -> None:
    found = scene.signed().verify()
    assert (found.exit_code, found.findings, found.notes) == (0, (), ())
    assert found.two_person
    assert [sign_off.name for sign_off in found.sign_offs] == ["Alice", "Carol"]
    assert found.required == {"completer": 1, "approver": 1}
    finished = datetime.fromisoformat(scene.facts["finished"])
    assert found.valid_until == finished + timedelta(days=3)
    assert found.trust
    assert found.trust.startswith("origin/HEAD at ")


def test_nobody_signed(scene: Scene) -> None:
    assert scene.codes() == (4, {"THRESHOLD"})


def test_the_folder_and_the_bundle_name_the_report(scene: Scene) -> None:
    scene.signed()
    assert scene.codes(scene.report.parent)[0] == 0
    assert scene.codes(scene.bundle)[0] == 0


# accepted


def hint_changed(scene: Scene) -> None:
    rewrite(scene, *(line.replace(b'"payloadType"', b'"hint":"other","payloadType"') for line in lines(scene)))


def swapped(scene: Scene) -> None:
    rewrite(scene, *reversed(lines(scene)))


def doubled(scene: Scene) -> None:
    rewrite(scene, *lines(scene), lines(scene)[1], b"")


def foreign(scene: Scene) -> None:
    rewrite(scene, b'{"mediaType":"x"}', *lines(scene), b"[1]", foreign_envelope())


def foreign_envelope() -> bytes:
    payload = base64.b64encode(b'{"_type":"x","predicateType":"https://slsa.dev/provenance/v1"}').decode()
    return json.dumps(
        {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [{"sig": "AAAA"}]}
    ).encode()


def url_safe(scene: Scene) -> None:
    def changed(line: bytes) -> bytes:
        fields = json.loads(line)
        raw = base64.b64decode(fields["payload"])
        fields["payload"] = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        return json.dumps(fields).encode()

    rewrite(scene, *map(changed, lines(scene)))


def second_approver(scene: Scene) -> None:
    scene.sign("approver", "dave")


def approver_twice(scene: Scene) -> None:
    scene.sign("approver", "carol", comment="again")


def report_only_commit(scene: Scene) -> None:
    scene.commit("The report", by="carol")


@pytest.mark.parametrize(
    "change", [hint_changed, swapped, doubled, foreign, url_safe, second_approver, approver_twice, report_only_commit]
)
def test_accepted(scene: Scene, change: Callable[[Scene], None]) -> None:
    scene.signed()
    change(scene)
    assert scene.codes() == (0, set())


def test_unknown_fields_are_ignored(scene: Scene) -> None:
    scene.sign("completer", "alice")
    fields = json.loads(scene.payload("approver", "carol"))
    fields["predicate"]["mood"] = fields["more"] = "good"
    payload = json.dumps(fields).encode()
    scene.record(payload, scene.envelope(payload, "carol", "readiness.approver"))
    assert scene.codes() == (0, set())


def test_two_heads_of_the_ledger_are_merged(scene: Scene) -> None:
    scene.sign("completer", "alice")
    common = scene.ledger.read_bytes()
    scene.sign("approver", "carol")
    carols = scene.ledger.read_bytes()
    scene.ledger.write_bytes(common)
    scene.sign("approver", "dave")
    daves = scene.ledger.read_bytes().removeprefix(common)
    scene.ledger.write_bytes(carols + daves)
    assert scene.codes() == (0, set())


def test_a_clone_that_changes_line_ends(scene: Scene, tmp_path: Path) -> None:
    scene.signed()
    scene.commit("The report")
    scene.git("push", "-q", "origin", "change")
    clone = tmp_path / "clone"
    scene.git("-c", "core.autocrlf=true", "clone", "-q", str(scene.path / "origin.git"), str(clone))
    scene.git("-c", "core.autocrlf=true", "checkout", "-q", "change", cwd=clone)
    assert b"\r\n" in (clone / "checklist.yaml").read_bytes()
    assert scene.codes(clone / scene.report.relative_to(scene.repo)) == (0, set())


def test_a_report_of_a_checkout_that_changes_line_ends(scene: Scene) -> None:
    scene.git("config", "core.autocrlf", "true")
    (scene.repo / "checklist.yaml").unlink()
    scene.git("checkout", "-q", "--", "checklist.yaml")
    shutil.rmtree(scene.repo / "reports")
    scene.git("checkout", "-q", "--", "reports")
    scene.check()
    assert scene.signed().codes() == (0, set())


# the target


def test_source_changed_after_signing(scene: Scene) -> None:
    scene.signed()
    scene.write("src/app.py", "print('other')\n")
    scene.commit("Another shop", by="dev")
    found = scene.verify()
    assert (found.exit_code, [one.code for one in found.findings]) == (6, ["WRONG_TARGET"])
    assert "src/app.py" in found.findings[0].message


def squash(scene: Scene) -> None:
    scene.commit("The report", by="alice")
    scene.git("checkout", "-q", "main")
    scene.git("merge", "-q", "--squash", "change")
    scene.git("commit", "-q", "-m", "A better shop (#1)", by="dev")


def test_squash_merge(scene: Scene) -> None:
    scene.signed()
    squash(scene)
    assert scene.codes() == (6, {"WRONG_TARGET"})


def test_squash_merge_where_the_policy_compares_files(scene: Scene) -> None:
    scene.signed()
    scene.commit("The report", by="alice")
    # on main before the squash, so that the files are the same but for the policy
    scene.git("checkout", "-q", "main")
    scene.write(".readiness/policy.yaml", "production: {match: tree}\n")
    scene.commit("Policy")
    scene.git("push", "-q", "origin", "main")
    scene.git("checkout", "-q", "change")
    scene.git("rebase", "-q", "main")
    scene.check()
    scene.signed()
    squash(scene)
    assert scene.codes() == (0, set())


def test_other_commit_or_environment(scene: Scene) -> None:
    scene.signed()
    assert scene.codes(commit="main") == (6, {"WRONG_TARGET"})
    assert scene.codes(commit="change", environment="production") == (0, set())
    assert scene.codes(environment="staging") == (6, {"WRONG_TARGET"})
    assert scene.codes(commit="--output=/tmp/x") == (6, {"WRONG_TARGET"})


# two persons


def test_own_approver_brought_by_the_change(scene: Scene) -> None:
    """The working tree and the branch say that mallory may approve; the protected branch does not."""
    line = f'{address("mallory")} namespaces="readiness.approver" {scene.public("mallory")}\n'
    scene.write(".readiness/allowed_signers", scene.signers() + line)
    scene.commit("Me too", by="dev")
    scene.check()
    scene.sign("completer", "alice")
    scene.sign("approver", "mallory")
    assert scene.codes() == (5, {"UNKNOWN_KEY", "THRESHOLD"})


def test_policy_weakened_by_the_change(scene: Scene) -> None:
    scene.write(".readiness/policy.yaml", "production: {require: {approver: 0}}\n")
    scene.commit("Quicker", by="dev")
    scene.check()
    scene.sign("completer", "alice")
    assert scene.codes() == (4, {"THRESHOLD"})


def test_a_tag_with_the_name_of_the_branch_is_not_trusted(scene: Scene) -> None:
    line = f'{address("mallory")} namespaces="readiness.approver" {scene.public("mallory")}\n'
    scene.write(".readiness/allowed_signers", scene.signers() + line)
    scene.commit("Me too", by="dev")
    scene.git("tag", "origin/HEAD")
    scene.git("tag", "origin/main")
    scene.check()
    scene.sign("completer", "alice")
    scene.sign("approver", "mallory")
    assert scene.codes() == (5, {"UNKNOWN_KEY", "THRESHOLD"})
    assert scene.codes(trust_ref="origin/main") == (5, {"UNKNOWN_KEY", "THRESHOLD"})


def test_one_person_in_both_roles(scene: Scene) -> None:
    scene.sign("completer", "bob")
    scene.sign("approver", "bob")
    assert scene.codes() == (5, {"TWO_PERSON", "THRESHOLD"})


def test_one_key_in_both_roles(scene: Scene) -> None:
    twin = f'{address("twin")} namespaces="readiness.approver" {scene.public("bob")}\n'
    scene.on_main({".readiness/allowed_signers": scene.signers() + twin})
    scene.sign("completer", "bob")
    scene.sign("approver", "twin", key="bob")
    assert scene.codes() == (5, {"TWO_PERSON", "THRESHOLD"})


def test_the_approver_is_the_author(scene: Scene) -> None:
    scene.sign("completer", "alice")
    scene.sign("approver", "dev")
    found = scene.verify()
    assert {one.code for one in found.findings} == {"TWO_PERSON", "THRESHOLD"}
    assert "is an author of 1 commit" in found.findings[0].message
    assert not found.two_person


@pytest.mark.parametrize("case", ["co-author", "committer", "merged"])
def test_every_hand_in_the_change_counts(scene: Scene, case: str) -> None:
    scene.write("src/more.py", "more = 1\n")
    if case == "co-author":
        scene.commit("More\n\nCo-authored-by: C <Carol@Kamiyo.ai>", by="dev")
    else:
        scene.commit("More", by="carol")
    if case == "merged":
        scene.git("checkout", "-q", "main")
        scene.git("merge", "-q", "--no-ff", "-m", "Merge", "change")
        scene.git("push", "-q", "origin", "main")
    scene.check()
    assert scene.signed().codes() == (5, {"TWO_PERSON", "THRESHOLD"})


@pytest.mark.parametrize("who", ["alice", "carol"])
def test_a_fast_forward_hides_no_author(scene: Scene, who: str) -> None:
    """Signed before the merge, when the protected branch lacked both commits; whose base says so does not matter."""
    scene.write("src/more.py", "more = 1\n")
    scene.commit("More", by="carol")
    scene.write("src/more.py", "more = 2\n")
    scene.commit("Less", by="dev")
    scene.check()
    base = scene.git("rev-parse", "origin/main")
    scene.sign("completer", "alice", base=base if who == "alice" else None)
    scene.sign("approver", "carol", base=base if who == "carol" else None)
    scene.git("push", "-q", "origin", "change:main")
    assert scene.codes() == (5, {"TWO_PERSON", "THRESHOLD"})


def test_the_base_of_a_stranger_counts_nothing(scene: Scene) -> None:
    scene.signed()
    scene.sign("completer", "mallory", base=scene.git("rev-list", "--max-parents=0", "HEAD"))
    exit_code, codes = scene.codes()
    assert (exit_code, "TWO_PERSON" in codes) == (5, False)


def test_the_policy_may_let_authors_approve(scene: Scene) -> None:
    scene.on_main({".readiness/policy.yaml": "production: {approver_not_author: false}\n"})
    scene.sign("completer", "alice")
    scene.sign("approver", "dev")
    assert scene.codes() == (0, set())


def test_two_approvers_are_two_persons(scene: Scene) -> None:
    scene.on_main({".readiness/policy.yaml": "production: {require: {approver: 2}}\n"})
    scene.signed()
    scene.sign("approver", "carol", comment="and again")
    assert scene.codes() == (4, {"THRESHOLD"})
    scene.sign("approver", "dave")
    assert scene.codes() == (0, set())


# one sign-off that does not hold


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        ({"signer": "mallory"}, "UNKNOWN_KEY", 5),
        ({"signer": "carol", "key": "dave"}, "IDENTITY", 5),
        ({"signer": "alice"}, "ROLE", 5),
        ({"signer": "carol", "namespace": "readiness.completer"}, "NAMESPACE", 5),
        ({"signer": "carol", "namespace": "git"}, "NAMESPACE", 5),
        ({"signer": "carol", "environment": "staging"}, "MISMATCH", 5),
        ({"signer": "carol", "commit": "0" * 40}, "MISMATCH", 5),
        ({"signer": "carol", "dirty": True}, "MISMATCH", 5),
        ({"signer": "carol", "source_digest": "0" * 64}, "MISMATCH", 5),
        ({"signer": "carol", "checklist_sha256": "0" * 64}, "MISMATCH", 5),
        ({"signer": "carol", "verdict": "not_ready"}, "MISMATCH", 5),
        ({"signer": "carol", "waivers": ("W-1",)}, "MISMATCH", 5),
        ({"signer": "carol", "signed_on": timedelta(hours=1)}, "FUTURE", 5),
        ({"signer": "carol", "signed_on": timedelta(days=-1)}, "MISMATCH", 5),
        ({"signer": "carol", "expires_on": timedelta(seconds=-1)}, "EXPIRED", 6),
        ({"signer": "carol", "reviewed": None}, "CHAIN", 5),
        ({"signer": "carol", "reviewed": "0" * 64}, "CHAIN", 5),
        ({"signer": "carol", "ledger_heads": ("0" * 64,)}, "CHAIN", 5),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_a_sign_off_that_does_not_hold(scene: Scene, arguments: dict[str, Any], code: str, exit_code: int) -> None:
    scene.sign("completer", "alice")
    moments = {name: NOW + value for name, value in arguments.items() if isinstance(value, timedelta)}
    scene.sign("approver", **{**arguments, **moments})
    found = scene.codes()
    assert code in found[1]
    assert found[0] == exit_code
    assert found[1] <= {code, "THRESHOLD"}


def test_a_rejection_stops_the_release(scene: Scene) -> None:
    scene.signed()
    scene.sign("approver", "dave", decision="reject", comment="not on a Friday")
    found = scene.verify()
    assert (found.exit_code, [one.code for one in found.findings]) == (1, ["REJECTED"])
    assert "dave@kamiyo.ai" in found.findings[0].message
    assert "not on a Friday" in found.findings[0].message


def test_a_key_is_revoked(scene: Scene) -> None:
    scene.signed()
    scene.on_main({".readiness/revoked_keys": scene.public("carol") + "\n"})
    assert scene.codes() == (5, {"KEY_REVOKED", "THRESHOLD"})
    assert scene.codes(at=datetime.now(UTC))[0] == 5
    scene.sign("approver", "dave")
    assert scene.codes() == (0, set())  # what no longer counts, somebody else may do again


@pytest.mark.parametrize(
    "dates",
    [
        f',valid-before="{NOW - timedelta(days=9):%Y%m%dZ}"',
        f',valid-after="{NOW + timedelta(days=9):%Y%m%dZ}"',
    ],
    ids=["no longer", "not yet"],
)
def test_a_key_has_its_time(scene: Scene, dates: str) -> None:
    scene.on_main({".readiness/allowed_signers": scene.signers({"carol": dates})})
    assert scene.signed().codes() == (5, {"KEY_EXPIRED", "THRESHOLD"})


def test_a_key_that_ends_ends_the_validity(scene: Scene) -> None:
    end = (NOW + timedelta(days=1)).replace(microsecond=0)
    scene.on_main({".readiness/allowed_signers": scene.signers({"carol": f',valid-before="{end:%Y%m%d%H%M%SZ}"'})})
    assert scene.signed().verify().valid_until == end


def test_in_the_course_of_time(scene: Scene) -> None:
    scene.signed()
    assert scene.codes(at=datetime.now(UTC) + timedelta(days=2)) == (0, set())
    assert scene.codes(at=datetime.now(UTC) + timedelta(days=4)) == (6, {"STALE", "THRESHOLD"})
    assert scene.codes(at=datetime.now(UTC) - timedelta(days=1)) == (5, {"FUTURE", "THRESHOLD"})


# bytes


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw + b" ",
        lambda raw: raw.replace(b'"pass"', b'"fail"', 1),
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: raw[:100],
        lambda raw: raw.replace(b'"service"', b'"service": 1, "service"', 1),
        lambda _: b"",
    ],
    ids=["space", "state", "line ends", "cut", "doubled key", "empty"],
)
def test_the_report_changed_after_signing(scene: Scene, change: Callable[[bytes], bytes]) -> None:
    scene.signed()
    scene.report.write_bytes(change(scene.report.read_bytes()))
    exit_code, codes = scene.codes()
    assert exit_code == 5
    assert "REPORT_DIGEST" in codes


def decoded(line: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    fields = json.loads(line)
    return fields, json.loads(base64.b64decode(fields["payload"]))


def edited(line: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    fields, payload = decoded(line)
    change(payload)
    fields["payload"] = base64.b64encode(json.dumps(payload).encode()).decode()
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda line: edited(line, lambda payload: payload["predicate"].update(comment="yes")), "SIG_INVALID"),
        (lambda line: edited(line, lambda payload: payload["predicate"].update(role="completer")), "NAMESPACE"),
        (lambda line: edited(line, lambda payload: payload["predicate"].update(signedOn="2026-01-01")), "MALFORMED"),
        (lambda line: edited(line, lambda payload: payload.update(_type=STATEMENT_TYPE + ".1")), "MALFORMED"),
        (lambda line: edited(line, lambda payload: payload.update(predicateType=PREDICATE_TYPE[:-1])), "MALFORMED"),
        (lambda line: edited(line, lambda payload: payload.update(subject=[])), "MALFORMED"),
        (lambda line: edited(line, weaker), "HASH_ALG"),
        (lambda line: line[:-20], "MALFORMED"),
        (lambda line: line.replace(b'"payload":"', b'"payload":"!'), "MALFORMED"),
        (lambda line: line.replace(b"{", b'{"payload":"AAAA",', 1), "MALFORMED"),
        (lambda _: b"\xff\xfe", "MALFORMED"),
        (lambda _: b"[" * 100_000, "MALFORMED"),
        (lambda line: line.replace(b"+json", b"+jsom"), "CHAIN"),
        (lambda line: line.replace(b'"sig":"U1NI', b'"sig":"U1NJ'), "MALFORMED"),
    ],
)
def test_a_line_of_the_bundle_changed(scene: Scene, change: Callable[[bytes], bytes], code: str) -> None:
    completer, approver = lines(scene.signed())
    rewrite(scene, change(approver), completer)
    exit_code, codes = scene.codes()
    assert exit_code == 5
    assert code in codes
    assert len(scene.verify().sign_offs) >= 1  # one bad line does not hide the others


def weaker(payload: dict[str, Any]) -> None:
    payload["subject"][0]["digest"] = {"sha1": "0" * 40}


def test_signatures_are_not_exchanged(scene: Scene) -> None:
    one, other = map(json.loads, lines(scene.signed()))
    one["signatures"], other["signatures"] = other["signatures"], one["signatures"]
    rewrite(scene, json.dumps(one).encode(), json.dumps(other).encode())
    assert scene.codes()[0] == 5


def test_a_removed_line_is_missed(scene: Scene) -> None:
    completer, approver = lines(scene.signed())
    rewrite(scene, completer)
    assert scene.codes() == (5, {"CHAIN", "THRESHOLD"})
    rewrite(scene, approver)
    assert scene.codes() == (5, {"CHAIN", "THRESHOLD"})
    scene.bundle.unlink()
    assert scene.codes() == (5, {"CHAIN", "THRESHOLD"})


def test_a_bundle_moved_to_another_report(scene: Scene) -> None:
    bundle = lines(scene.signed())
    scene.check("--offline")
    newest = scene.report
    (newest.with_name(BUNDLE)).write_bytes(b"\n".join(bundle))
    exit_code, codes = scene.codes(newest)
    assert exit_code == 5
    assert "REPORT_DIGEST" in codes


# the ledger


def ledger_cut(scene: Scene) -> None:
    scene.ledger.write_bytes(b"".join(scene.ledger.read_bytes().splitlines(keepends=True)[:1]))


def ledger_edited(scene: Scene) -> None:
    scene.ledger.write_bytes(scene.ledger.read_bytes().replace(b"carol@", b"dave@"))


def ledger_reordered(scene: Scene) -> None:
    scene.ledger.write_bytes(b"".join(reversed(scene.ledger.read_bytes().splitlines(keepends=True))))


def ledger_gone(scene: Scene) -> None:
    scene.ledger.unlink()


def ledger_head_removed(scene: Scene) -> None:
    scene.ledger.write_bytes(b"".join(scene.ledger.read_bytes().splitlines(keepends=True)[1:]))


@pytest.mark.parametrize("change", [ledger_cut, ledger_edited, ledger_reordered, ledger_gone, ledger_head_removed])
def test_the_ledger_was_changed(scene: Scene, change: Callable[[Scene], None]) -> None:
    scene.signed()
    change(scene)
    assert scene.codes() == (5, {"CHAIN"})


def test_a_tail_that_the_protected_branch_has_was_cut(scene: Scene) -> None:
    scene.signed()
    scene.sign("approver", "dave", decision="reject")
    scene.commit("Signed", by="alice")
    scene.git("push", "-q", "origin", "change:main")
    rewrite(scene, *lines(scene)[:2])
    scene.ledger.write_bytes(b"".join(scene.ledger.read_bytes().splitlines(keepends=True)[:2]))
    assert scene.codes() == (5, {"CHAIN"})


def test_what_others_recorded_since_need_not_be_here(scene: Scene) -> None:
    """Another release was signed on the protected branch after this branch left it."""
    scene.signed()
    first, kept = scene.report, scene.ledger.read_bytes()
    scene.git("checkout", "-q", "-b", "second", "main")
    scene.ledger.unlink()
    scene.check()
    scene.sign("completer", "alice")
    scene.on_main({"reports/ledger.jsonl": scene.ledger.read_bytes()})
    scene.write("reports/ledger.jsonl", kept)
    assert scene.codes(first) == (0, set())


# where


def test_no_such_report(scene: Scene) -> None:
    for path in (scene.path / "none.json", scene.path / "keys", scene.path / ("x" * 300), scene.repo / "README.md"):
        with pytest.raises(UsageError):
            scene.verify(path)


def test_without_a_protected_branch(scene: Scene) -> None:
    scene.signed()
    scene.git("remote", "remove", "origin")
    found = scene.verify()
    assert (found.exit_code, found.findings[0].code) == (3, "TRUST")
    assert "--trust-ref" in (found.findings[0].fix or "")
    assert scene.codes(trust_ref="main") == (0, set())
    assert scene.codes(trust_ref="nowhere") == (3, {"TRUST"})
    assert scene.codes(trust_ref="--all") == (3, {"TRUST"})


def test_outside_the_repository(scene: Scene, tmp_path: Path) -> None:
    scene.signed()
    away = tmp_path / "away"
    shutil.copytree(scene.report.parent, away)
    shutil.copytree(scene.repo / ".readiness", away / "trust")
    signers = away / "trust" / "allowed_signers"
    assert scene.codes(away) == (3, {"TRUST"})
    found = scene.verify(away, allowed_signers=signers)
    assert found.exit_code == 0
    assert any("checklist" in note for note in found.notes)
    assert scene.codes(away, allowed_signers=signers, checklist=scene.repo / "checklist.yaml") == (0, set())
    assert scene.codes(away, allowed_signers=signers, commit=scene.facts["commit"][:10])[0] == 0
    assert scene.codes(away, allowed_signers=signers, commit="0" * 40)[0] == 6
    (away / "trust" / "revoked_keys").write_text(scene.public("alice") + "\n", "utf-8")
    assert scene.codes(away, allowed_signers=signers)[0] == 5
    (away / "checklist.yaml").write_text("version: 1\n", "utf-8")
    assert scene.codes(away, allowed_signers=signers, checklist=away / "checklist.yaml")[1] >= {"MISMATCH"}


def test_the_statement_names_its_bytes(scene: Scene) -> None:
    scene.sign("completer", "alice")
    _, payload = decoded(lines(scene)[0])
    assert statement.decode(json.dumps(payload).encode()).predicate.signer == address("alice")


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_does_not_know_all_authors(scene: Scene, tmp_path: Path, depth: int) -> None:
    """What nobody can see, an approver may have written; enough history is enough."""
    scene.signed()
    scene.commit("The report")
    scene.git("push", "-q", "origin", "change")
    clone, origin = tmp_path / "clone", f"file://{scene.path / 'origin.git'}"
    scene.git("clone", "-q", "--depth", str(depth), "--no-single-branch", "-b", "change", origin, str(clone))
    found = scene.verify(clone / scene.report.relative_to(scene.repo))
    if depth == 1:  # the report's commit is not there
        assert (found.exit_code, found.findings[0].code) == (6, "WRONG_TARGET")
    else:  # it is, and its parent is not
        assert [one.code for one in found.findings] == ["TRUST"]
        assert "--unshallow" in (found.findings[0].fix or "")
    scene.git("fetch", "-q", "--unshallow", cwd=clone)
    assert scene.codes(clone / scene.report.relative_to(scene.repo)) == (0, set())


def test_the_tree_of_the_source(scene: Scene) -> None:
    fields = json.loads(scene.payload("completer", "alice"))
    fields["subject"][1]["digest"]["gitTree"] = "0" * 40
    payload = json.dumps(fields).encode()
    scene.record(payload, scene.envelope(payload, "alice", "readiness.completer"))
    assert scene.codes() == (5, {"MISMATCH", "THRESHOLD"})


def test_a_copy_in_the_repository_of_an_auditor(scene: Scene, tmp_path: Path) -> None:
    scene.signed()
    office = tmp_path / "office"
    shutil.copytree(scene.report.parent, office / "evidence")
    shutil.copytree(scene.repo / ".readiness", office / "trust")
    scene.git("init", "-q", cwd=office)
    scene.git("add", "-A", cwd=office)
    scene.git("commit", "-q", "-m", "Evidence", cwd=office)
    found = scene.verify(office / "evidence", allowed_signers=office / "trust" / "allowed_signers")
    assert (found.exit_code, len(found.notes)) == (0, 4)
