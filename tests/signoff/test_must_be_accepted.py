"""What changes nothing of what was signed: accepted, through the command line."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.signoff.attacks import Attack, Json, check, lie, lines, outer, process, rewrite, told
from tests.signoff.scene import CHECKLIST, Scene, address, copy_of

IN_TOTO = "application/vnd.in-toto+json"
PROVENANCE = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1"}


def each(**fields: object) -> Attack:
    """Every envelope has these fields, too."""
    return lambda scene: rewrite(scene, *(outer(line, lambda it: it.update(fields)) for line in lines(scene)))


def keyid(value: str | None) -> Attack:
    def edit(fields: Json) -> None:
        fields["signatures"][0].pop("keyid", None)
        if value is not None:
            fields["signatures"][0]["keyid"] = value

    return lambda scene: rewrite(scene, *(outer(line, edit) for line in lines(scene)))


def more(*foreign: bytes) -> Attack:
    return lambda scene: rewrite(scene, foreign[0], *lines(scene), *foreign)


def envelope(payload: object, kind: str = IN_TOTO) -> bytes:
    encoded = base64.b64encode(json.dumps(payload).encode()).decode()
    return json.dumps({"payloadType": kind, "payload": encoded, "signatures": [{"sig": "AAAA"}]}).encode()


def url_safe(padded: str) -> Attack:
    def edit(fields: Json) -> None:
        raw = base64.b64decode(fields["payload"])
        fields["payload"] = base64.urlsafe_b64encode(raw).decode().rstrip("=") + padded
        sig = fields["signatures"][0]
        sig["sig"] = base64.urlsafe_b64encode(base64.b64decode(sig["sig"])).decode().rstrip("=")

    return lambda scene: rewrite(scene, *(outer(line, edit) for line in lines(scene)))


def second_signature(scene: Scene) -> None:
    """An envelope may have more signatures; one that holds is enough."""
    one, other = (json.loads(line) for line in lines(scene))
    other["signatures"] = [*one["signatures"], *other["signatures"]]
    rewrite(scene, json.dumps(one).encode(), json.dumps(other).encode())


def damaged_copy(scene: Scene) -> None:
    """A statement that stands twice, once with a signature that is none: the one that holds counts, in any order."""
    one, other = lines(scene)
    bad = json.loads(other)
    bad["signatures"] = json.loads(one)["signatures"]
    rewrite(scene, json.dumps(bad).encode(), one, other, json.dumps(bad).encode())


def approved_again(scene: Scene) -> None:
    scene.sign("approver", "dave")


def committed(scene: Scene) -> None:
    scene.commit("The report", by="carol")


def committed_and_tagged(scene: Scene) -> None:
    committed(scene)
    scene.git("commit", "-q", "--allow-empty", "-m", "Nothing", by="carol")
    scene.git("tag", "v1")


def left_over(scene: Scene) -> None:
    """Files that lie about since, and are no part of the commit."""
    scene.write("left.txt", "over")


def doubled_ledger(scene: Scene) -> None:
    """merge=union may write a line twice."""
    raw = scene.ledger.read_bytes()
    scene.ledger.write_bytes(raw + raw)


ACCEPTED = {
    "nothing": lambda _: None,
    "hint changed": keyid("SHA256:somebody"),
    "hint gone": keyid(None),
    "order swapped": lambda scene: rewrite(scene, *reversed(lines(scene))),
    "a line twice": lambda scene: rewrite(scene, *lines(scene), *lines(scene)),
    "empty lines": lambda scene: scene.bundle.write_bytes(b"\n\n" + b"\n\n".join(lines(scene))),
    "no newline at the end": lambda scene: scene.bundle.write_bytes(b"\n".join(lines(scene))),
    "white space": lambda scene: rewrite(scene, *(b"  " + line + b" \t" for line in lines(scene))),
    "an object": more(b'{"mediaType": "x"}'),
    "a list": more(b"[1, 2]"),
    "provenance": more(envelope(PROVENANCE)),
    "another payload type": more(envelope({}, "text/plain")),
    "a predicate of a like name": more(envelope({"predicateType": "https://readiness.dev/sign-off-x/v1"})),
    "unknown fields of the envelope": each(mood="good", time=1.5),
    "url-safe base64": url_safe(""),
    "two signatures": second_signature,
    "a damaged copy": damaged_copy,
    "two approvers": approved_again,
    "report committed": committed,
    "report committed, and more": committed_and_tagged,
    "files left over": left_over,
    "ledger twice": doubled_ledger,
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(signed: Scene, tmp_path: Path, name: str) -> None:
    scene = copy_of(signed, tmp_path)
    ACCEPTED[name](scene)
    found = told(scene)
    assert (found.exit, found.first[:7]) == (0, "VALID: "), found.out
    if list(ACCEPTED).index(name) % 7 == 0:
        assert process(scene).exit == 0


def test_unknown_fields_in_what_is_signed(scene: Scene) -> None:
    scene.sign("completer", "alice")
    payload = json.loads(scene.payload("approver", "carol"))
    payload["more"] = payload["predicate"]["mood"] = {"good": [1]}
    payload["subject"].append({"name": "image", "digest": {"sha1": "0"}})
    lie(scene, "approver", "carol", json.dumps(payload, indent=1).encode())
    assert told(scene).exit == 0


def test_two_approvers_where_two_are_required(scene: Scene) -> None:
    scene.on_main({".readiness/policy.yaml": "production: {require: {approver: 2}}\n"})
    scene.signed()
    assert told(scene).exit == 4
    scene.sign("approver", "dave")
    assert told(scene).exit == 0


def test_the_sum_of_all_items(scene: Scene) -> None:
    scene.write("checklist.yaml", f"{CHECKLIST}      everything: {{title: All of it, items: all}}\n")
    scene.commit("All of it", by="dev")
    check(scene)
    scene.signed()
    assert told(scene).exit == 0


def test_a_release_gate_where_merges_would_do(scene: Scene) -> None:
    scene.write("checklist.yaml", CHECKLIST.replace("staging: {}", "staging: {gate: merge}"))
    scene.write("staging.txt", "here\n")
    scene.commit("Staging", by="dev")
    check(scene, "--gate", "release", env="staging")
    scene.signed()
    assert told(scene).exit == 0


def test_two_heads_of_the_ledger_that_git_merges(scene: Scene) -> None:
    """Two persons approve on two branches; git unites the ledgers, and each bundle is one of the two."""
    scene.sign("completer", "alice")
    scene.commit("Completed", by="alice")
    scene.git("checkout", "-q", "-b", "other")
    scene.sign("approver", "dave")
    daves = lines(scene)[-1]
    scene.commit("Approved by dave", by="dave")
    scene.git("checkout", "-q", "change")
    scene.sign("approver", "carol")
    scene.commit("Approved by carol", by="carol")
    scene.git("merge", "-q", "--no-commit", "-X", "ours", "other", by="lead")
    rewrite(scene, *lines(scene), *([] if daves in lines(scene) else [daves]))
    scene.commit("Merged")
    assert len(scene.ledger.read_bytes().splitlines()) == 3
    found = told(scene, "--json")
    assert (found.exit, len(found.json["sign_offs"])) == (0, 3), found.out
    assert {one["signer"] for one in found.json["sign_offs"]} == set(map(address, ("alice", "carol", "dave")))
