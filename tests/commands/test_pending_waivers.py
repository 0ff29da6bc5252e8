"""``readiness pending`` and ``readiness waivers``: what waits for whom, what was let pass, and by whom."""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

from tests.engine import Done, Folder, refused
from tests.people.words import ago, attest, day, said, waive, waiver

ITEMS = """
a: {title: The rota is filled, manual: Open the rota.}
b: {title: Documents are written, manual: Read them., by: docs, evidence: url, severity: medium}
c: {title: C, check: t.local, with: {does: [fail]}}
d: {title: D, severity: critical, check: t.local, with: {does: [fail]}}
e: {title: E, manual: look, environments: [there]}
g: {title: G, by: docs, manual: look at each, items: {x: X, y: Y}}
"""
HEAD = "roles: {docs: [bob@example.test], idle: [eve@example.test]}\nenvironments: {here: {}, there: {gate: release}}\n"
CLI = ("--allow", "plugin")


@pytest.fixture
def project(folder: Folder) -> Folder:
    folder.checklist(ITEMS, HEAD)
    return folder


# --- pending ---------------------------------------------------------------------------------------

TEXT = """\
anybody
  a
      The rota is filled

docs (bob@example.test)
  b
      Documents are written
      attested by bob@example.test without the url that it asks for
  g.x
      X
  g.y
      Y

4 pending in here; answer them one by one: readiness attest --env here
"""


def test_what_is_pending_by_role(project: Folder) -> None:
    attest(project, said(project, "b", by="bob@example.test"))
    done = project.run("pending", *CLI)
    assert (done.code, done.err) == (4, "")
    assert done.out == TEXT


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (("--role", "docs"), ["b", "g.x", "g.y"]),
        (("--role", "anybody"), ["a"]),
        (("--role", "idle"), []),
        (("--env", "there"), ["a", "b", "e", "g.x", "g.y"]),
        (("--only", "b"), ["b"]),
    ],
)
def test_as_json(project: Folder, arguments: tuple[str, ...], ids: list[str]) -> None:
    done = project.run("pending", "--json", *arguments, *CLI)
    found = json.loads(done.out)
    assert [item["id"] for item in found["pending"]] == ids
    assert found["environment"] == ("there" if "there" in arguments else "here")
    assert done.code == (4 if ids else 0)


def test_all_that_json_says_of_an_item(project: Folder) -> None:
    (item,) = json.loads(project.run("pending", "--json", "--only", "b", *CLI).out)["pending"]
    assert item == {
        "id": "b",
        "title": "Documents are written",
        "section": "1",
        "severity": "medium",
        "role": "docs",
        "may_attest": ["bob@example.test"],
        "evidence": "url",
        "reason": "never_attested",
        "message": "a person must say; nobody has yet",
        "instruction": "Read them.",
    }


def test_nothing_waits(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look}")
    attest(folder, said(folder))
    assert folder.run("pending", *CLI) == Done(0, "nothing waits for a person in default\n", "")


def test_an_unknown_role(project: Folder) -> None:
    message = refused(project.run("pending", "--role", "dcos", *CLI))
    assert "--role dcos: there is no such role" in message
    assert "help: did you mean `docs`?" in message


def test_a_strangers_text_does_nothing_to_the_terminal(folder: Folder) -> None:
    folder.checklist('a: {title: "A \\e[2J::error::x", manual: look}')
    done = folder.run("pending", *CLI)
    assert "\x1b" not in done.out
    assert "\n::" not in done.out


# --- waivers ---------------------------------------------------------------------------------------


def test_no_waivers(project: Folder) -> None:
    assert project.run("waivers", *CLI) == Done(0, "no finding is waived\n", "")


def test_all_waivers_those_that_end_first(project: Folder) -> None:
    both = {"item": "c", "environments": ["here", "there"]}
    waive(
        project,
        waiver(**both, id="long", ticket="SHOP-1", match="port 80", covers=["fail", "error"]),
        waiver(**both, id="over", expires=day(-1)),
        waiver(**both, id="soon", expires=day(13)),
    )
    done = project.run("waivers", *CLI)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == f"EXPIRED   over: c in here, there, until {day(-1)}"
    assert lines[1:3] == [
        "          the cure is in review",
        "          asked for by ann@example.test, approved by bob@example.test; covers",
    ]
    assert lines[4] == f"expiring  soon: c in here, there, until {day(13)}"
    assert lines[8] == f"in force  long: c in here, there, until {day(30)}"
    assert " ".join(" ".join(lines[10:]).split()).endswith("SHOP-1; covers fail, error; only findings with: port 80")


def add(folder: Folder, item: str = "c", *more: str, **changes: str) -> Done:
    options = {
        "id": "w",
        "reason": "the cure is in review",
        "requested-by": "ann@example.test",
        "approved-by": "bob@example.test",
        "expires": day(30),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return folder.run("waivers", "add", item, *words, *more, *CLI)


def written(folder: Folder) -> list[dict[str, Any]]:
    path = folder.path / "waivers.yaml"
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))["waivers"] if path.exists() else []
    return found


def test_a_waiver_is_added_and_holds(project: Folder) -> None:
    assert project.observe().verdict.blocking == ("c", "d")
    done = add(project)
    assert (done.code, done.out) == (0, f"waived c in here until {day(30)}\n")
    assert done.err == "next: have it reviewed and commit waivers.yaml\n"
    assert written(project) == [waiver(item="c", environments=["here"])]
    assert project.observe().verdict.blocking == ("d",)


