"""docs/attesting.md is true: its checklist loads, and every line of its shell blocks does what the page says."""

from __future__ import annotations

import re
import shlex

import yaml

from readiness.api import Reason
from tests.engine import ROOT, Folder
from tests.people.words import day

PAGE = ROOT / "docs" / "attesting.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [body for name, body in FENCE.findall(PAGE.read_text("utf-8")) if name == language]


def in_time(words: list[str]) -> list[str]:
    """The page's day lies ahead of whoever reads it now, and so it must here."""
    return [day(30) if word == "2026-12-31" else word for word in words]


def test_every_line_of_the_page_does_what_it_says(folder: Folder) -> None:
    checklist, _ = blocks("yaml")
    folder.write("checklist.yaml", checklist)
    folder.write("logs/restore.log", "restored 12 tables\n")
    for line in "".join(blocks("sh")).splitlines():
        command, _, comment = line.partition(" #")
        wanted = re.search(r"exits (\d+)", comment)
        program, *words = in_time(shlex.split(command))
        assert program == "readiness"
        done = folder.run(*words)
        assert done.code == (int(wanted[1]) if wanted else 0), line + done.err
    states = {
        entry["item"]: entry["state"] for entry in yaml.safe_load(text(folder, "attestations.yaml"))["attestations"]
    }
    assert states == {"rota": "fail", "restore": "pass", "vat": "na"}
    assert "waived" in folder.run("check", "--allow", "exec").out


def text(folder: Folder, name: str) -> str:
    return (folder.path / name).read_text("utf-8")


def test_the_pages_attestation_is_one(folder: Folder) -> None:
    checklist, attestations = blocks("yaml")
    folder.write("checklist.yaml", checklist)
    folder.write("attestations.yaml", attestations)
    result = next(result for result in folder.observe().results if result.id == "rota")
    assert result.reason in {Reason.STALE_DEFINITION, Reason.FUTURE, Reason.EXPIRED}, "the fingerprint is an example"


def test_every_reason_of_the_page_is_one_and_none_is_missing() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE))
    reasons = list(Reason)
    people = reasons[reasons.index(Reason.NEVER_ATTESTED) : reasons.index(Reason.FUTURE) + 1]
    assert told == {reason.value for reason in people}
