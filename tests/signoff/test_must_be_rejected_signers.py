"""What people signed with real keys and should not have: rejected, each with its exit code and its reason code."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from readiness.signoff.model import PREDICATE_TYPE, STATEMENT_TYPE
from readiness.signoff.statement import say_time
from tests.signoff.attacks import Attack, Case, approves, check, honest, lie, rejects, says, signs, subject
from tests.signoff.scene import Scene, address
from tests.signoff.sshkeys import keygen

NOW = datetime.now(UTC)
YESTERDAY, TOMORROW = (f"{NOW + timedelta(days=days):%Y%m%d}Z" for days in (-1, 2))
NO_TYPE = PREDICATE_TYPE.rpartition("/")[0]


def at(**time: float) -> tuple[str, str]:
    """Judged at another time than now."""
    return "--at", say_time(NOW + timedelta(**time))


def policy(text: str, then: Attack) -> Attack:
    def attack(scene: Scene) -> None:
        scene.on_main({".readiness/policy.yaml": f"production: {{{text}}}\n"})
        then(scene)

    return attack


def carol(options: str, then: Attack) -> Attack:
    """Carol's line on the protected branch has these options, too."""

    def attack(scene: Scene) -> None:
        scene.on_main({".readiness/allowed_signers": scene.signers({"carol": options})})
        then(scene)

    return attack


def listed(line: str, then: Attack) -> Attack:
    """Another line stands on the protected branch, with the key of the name before the colon."""
    name, _, rest = line.partition(": ")

    def attack(scene: Scene) -> None:
        scene.on_main({".readiness/allowed_signers": f"{scene.signers()}{rest} {scene.public(name)}\n"})
        then(scene)

    return attack


def instead(line: str) -> Attack:
    """Carol's line on the protected branch is another one, `KEY` her key."""

    def attack(scene: Scene) -> None:
        kept = [one for one in scene.signers().splitlines() if not one.startswith("carol@")]
        lines = [*kept, line.replace("KEY", scene.public("carol"))]
        scene.on_main({".readiness/allowed_signers": "\n".join(lines) + "\n"})
        scene.signed()

    return attack


def both_roles(approver: str, key: str | None = None) -> Attack:
    def attack(scene: Scene) -> None:
        scene.sign("completer", "bob")
        scene.sign("approver", approver, key=key)

    return attack


def twice(scene: Scene) -> None:
    scene.signed()
    scene.sign("approver", "carol", comment="and again")


def rejected(role: str, signer: str) -> Attack:
    def attack(scene: Scene) -> None:
        scene.signed()
        scene.sign(role, signer, decision="reject")

    return attack


def hand(message: str, by: str) -> Attack:
    """Carol has a hand in a commit by somebody else, and approves it."""

    def attack(scene: Scene) -> None:
        scene.write("src/more.py", "more = 1\n")
        scene.git("add", "-A")
        scene.git("commit", "-q", "-m", message, "--author=Dev <dev@kamiyo.ai>", by=by)
        check(scene)
        scene.signed()

    return attack


def revoked(then: Attack) -> Attack:
    def attack(scene: Scene) -> None:
        then(scene)
        scene.on_main({".readiness/revoked_keys": scene.public("carol") + "\n"})

    return attack


def backdated(scene: Scene) -> None:
    """Report and sign-offs say that they are of two days ago, when the key was still good."""
    then = NOW - timedelta(days=2)
    raw = scene.report.read_bytes().replace(scene.facts["finished"].encode(), say_time(then).encode())
    scene.report.write_bytes(raw)
    scene.sign("completer", "alice", signed_on=then)
    scene.sign("approver", "carol", signed_on=then)


def weak(scene: Scene) -> None:
    (scene.path / "keys").mkdir(exist_ok=True)
    keygen("-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", str(scene.path / "keys" / "weak"))
    listed(f'weak: {address("weak")} namespaces="readiness.approver"', signs("weak"))(scene)


def role_twice(scene: Scene) -> None:
    scene.sign("completer", "alice")
    lie(
        scene,
        "approver",
        "carol",
        scene.payload("approver", "carol").replace(b'"role":', b'"role":"completer","role":'),
    )


