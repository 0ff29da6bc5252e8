"""What was edited after two persons had signed: rejected, each with its exit code and its reason code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.signoff.attacks import (
    Attack,
    Case,
    claims,
    lines,
    on_last,
    on_signature,
    outer,
    payload,
    rejects,
    rewrite,
    told,
)
from tests.signoff.scene import Scene, copy_of


def moved(scene: Scene) -> None:
    one, other = (json.loads(line) for line in lines(scene))
    one["signatures"], other["signatures"] = other["signatures"], one["signatures"]
    rewrite(scene, json.dumps(one).encode(), json.dumps(other).encode())


def borrowed(scene: Scene) -> None:
    """The approver's line has the completer's signature."""
    completer, approver = lines(scene)
    signatures = json.loads(completer)["signatures"]
    rewrite(scene, completer, outer(approver, lambda it: it.update(signatures=signatures)))


def keep(number: int) -> Attack:
    return lambda scene: rewrite(scene, lines(scene)[number])


def alone(role: str, signer: str) -> Attack:
    """One line is removed, and the ledger is written again to fit."""

    def attack(scene: Scene) -> None:
        reviewed = scene.completed() if role == "approver" else None
        scene.bundle.unlink()
        scene.ledger.unlink()
        scene.sign(role, signer, reviewed=reviewed)

    return attack


def cut(scene: Scene) -> None:
    scene.ledger.write_bytes(b"".join(scene.ledger.read_bytes().splitlines(keepends=True)[:1]))


def beheaded(scene: Scene) -> None:
    scene.ledger.write_bytes(b"".join(scene.ledger.read_bytes().splitlines(keepends=True)[1:]))


def reordered(scene: Scene) -> None:
    scene.ledger.write_bytes(b"".join(reversed(scene.ledger.read_bytes().splitlines(keepends=True))))


def ledger(old: bytes, new: bytes) -> Attack:
    return lambda scene: edit(scene, old, new)


def edit(scene: Scene, old: bytes, new: bytes) -> None:
    raw = scene.ledger.read_bytes()
    assert old in raw
    scene.ledger.write_bytes(raw.replace(old, new))


def last(**fields: object) -> Attack:
    """The newest line of the ledger, which nothing follows yet, says something else."""

    def attack(scene: Scene) -> None:
        *kept, line = scene.ledger.read_bytes().splitlines()
        edited = json.dumps({**json.loads(line), **fields}, separators=(",", ":")).encode()
        assert edited != line
        scene.ledger.write_bytes(b"\n".join([*kept, edited, b""]))

    return attack


def spaced(scene: Scene) -> None:
    scene.ledger.write_bytes(scene.ledger.read_bytes().removesuffix(b"}\n") + b" }\n")


def below_main(scene: Scene) -> None:
    """The protected branch has a rejection, which is cut here from bundle and ledger."""
    bundle, recorded = scene.bundle.read_bytes(), scene.ledger.read_bytes()
    scene.sign("approver", "dave", decision="reject")
    scene.commit("Signed", by="alice")
    scene.git("push", "-q", "origin", "change:main")
    scene.bundle.write_bytes(bundle)
    scene.ledger.write_bytes(recorded)


def report(old: bytes, new: bytes) -> Attack:
    def attack(scene: Scene) -> None:
        raw = scene.report.read_bytes()
        assert old in raw
        scene.report.write_bytes(raw.replace(old, new, 1))

    return attack


def oversize(scene: Scene) -> None:
    scene.report.write_bytes(scene.report.read_bytes() + b" " * 64 * 1024 * 1024)


def deep(count: int) -> bytes:
    return b',"x":' + b"[" * count + b"]" * count + b"}"


EDITED = [
    Case("a byte of the report", report(b"A readme", b"A Readme"), 5, "REPORT_DIGEST"),
    Case("a space of the report", report(b"\n", b" \n"), 5, "REPORT_DIGEST"),
    Case("line ends of the report", report(b"\n", b"\r\n"), 5, "REPORT_DIGEST"),
    Case("fail turned pass", report(b'"pending": 1', b'"pending": 0'), 5, "REPORT_DIGEST"),
    Case("a key twice in the report", report(b"{", b'{"service": "shop", '), 5, "REPORT_DIGEST"),
    Case("report too long", oversize, 5, "REPORT_DIGEST"),
    Case("report too deep", report(b"{", b'{"x":' + b"[" * 99 + b"]" * 99 + b","), 5, "REPORT_DIGEST"),
    Case("payload", claims(comment="!"), 5, "SIG_INVALID"),
    Case("payload type", on_last(lambda line: line.replace(b"in-toto+json", b"in-tota+json")), 5, "THRESHOLD"),
    Case("last byte of the signature", on_signature(lambda it: it[:-1] + bytes([it[-1] ^ 1])), 5, "SIG_INVALID"),
    Case("signature of another kind", on_signature(lambda it: b"SSHSIH" + it[6:]), 5, "MALFORMED"),
    Case("signature of version 2", on_signature(lambda it: it[:9] + b"\2" + it[10:]), 5, "MALFORMED"),
    Case("signature with a tail", on_signature(lambda it: it + b"\0"), 5, "MALFORMED"),
    Case("hash named sha256", on_signature(lambda it: it.replace(b"sha512", b"sha256")), 5, "SIG_INVALID"),
    Case("hash named sha1", on_signature(lambda it: it.replace(b"\6sha512", b"\4sha1")), 5, "HASH_ALG"),
    Case("namespace", on_signature(lambda it: it.replace(b"\x12readiness.approver", b"\3git")), 5, "NAMESPACE"),
    Case("signatures exchanged", moved, 5, "NAMESPACE"),
    Case("signature of the completer", borrowed, 5, "NAMESPACE"),
    Case("role relabelled", claims(role="completer"), 5, "NAMESPACE"),
    Case("decision turned", claims(decision="reject"), 5, "SIG_INVALID"),
    Case("another name", claims(signer="dave@kamiyo.ai"), 5, "SIG_INVALID"),
    Case("another time", claims(signedOn="2126-01-01T00:00:00Z"), 5, "SIG_INVALID"),
    Case("another subject", payload(lambda it: it["subject"][0]["digest"].update(sha256="0" * 64)), 5, "SIG_INVALID"),
    Case("no signature", on_last(lambda line: outer(line, lambda it: it.update(signatures=[]))), 5, "MALFORMED"),
    Case("bad base64", on_last(lambda line: line.replace(b'"payload":"', b'"payload":"!')), 5, "MALFORMED"),
    Case("base64 with a space", on_last(lambda line: line.replace(b'"payload":"', b'"payload":" ')), 5, "MALFORMED"),
    Case("line cut", on_last(lambda line: line[:-20]), 5, "MALFORMED"),
    Case("line cut to a byte", on_last(lambda line: line[:1]), 5, "MALFORMED"),
    Case("line too long", on_last(lambda line: line + b" " * 20_000_000), 5, "MALFORMED"),
    Case("too many lines", lambda scene: rewrite(scene, *lines(scene), *[b"{}"] * 1001), 5, "MALFORMED"),
    Case("bundle too long", lambda scene: rewrite(scene, *lines(scene), b"{}" * 33_000_000), 5, "MALFORMED"),
    Case("too deep", on_last(lambda line: line[:-1] + deep(90_000)), 5, "MALFORMED"),
    Case("a key twice", on_last(lambda line: line.replace(b"{", b'{"payload":"AAAA",', 1)), 5, "MALFORMED"),
    Case("approver's line removed", keep(0), 5, "THRESHOLD"),
    Case("completer's line removed", keep(1), 5, "CHAIN"),
    Case("bundle removed", lambda scene: scene.bundle.unlink(), 5, "CHAIN"),
    Case("approver removed everywhere", alone("completer", "alice"), 4, "THRESHOLD"),
    Case("completer removed everywhere", alone("approver", "carol"), 5, "CHAIN"),
    Case("ledger edited", ledger(b"carol@", b"dave@"), 5, "CHAIN"),
    Case("ledger edited in its time", ledger(b'"at":"2', b'"at":"3'), 5, "CHAIN"),
    Case("ledger with a space", ledger(b'"kind"', b' "kind"'), 5, "CHAIN"),
    Case("ledger with other line ends", ledger(b"\n", b"\r\n"), 5, "CHAIN"),
    Case("ledger with a key twice", ledger(b'{"version":1', b'{"version":1,"version":1'), 5, "CHAIN"),
    Case("ledger with garbage", ledger(b'{"version":1', b"\0"), 5, "CHAIN"),
    Case(
        "ledger too deep", ledger(b'{"version":1', b'{"x":' + b"[" * 9999 + b"]" * 9999 + b',"version":1'), 5, "CHAIN"
    ),
    Case("ledger too long", ledger(b"\n", b"\n" + b" " * 70_000_000), 5, "MALFORMED"),
    Case("newest line by somebody else", last(signer="dave@kamiyo.ai"), 5, "CHAIN"),
    Case("newest line of another role", last(role="completer"), 5, "CHAIN"),
    Case("newest line of another environment", last(environment="staging"), 5, "CHAIN"),
    Case("newest line of another commit", last(commit=None), 5, "CHAIN"),
    Case("newest line of another report", last(report="0" * 64), 5, "CHAIN"),
    Case("newest line that follows nothing", last(prev=[]), 5, "CHAIN"),
    Case("newest line with a space", spaced, 5, "CHAIN"),
    Case("ledger cut", cut, 5, "CHAIN"),
    Case("ledger without its first line", beheaded, 5, "CHAIN"),
    Case("ledger reordered", reordered, 5, "CHAIN"),
    Case("ledger removed", lambda scene: scene.ledger.unlink(), 5, "CHAIN"),
    Case("ledger cut below the protected branch's", below_main, 5, "CHAIN"),
]


@pytest.mark.parametrize("case", EDITED, ids=str)
def test_edited(signed: Scene, tmp_path: Path, case: Case) -> None:
    scene = copy_of(signed, tmp_path)
    case.attack(scene)
    rejects(scene, case, separately=EDITED.index(case) % 9 == 0)


def test_nothing_edited(signed: Scene) -> None:
    """What rejects is the attack."""
    assert told(signed).first.startswith("VALID: ")


def removed(scene: Scene, number: int, away: Path) -> Case:
    """A line is removed outside the repository, where no ledger misses it."""
    away.mkdir()
    kept = [line for index, line in enumerate(lines(scene)) if index != number]
    (away / "report.json").write_bytes(scene.report.read_bytes())
    (away / scene.bundle.name).write_bytes(b"\n".join(kept))
    return Case("", lambda _: None, 5 if number == 0 else 4, "CHAIN" if number == 0 else "THRESHOLD")


@pytest.mark.parametrize("number", [0, 1])
def test_a_line_removed_outside_the_repository(signed: Scene, tmp_path: Path, number: int) -> None:
    case = removed(signed, number, tmp_path / "away")
    signers = str(signed.repo / ".readiness" / "allowed_signers")
    found = told(signed, "--allowed-signers", signers, "--json", report=tmp_path / "away" / "report.json")
    assert (found.exit, case.code in found.out) == (case.exit, True)