def test_a_waiver_with_everything(project: Folder) -> None:
    done = add(
        project, "c", "--covers", "error", "--covers", "fail", "--env", "there", ticket="SHOP-1", match="it does not"
    )
    assert done.code == 0, done.err
    (entry,) = written(project)
    assert (entry["ticket"], entry["match"], entry["covers"], entry["environments"]) == (
        "SHOP-1",
        "it does not",
        ["error", "fail"],
        ["there"],
    )
    assert project.observe(environment="there").results[2].waiver is not None


def test_words_that_look_like_numbers_are_words(project: Folder) -> None:
    done = add(project, "c", id="1e5", reason="0E0", ticket="0o17", match="1.10")
    assert done.code == 0, done.err
    assert project.run("waivers", *CLI).code == 0
    assert (written(project)[0]["id"], written(project)[0]["ticket"]) == ("1e5", "0o17")


KEY = "sk_live_" + secrets.token_hex(12)


@pytest.mark.parametrize(
    ("item", "more", "changes", "messages"),
    [
        ("cc", (), {}, ("`cc` is no item of the checklist", "did you mean `c`?")),
        ("d", (), {}, ("`d` is critical, and such an item is never waived",)),
        ("g", (), {}, ("`g` has parts: waive the part that fails",)),
        ("c", (), {"approved_by": "ANN@example.test"}, ("approves a waiver that they requested", "another person")),
        ("c", (), {"expires": "soon"}, ("--expires: 'soon' is no day", "2026-12-31")),
        ("c", (), {"expires": day(-1)}, (f"--expires {day(-1)} is in the past",)),
        ("c", ("--env", "there"), {"expires": day(91)}, ("the gate allows 90 days at most", day(90))),
        ("c", ("--env", "mars"), {}, ("unknown environment `mars`",)),
        ("c", ("--covers", "pass"), {}, ("expected 'fail', 'error', 'pending' or 'skipped'",)),
        ("c", (), {"reason": " "}, ("must not be empty",)),
        ("c", (), {"reason": ""}, ("`reason` is missing",)),
        ("c", (), {"id": ""}, ("`id` is missing",)),
        ("c", (), {"reason": KEY}, ("--reason holds a secret, or what looks like a key",)),
        ("c", (), {"ticket": KEY}, ("--ticket holds a secret",)),
        ("c", (), {"match": KEY}, ("--match holds a secret",)),
        ("c", (), {"requested_by": KEY}, ("--requested-by holds a secret",)),
        ("c", (), {"reason": "\udcff"}, ("--reason is not UTF-8",)),
    ],
)
def test_a_waiver_that_may_not_stand(
    project: Folder, item: str, more: tuple[str, ...], changes: dict[str, str], messages: tuple[str, ...]
) -> None:
    message = refused(add(project, item, *more, **changes))
    for part in messages:
        assert part in message
    assert KEY not in message
    assert "waivers.yaml:" not in message
    assert written(project) == []


def test_an_id_is_used_once(project: Folder) -> None:
    assert add(project).code == 0
    message = refused(add(project, "a"))
    assert "the waiver id `w` is used already" in message
    assert "choose another --id" in message
    assert len(written(project)) == 1


def test_a_file_that_is_wrong_is_not_added_to(project: Folder) -> None:
    before = project.write("waivers.yaml", "version: 1\nwaivers:\n  - id: w\n").read_bytes()
    assert "`item` is missing" in refused(add(project))
    assert (project.path / "waivers.yaml").read_bytes() == before


@pytest.mark.parametrize("option", [("--env", "there"), ("-c", "checklist.yaml"), ("--allow", "plugin")])
def test_options_before_add_are_not_forgotten(project: Folder, option: tuple[str, str]) -> None:
    done = project.run(
        "waivers", *option, "add", "c", "--id", "w", "--reason", "r", "--requested-by", "a", "--approved-by", "b",
        "--expires", day(3), *CLI,
    )  # fmt: skip
    assert "write the options behind `waivers add`, not before it" in refused(done)
    assert written(project) == []


def test_an_option_that_is_missing(project: Folder) -> None:
    done = project.run("waivers", "add", "c", "--id", "w", *CLI)
    assert (done.code, done.out) == (2, "")
    assert "--reason" in done.err


# --- explain ---------------------------------------------------------------------------------------

EXPLAINED = (
    "role docs (bob@example.test) evidence url, which `http` looks at in every run valid for 30d "
    "attested pass by bob@example.test on {on} in here; until {ends} UTC; evidence https://x.test/; note: seen "
    "waivers w until {day} in here and there: the cure is in review"
)


def test_who_attested_an_item_and_until_when(folder: Folder) -> None:
    look = '{check: http, with: {request: {url: "${evidence}"}, expect: {status: 200}}}'
    item = f"a: {{title: A, manual: look, by: docs, evidence: url, valid_for: 30d, evidence_check: {look}}}"
    folder.checklist(item, HEAD)
    attest(folder, said(folder, by="bob@example.test", evidence={"url": "https://x.test/"}, note="seen"))
    waive(folder, waiver(environments=["here", "there"]))
    out = " ".join(folder.run("explain", "a", *CLI).out.split())
    ends = f"{datetime.fromisoformat(ago(hours=1)) + timedelta(days=30):%Y-%m-%d %H:}"
    expected = EXPLAINED.format(on=ago(hours=1)[:10], ends=f"{ends}MM", day=day(30))
    assert re.sub(r"(until \S+ \d\d:)\d\d UTC", r"\1MM UTC", out).endswith(expected)


def test_an_attestation_that_holds_no_more(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look, if_applicable: where there is one, by: idle}", HEAD)
    attest(folder, said(folder, state="na", note="none"))
    out = " ".join(folder.run("explain", "a", *CLI).out.split())
    assert "applies when where there is one" in out
    assert "role idle (eve@example.test)" in out
    assert f"attested na by ann@example.test on {ago(hours=1)[:10]} in here; holds no more; note: none" in out