def of_another_report(scene: Scene) -> None:
    """The bundle and the ledger of an earlier report are moved to one that nobody signed."""
    scene.signed()
    bundle = scene.bundle.read_bytes()
    check(scene)
    scene.bundle.write_bytes(bundle)


APPROVES = 'namespaces="readiness.approver"'
SIGNED = [
    Case("unknown signer", signs("mallory"), 5, "UNKNOWN_KEY"),
    Case("another's name", signs("carol", key="dave"), 5, "IDENTITY"),
    Case("another's name and nobody's key", signs("carol", key="mallory"), 5, "UNKNOWN_KEY"),
    Case("completer as approver", signs("alice"), 5, "ROLE"),
    Case("approver in the completer's namespace", signs("carol", namespace="readiness.completer"), 5, "NAMESPACE"),
    Case("role relabelled by its signer", signs("alice", namespace="readiness.completer"), 5, "NAMESPACE"),
    Case("a signature for git", signs("carol", namespace="git"), 5, "NAMESPACE"),
    Case("a signature for files", signs("carol", namespace="file"), 5, "NAMESPACE"),
    Case("one person with one key", both_roles("bob"), 5, "TWO_PERSON"),
    Case("one person with two keys", listed(f"b2: bob@kamiyo.ai {APPROVES}", both_roles("bob", "b2")), 5, "TWO_PERSON"),
    Case(
        "two names with one key", listed(f"bob: twin@kamiyo.ai {APPROVES}", both_roles("twin", "bob")), 5, "TWO_PERSON"
    ),
    Case("approver is the author", signs("dev"), 5, "TWO_PERSON"),
    Case("approver is the committer", hand("More", by="carol"), 5, "TWO_PERSON"),
    Case("approver is a co-author", hand("More\n\nCo-authored-by: C <Carol@Kamiyo.ai>", by="dev"), 5, "TWO_PERSON"),
    Case("one approver twice", policy("require: {approver: 2}", twice), 4, "THRESHOLD"),
    Case("one completer of two", policy("require: {completer: 2}", honest), 4, "THRESHOLD"),
    Case("another commit", says(commit="0" * 40), 5, "MISMATCH"),
    Case("another commit as subject", subject(1, gitCommit="0" * 40), 5, "MISMATCH"),
    Case("another tree as subject", subject(1, gitTree="0" * 40), 5, "MISMATCH"),
    Case("another environment", says(environment="staging"), 5, "MISMATCH"),
    Case("another checklist", says(checklistDigest={"sha256": "0" * 64}), 5, "MISMATCH"),
    Case("another checklist as subject", subject(2, sha256="0" * 64), 5, "MISMATCH"),
    Case("another report as subject", subject(0, sha256="0" * 64), 5, "REPORT_DIGEST"),
    Case("a bundle of another report", of_another_report, 5, "REPORT_DIGEST"),
    Case("another source", says(sourceDigest="0" * 64), 5, "MISMATCH"),
    Case("another verdict", says(verdict="waiting"), 5, "MISMATCH"),
    Case("another waiver", says(waivers=["W-1"]), 5, "MISMATCH"),
    Case("dirty", says(dirty=True), 5, "MISMATCH"),
    Case("reviewed nothing", approves(lambda it: it["predicate"].pop("reviewed")), 5, "CHAIN"),
    Case("reviewed something else", says(reviewed="0" * 64), 5, "CHAIN"),
    Case("knows another ledger", says(ledgerHeads=["0" * 64]), 5, "CHAIN"),
    Case("expired", signs("carol", expires_on=NOW - timedelta(seconds=1)), 6, "EXPIRED"),
    Case("from the future", signs("carol", signed_on=NOW + timedelta(hours=1)), 5, "FUTURE"),
    Case("before the report", signs("carol", signed_on=NOW - timedelta(days=1)), 5, "MISMATCH"),
    Case("stale", honest, 6, "STALE", at(days=4)),
    Case("stale by the policy", policy("max_age: 1h", honest), 6, "STALE", at(hours=2)),
    Case("not yet signed", honest, 5, "FUTURE", at(days=-1)),
    Case("naive time of signing", says(signedOn="2026-11-23T10:00:00"), 5, "MALFORMED"),
    Case("naive end", says(expiresOn="2126-11-23T10:00:00"), 5, "MALFORMED"),
    Case("naive deployment", says(plannedDeployment="2126-11-23 10:00"), 5, "MALFORMED"),
    Case("revoked key", revoked(honest), 5, "KEY_REVOKED"),
    Case("revoked key, backdated", revoked(backdated), 5, "KEY_REVOKED"),
    Case("revoked key, asked for then", revoked(backdated), 5, "KEY_REVOKED", at(days=-1.9)),
    Case("expired key", carol(f',valid-before="{YESTERDAY}"', honest), 5, "KEY_EXPIRED"),
    Case("expired key, backdated", carol(f',valid-before="{YESTERDAY}"', backdated), 5, "KEY_EXPIRED"),
    Case("key of tomorrow", carol(f',valid-after="{TOMORROW}"', honest), 5, "KEY_EXPIRED"),
    Case("weak key", weak, 5, "WEAK_KEY"),
    Case("signer without namespaces", instead("carol@kamiyo.ai KEY"), 3, "TRUST"),
    Case("signer of every namespace", instead('carol@kamiyo.ai namespaces="*" KEY'), 3, "TRUST"),
    Case("signer of patterns", instead('carol@kamiyo.ai namespaces="readiness.*" KEY'), 3, "TRUST"),
    Case("anybody", instead(f"* {APPROVES} KEY"), 3, "TRUST"),
    Case("anybody of a domain", instead(f"*@kamiyo.ai {APPROVES} KEY"), 3, "TRUST"),
    Case("a list of signers", instead(f"carol@kamiyo.ai,dave@kamiyo.ai {APPROVES} KEY"), 3, "TRUST"),
    Case("an authority", instead(f"carol@kamiyo.ai cert-authority,{APPROVES} KEY"), 3, "TRUST"),
    Case("rejected", rejected("approver", "dave"), 1, "REJECTED"),
    Case("rejected by a completer", rejected("completer", "bob"), 1, "REJECTED"),
    Case("rejected by who had approved", rejected("approver", "carol"), 1, "REJECTED"),
    Case("predicate of version 0", approves(lambda it: it.update(predicateType=f"{NO_TYPE}/v0")), 5, "MALFORMED"),
    Case("predicate of no version", approves(lambda it: it.update(predicateType=NO_TYPE)), 5, "MALFORMED"),
    Case("statement of version 0.1", approves(lambda it: it.update(_type=f"{STATEMENT_TYPE[:-1]}0.1")), 5, "MALFORMED"),
    Case(
        "report by sha1 alone", approves(lambda it: it["subject"][0].update(digest={"sha1": "0" * 40})), 5, "HASH_ALG"
    ),
    Case("list by md5 alone", approves(lambda it: it["subject"][2].update(digest={"md5": "0" * 32})), 5, "HASH_ALG"),
    Case("a subject twice", approves(lambda it: it["subject"].append(it["subject"][0])), 5, "MALFORMED"),
    Case("no subject", approves(lambda it: it.update(subject=[])), 5, "MALFORMED"),
    Case("no role", approves(lambda it: it["predicate"].pop("role")), 5, "MALFORMED"),
    Case("no such role", says(role="boss"), 5, "MALFORMED"),
    Case("no such decision", says(decision="perhaps"), 5, "MALFORMED"),
    Case("a key twice", role_twice, 5, "MALFORMED"),
    Case("too deep", says(x=json.loads("[" * 40 + "]" * 40)), 5, "MALFORMED"),
    Case("a comment too long", says(comment="x" * 10_001), 5, "MALFORMED"),
    Case("a payload too long", says(x="x" * 1_100_000), 5, "MALFORMED"),
]


@pytest.mark.parametrize("case", SIGNED, ids=str)
def test_signed(scene: Scene, case: Case) -> None:
    case.attack(scene)
    rejects(scene, case, separately=SIGNED.index(case) % 9 == 0)
