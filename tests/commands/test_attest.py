"""``readiness attest``: what may be said, by whom, with what; all of it is written or nothing."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine import Done, Folder, commit_all, refused
from tests.people.words import ago, attest, said
from tests.ports import free_port
from tests.terminal import CTRL_C, CTRL_D, Terminal
from tests.wire import Answer, WebServer

ITEMS = """
a: {title: The rota is filled, manual: Open the rota.}
b: {title: B, manual: look, by: docs, if_applicable: where there are docs}
c: {title: C, check: t.local}
d: {title: D, check: t.local, if_applicable: where there is one}
g: {title: G, items: {x: X, y: Y}}
z: {title: Z, items: all}
"""
HEAD = "roles: {docs: [bob@example.test, Eve@example.test], empty: []}\nenvironments: {here: {}, there: {}}\n"
CLI = ("--allow", "plugin")


@pytest.fixture
def project(folder: Folder) -> Folder:
    folder.checklist(ITEMS, HEAD)
    return folder


def say(folder: Folder, *arguments: str, by: str | None = "ann@example.test") -> Done:
    return folder.run("attest", *arguments, *(("--by", by) if by else ()), *CLI)


def written(folder: Folder) -> list[dict[str, Any]]:
    path = folder.path / "attestations.yaml"
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))["attestations"] if path.exists() else []
    return found


def refusal(folder: Folder, *arguments: str, by: str | None = "ann@example.test") -> str:
    """What was said of it; nothing was written."""
    message = refused(say(folder, *arguments, by=by))
    assert written(folder) == []
    return message


# --- by id -----------------------------------------------------------------------------------------


def test_an_item_holds(project: Folder) -> None:
    done = say(project, "a", "--note", "week 31 is Ann", "--env", "there")
    assert (done.code, done.out) == (0, "attested a as fulfilled for there by ann@example.test\n")
    assert done.err == "next: commit attestations.yaml, then run the check\n"
    (entry,) = written(project)
    assert (entry["item"], entry["environment"], entry["state"], entry["note"]) == (
        "a",
        "there",
        "pass",
        "week 31 is Ann",
    )
    assert "release" not in entry
    assert project.states(environment="there")["a"] == ("pass", None)
    assert project.states()["a"] == ("pending", "never_attested")


def test_the_commit_is_named(project: Folder) -> None:
    commit = commit_all(project.path)
    assert say(project, "a").code == 0
    assert written(project)[0]["release"] == commit


@pytest.mark.parametrize(
    ("arguments", "by", "state"),
    [
        (("a", "--fail", "--note", "nobody in August"), "ann@example.test", ("fail", "attested")),
        (("b", "--na", "--note", "no docs"), "bob@example.test", ("not_applicable", "attested")),
        (("d", "--na", "--note", "there is none"), "ann@example.test", ("not_applicable", "attested")),
        (("g.x",), "ann@example.test", ("pass", None)),
        (("b",), "EVE@example.test", ("pass", None)),
    ],
)
def test_what_a_person_may_say(project: Folder, arguments: tuple[str, ...], by: str, state: tuple[str, str]) -> None:
    assert say(project, *arguments, by=by).code == 0
    assert project.states()[arguments[0]] == state


def test_several_items_at_once(project: Folder) -> None:
    done = say(project, "a", "g.x", "a", "g.y", "--note", "seen")
    assert done.code == 0
    assert [entry["item"] for entry in written(project)] == ["a", "g.x", "g.y"]
    assert project.states()["g"] == ("pass", None)


def test_of_several_items_all_are_written_or_none(project: Folder) -> None:
    assert "the role `docs`" in refusal(project, "a", "b")
    assert "is no item of the checklist" in refusal(project, "a", "g.z")


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (("aa",), ("`aa` is no item of the checklist", "did you mean `a`?")),
        (("c",), ("`c` is decided by the check `t.local`, not by a person", "`readiness waivers add`")),
        (("c", "--fail", "--note", "n"), ("`c` is decided by the check `t.local`",)),
        (("d",), ("`d` is decided by the check `t.local`",)),
        (("g",), ("`g` is decided by others", "attest what it is made of: g.x, g.y")),
        (("z",), ("`z` is decided by others", "all items of the checklist")),
        (("a", "--na", "--note", "n"), ("`a` always applies", "only an item with `if_applicable`")),
        (("a", "--fail"), ("say why with --note",)),
        (("a", "--fail", "--note", " "), ("say why with --note",)),
        (("d", "--na"), ("say why with --note",)),
        (("b",), ("ann@example.test does not have the role `docs` that `b` asks for", "bob@example.test, Eve@")),
        (("a", "--fail", "--na"), ("--fail and --na cannot both be true",)),
        (("a", "--env", "her"), ("unknown environment `her`", "did you mean `here`?")),
        (("a", "--note", "\udcff"), ("the note is not UTF-8",)),
        (("a", "--evidence", "\udcff"), ("the evidence is not UTF-8",)),
        (("a", "--evidence", "https://"), ("the evidence https:// is no URL",)),
        (("a", "--evidence", "https://x.test/a b"), ("is no URL", "https://host/path")),
        (("a", "--evidence", "HTTPS://x.test/"), ("is no URL",)),
        (("a", "--evidence", "nowhere.txt"), ("the evidence nowhere.txt is no URL and no file here",)),
        (("a", "--evidence", "kinds"), ("the evidence kinds is no URL and no file here",)),
    ],
)
def test_what_may_not_be_said(project: Folder, arguments: tuple[str, ...], messages: tuple[str, ...]) -> None:
    said_of_it = refusal(project, *arguments)
    for message in messages:
        assert message in said_of_it


def test_an_item_that_does_not_concern_the_environment(folder: Folder) -> None:
    folder.checklist("a: {title: A, manual: look, environments: [there]}", HEAD)
    assert "`a` does not concern here: only for there" in refusal(folder, "a")
    attest(folder, said(folder))
    assert "`a` does not concern here: only for there" in refused(say(folder, "a"))


def test_somebody_must_be_named(project: Folder) -> None:
    assert "nobody is named who attests" in refusal(project, "a", by=None)
    assert "nobody is named who attests" in refusal(project, "a", by=" ")


def test_without_items_and_without_a_terminal(project: Folder) -> None:
    done = project.shell("attest", *CLI)
    assert done.code == 2
    assert "no items are named, and there is no terminal to ask at" in done.err
    assert "help: name them: readiness attest ID --by ADDRESS" in done.err


def test_a_second_word_replaces_the_first(project: Folder) -> None:
    assert say(project, "a").code == 0
    assert say(project, "a", "--fail", "--note", "not any more").code == 0
    assert project.states()["a"] == ("fail", "attested")
    assert say(project, "a").code == 0
    assert project.states()["a"] == ("pass", None)


def test_a_word_replaces_one_of_a_clock_that_was_ahead(project: Folder) -> None:
    attest(project, said(project, at=ago(minutes=-4)))
    assert say(project, "a", "--fail", "--note", "not any more").code == 0
    assert project.states()["a"] == ("fail", "attested")


def test_a_word_that_would_not_be_the_newest_is_refused(project: Folder) -> None:
    attest(project, said(project, at="2099-01-01T00:00:00Z"))
    message = refused(say(project, "a"))
    assert "`a` has an attestation by ann@example.test from the future, 2099-01-01 00:00 UTC" in message
    assert "remove it from attestations.yaml" in message


def test_a_mistake_of_the_checklist_comes_first(project: Folder) -> None:
    project.checklist(ITEMS + "q: {title: Q, manaul: x}", HEAD)
    assert "unknown key `manaul`" in refusal(project, "a")


# --- secrets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--note", "--evidence", "--by"])
def test_what_looks_like_a_key_is_neither_written_nor_printed(project: Folder, option: str) -> None:
    key = "sk_live_" + secrets.token_hex(12)
    done = project.run("attest", "a", *(("--by", "ann") if option != "--by" else ()), option, f"https://{key}", *CLI)
    message = refused(done)
    assert "holds a secret, or what looks like a key or a card number; nothing was written" in message
    assert key not in done.out + done.err
    assert written(project) == []


def test_a_secret_of_the_checklist_is_neither_written_nor_printed(folder: Folder) -> None:
    password = secrets.token_hex(12)
    folder.write(".env", f"DB_PASSWORD={password}\n")
    items = 'a: {title: A, manual: look}\nc: {title: C, check: t.local, with: {text: "${env:DB_PASSWORD}"}}'
    folder.checklist(items, "environments: {here: {dotenv: .env}}")
    assert "the note holds a secret" in refusal(folder, "a", "--note", f"logged in with {password}")
    done = say(folder, "a", "--note", f"logged in with {password}")
    assert password not in done.err


# --- evidence --------------------------------------------------------------------------------------


def asks_for(folder: Folder, kind: str) -> Folder:
    folder.checklist(f"a: {{title: A, manual: look, evidence: {kind}}}")
    return folder


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("url", "give it with --evidence https://..."),
        ("file", "give it with --evidence FILE, a file in the checklist's folder"),
        ("note", "say it with --note TEXT"),
    ],
)
def test_evidence_that_is_asked_for(folder: Folder, kind: str, hint: str) -> None:
    message = refusal(asks_for(folder, kind), "a")
    assert f"`a` asks for a {kind} as evidence" in message
    assert f"help: {hint}" in message


def test_a_url_is_kept(folder: Folder) -> None:
    assert say(asks_for(folder, "url"), "a", "--evidence", "https://x.test/a?b#c").code == 0
    assert written(folder)[0]["evidence"] == {"url": "https://x.test/a?b#c"}
    assert folder.states()["a"] == ("pass", None)


def test_a_file_is_kept_with_its_digest(folder: Folder) -> None:
    proof = folder.write("proof/photo.txt", "seen\n")
    assert say(asks_for(folder, "file"), "a", "--evidence", "proof/photo.txt").code == 0
    digest = hashlib.sha256(proof.read_bytes()).hexdigest()
    assert written(folder)[0]["evidence"] == {"file": "proof/photo.txt", "sha256": digest}
    assert folder.states()["a"] == ("pass", None)


def test_a_file_is_named_from_where_one_is(folder: Folder) -> None:
    asks_for(folder, "file")
    home = folder.write("deploy/proof.txt", "seen\n").parent
    (folder.path / "checklist.yaml").rename(home / "checklist.yaml")
    folder.checklist("a: {title: A, manual: look, evidence: file}", "checks: []", "deploy/checklist.yaml")
    done = folder.run("attest", "a", "-c", "deploy/checklist.yaml", "--by", "a", "--evidence", "deploy/proof.txt")
    assert done.code == 0, done.err
    assert yaml.safe_load((home / "attestations.yaml").read_text("utf-8"))["attestations"][0]["evidence"]["file"] == (
        "proof.txt"
    )


@pytest.mark.parametrize("how", ["named", "linked"])
def test_a_file_outside_the_folder(folder: Folder, tmp_path_factory: pytest.TempPathFactory, how: str) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "proof.txt"
    elsewhere.write_text("seen\n", "utf-8")
    (folder.path / "link.txt").symlink_to(elsewhere)
    name = str(elsewhere) if how == "named" else "link.txt"
    message = refusal(asks_for(folder, "file"), "a", "--evidence", name)
    assert f"the evidence {name} is not below the checklist's folder" in message
    assert "copy the file there" in message


def test_a_pipe_is_no_evidence(folder: Folder) -> None:
    os.mkfifo(folder.path / "pipe")
    assert "is no URL and no file here" in refusal(asks_for(folder, "file"), "a", "--evidence", "pipe")


def test_evidence_of_an_item_that_asks_for_a_note(folder: Folder) -> None:
    assert say(asks_for(folder, "note"), "a", "--evidence", "I saw it").code == 0
    assert written(folder)[0]["note"] == "I saw it"
    assert say(folder, "a", "--note", "I saw it", "--evidence", "https://x.test/").code == 0
    assert written(folder)[1]["evidence"] == {"url": "https://x.test/"}, "nothing that was said is dropped"


# --- evidence that is looked at --------------------------------------------------------------------

PAGE = """a:
  title: The guide is published
  manual: Link it.
  evidence: url
  evidence_check: {check: http, with: {request: {url: "${evidence}"}, expect: {status: 200}}}
  retries: 0
"""


def page(folder: Folder, items: str = PAGE, head: str = "checks: []") -> Folder:
    folder.checklist(items + "o: {title: O, check: command, with: {argv: ['true']}}\n", head)
    return folder


def test_a_page_is_looked_at_now_and_in_every_run(folder: Folder) -> None:
    with WebServer(scripts={"/guide": Answer()}) as server:
        done = page(folder).run("attest", "a", "--by", "ann", "--evidence", f"{server.url}/guide")
        assert done.code == 0, done.err
        assert folder.states()["a"] == ("pass", None)
        assert [asked.path for asked in server.asked] == ["/guide"] * 2
        server.scripts.clear()
        assert folder.states()["a"] == ("fail", "mismatch")
    assert folder.states()["a"] == ("fail", "unreachable")
    report = folder.observe()
    assert report.verdict.attested == 0
    assert folder.states(offline=True)["a"] == ("skipped", "offline")


def test_a_page_that_is_not_there(folder: Folder) -> None:
    with WebServer() as server:
        done = page(folder).run("attest", "a", "--by", "ann", "--evidence", f"{server.url}/guide")
    assert (done.code, done.out) == (1, "")
    assert "a: the evidence was looked at: " in done.err
    assert "nothing was written" in done.err
    assert written(folder) == []


def test_a_server_that_is_gone(folder: Folder) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    done = page(folder).run("attest", "a", "--by", "ann", "--evidence", url)
    assert (done.code, written(folder)) == (1, [])
    assert "the evidence was looked at: " in done.err


def test_offline_nothing_is_looked_at(folder: Folder) -> None:
    done = page(folder).run("attest", "a", "--by", "ann", "--evidence", "http://127.0.0.1:1/", "--offline")
    assert (done.code, written(folder)) == (4, [])
    assert "this run is offline" in done.err


def test_of_two_items_whose_evidence_is_looked_at_none_is_written_where_one_fails(folder: Folder) -> None:
    second = PAGE.replace("a:\n", "b:\n").replace("/guide", "/other").replace("status: 200", "status: 204")
    with WebServer(scripts={"/guide": Answer()}) as server:
        done = page(folder, PAGE + second).run("attest", "a", "b", "--by", "ann", "--evidence", f"{server.url}/guide")
    assert (done.code, written(folder)) == (1, [])
    assert "b: the evidence was looked at" in done.err


def test_a_failure_is_said_without_looking(folder: Folder) -> None:
    assert page(folder).run("attest", "a", "--fail", "--by", "ann", "--note", "none").code == 0
    assert folder.states()["a"] == ("fail", "attested")


def test_evidence_that_cannot_be_looked_at(folder: Folder) -> None:
    done = page(folder).run("attest", "a", "--by", "ann", "--evidence", "https://x.test:99999/")
    assert (done.code, written(folder)) == (4, [])
    assert "Port out of range" in done.err


def test_what_the_item_needs_may_be_attested_with_it(folder: Folder) -> None:
    items = PAGE + "  needs: [first]\nfirst: {title: F, manual: look}\n"
    with WebServer(scripts={"/guide": Answer()}) as server:
        words = ("--by", "ann", "--evidence", f"{server.url}/guide")
        alone = page(folder, items).run("attest", "a", *words)
        assert (alone.code, written(folder)) == (4, [])
        assert "needs `first`, which is pending" in alone.err
        assert folder.run("attest", "first", "a", *words).code == 0


COMMAND = """a:
  title: The restore was tried
  manual: Restore the backup and keep the log.
  evidence: file
  evidence_check: {check: command, with: {argv: [grep, -q, restored, "${evidence}"]}}
"""


def test_a_file_is_looked_at_by_a_command(folder: Folder) -> None:
    folder.write("logs/restore.log", "restored 12 tables\n")
    (folder.path / "app").mkdir()
    page(folder, COMMAND, "checks: []\nroot: app")
    words = ("attest", "a", "--by", "ann", "--evidence", "logs/restore.log")
    denied = folder.run(*words)
    assert (denied.code, written(folder)) == (4, [])
    assert "help: run with --allow exec" in denied.err
    done = folder.run(*words, "--allow", "exec")
    assert done.code == 0, done.err
    assert folder.states(allow=("exec",))["a"] == ("pass", None)
    assert folder.states()["a"] == ("skipped", "effect_refused")
    folder.write("logs/restore.log", "nothing\n")
    assert folder.run(*words, "--allow", "exec").code == 1
    assert folder.states(allow=("exec",))["a"] == ("pending", "no_evidence")


def test_an_instrument_that_is_missing(folder: Folder) -> None:
    folder.write("x.log", "x\n")
    page(folder, COMMAND.replace("grep", "no-such-program"))
    done = folder.run("attest", "a", "--by", "ann", "--evidence", "x.log", "--allow", "exec")
    assert (done.code, written(folder)) == (3, [])


NOTE = """a:
  title: The ticket is named
  manual: Say its number.
  evidence: note
  evidence_check: {check: command, with: {argv: [test, "${evidence}", "=", "SHOP-1 ${x} $${y}"]}}
"""


def test_a_note_is_data_and_no_template(folder: Folder) -> None:
    page(folder, NOTE, "checks: []\nvars: {x: one}")
    for note, code in (("SHOP-1 one ${y}", 0), ("SHOP-1 ${x} ${y}", 1), ("${env:HOME}", 1)):
        done = folder.run("attest", "a", "--by", "ann", "--note", note, "--allow", "exec")
        assert done.code == code, done.err


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("manual: x, evidence: url, evidence_check: {check: htpt}", "unknown check `htpt`"),
        ("manual: x, evidence: url, evidence_check: {check: http, with: {}}", "does not use ${evidence}"),
        ("manual: x, evidence_check: {check: http}", "looks at what a person brings, and nothing is asked for"),
        ("check: t.local, evidence: url, evidence_check: {check: http}", "nothing is asked for"),
        ("manual: x, evidence: url, evidence_check: {}", "`check` is missing"),
    ],
)
def test_a_look_at_evidence_that_makes_no_sense(folder: Folder, fields: str, message: str) -> None:
    folder.checklist(f"a: {{title: A, {fields}}}")
    assert message in refused(folder.check())


# --- at a terminal ---------------------------------------------------------------------------------

WALK = """
a: {title: The rota is filled, manual: Open the rota.}
b: {title: B, manual: look, by: docs}
c: {title: C, manual: look, if_applicable: where there is one}
d: {title: D, manual: look, evidence: url}
e: {title: E, manual: look}
"""
CHOICE = "[q]uit? "


@pytest.fixture
def walk(folder: Folder) -> Folder:
    folder.checklist(WALK, HEAD + "checks: []")
    return folder


def states(folder: Folder) -> dict[str, str]:
    return {entry["item"]: entry["state"] for entry in written(folder)}


def test_a_walk_through_everything(walk: Folder) -> None:
    with Terminal(walk.path, ("attest", "--by", "ann@example.test")) as terminal:
        shown = terminal.until(CHOICE)
        assert "4 items wait for ann@example.test in here; 1 for other roles" in shown
        assert "1/4 a (high)\n  The rota is filled\n  Open the rota.\n" in shown
        assert "pending" not in shown
        terminal.type("p", "note (may be empty): ")
        assert "attested a as fulfilled" in terminal.type("week 31", CHOICE)
        assert "applies when: where there is one" in terminal.shown
        terminal.type("N", "note: ")
        assert "attested c as not applicable" in terminal.type("there is none", CHOICE)
        terminal.type("pass", "evidence (url): ")
        terminal.type("https://x.test/", "note (may be empty): ")
        terminal.type("", CHOICE)
        terminal.type("f", "note: ")
        assert terminal.type("not yet", "pending\n").endswith("4 attested, 1 pending\n")
        assert terminal.end() == 4
    assert states(walk) == {"a": "pass", "c": "na", "d": "pass", "e": "fail"}
    assert [entry.get("note") for entry in written(walk)] == ["week 31", "there is none", None, "not yet"]


def test_a_walk_that_leaves_nothing(walk: Folder) -> None:
    walk.checklist("a: {title: A, manual: look}", "checks: []")
    with Terminal(walk.path, ("attest", "--by", "ann")) as terminal:
        assert "1 item waits for ann in default; 0 for other roles" in terminal.until(CHOICE)
        terminal.type("p", "empty): ")
        terminal.type("", "0 pending")
        assert terminal.end() == 0
    with Terminal(walk.path, ("attest", "--by", "ann")) as terminal:
        assert terminal.end() == 0
        assert "0 items wait for ann in default" in terminal.shown


def test_wrong_answers_are_asked_again(walk: Folder) -> None:
    with Terminal(walk.path, ("attest", "--by", "ann@example.test")) as terminal:
        terminal.until(CHOICE)
        terminal.type("x", CHOICE)
        terminal.type("", CHOICE)
        terminal.type(b"\xff\n", "that is not UTF-8")
        terminal.until(CHOICE)
        terminal.type("n", "note: ")
        assert "`a` always applies" in terminal.type("no", CHOICE)
        terminal.type("f", "note: ")
        assert "say why with --note" in terminal.type("", CHOICE)
        terminal.type("s", "2/4 c")
        terminal.until(CHOICE)
        terminal.type("s", "3/4 d")
        terminal.until(CHOICE)
        terminal.type("p", "evidence (url): ")
        terminal.type("x.test", "empty): ")
        assert "the evidence x.test is no URL and no file here" in terminal.type("", CHOICE)
        assert terminal.key(b"q\n") == 4
        assert terminal.shown.endswith("0 attested, 5 pending\n")
    assert written(walk) == []


@pytest.mark.parametrize("where", ["choice", "evidence", "note"])
def test_the_end_of_the_input_writes_nothing_half_said(walk: Folder, where: str) -> None:
    walk.checklist("a: {title: A, manual: look, evidence: url}", "checks: []")
    with Terminal(walk.path, ("attest", "--by", "ann")) as terminal:
        terminal.until(CHOICE)
        if where != "choice":
            terminal.type("p", "evidence (url): ")
        if where == "note":
            terminal.type("https://x.test/", "empty): ")
        assert terminal.key(CTRL_D) == 4
        assert "0 attested, 1 pending" in terminal.shown
    assert written(walk) == []


def test_an_interrupt_keeps_what_was_answered(walk: Folder) -> None:
    with Terminal(walk.path, ("attest", "--by", "ann@example.test")) as terminal:
        terminal.until(CHOICE)
        terminal.type("p", "empty): ")
        terminal.type("", CHOICE)
        assert terminal.key(CTRL_C) == 130
        assert "interrupted; what was attested is kept\nnext: commit" in terminal.shown
        assert terminal.shown.endswith("1 attested, 4 pending\n")
        assert "Traceback" not in terminal.shown
    assert states(walk) == {"a": "pass"}


def test_an_interrupt_while_the_evidence_is_looked_at(folder: Folder) -> None:
    folder.checklist(NOTE.replace("[test,", "[sh, -c, 'echo > looking; sleep 60',"), "checks: []\nvars: {x: one}")
    with Terminal(folder.path, ("attest", "--by", "ann", "--allow", "exec")) as terminal:
        terminal.until(CHOICE)
        terminal.type("p", "note: ")
        terminal.type("SHOP-1", "SHOP-1")
        _wait_for(terminal, folder.path / "looking")
        assert terminal.key(CTRL_C) == 130
    assert written(folder) == []


def _wait_for(terminal: Terminal, path: Path) -> None:
    for _ in range(10_000):
        if path.exists():
            return
        terminal.breathe()
    raise AssertionError(terminal.shown)


def test_what_was_just_attested_is_known_to_the_next_question(folder: Folder) -> None:
    with WebServer(scripts={"/guide": Answer()}) as server:
        page(folder, "first: {title: F, manual: look}\n" + PAGE + "  needs: [first]\n")
        with Terminal(folder.path, ("attest", "--by", "ann")) as terminal:
            terminal.until(CHOICE)
            terminal.type("p", "empty): ")
            terminal.type("", CHOICE)
            terminal.type("p", "evidence (url): ")
            terminal.type(f"{server.url}/gone", "empty): ")
            assert "nothing was written" in terminal.type("", CHOICE)
            terminal.type("p", "evidence (url): ")
            terminal.type(f"{server.url}/guide", "empty): ")
            terminal.type("", "2 attested, 0 pending")
            assert terminal.end() == 0


def test_who_it_is_comes_from_git_and_is_shown(walk: Folder) -> None:
    commit_all(walk.path)
    config = walk.path / ".git" / "config"
    config.write_text(config.read_text("utf-8") + "[user]\n\temail = bob@example.test\n", "utf-8")
    with Terminal(walk.path, ("attest",)) as terminal:
        assert "5 items wait for bob@example.test in here; 0 for other roles" in terminal.until(CHOICE)
        assert terminal.key(b"q\n") == 4


def test_in_ci_somebody_must_be_named(walk: Folder) -> None:
    with Terminal(walk.path, ("attest",), env={"CI": "true"}) as terminal:
        assert terminal.end() == 2
        assert "nobody is named who attests" in terminal.shown


@pytest.mark.parametrize("words", [("--fail",), ("--na",), ("--note", "x"), ("--evidence", "x")])
def test_a_walk_asks_for_itself(walk: Folder, words: tuple[str, ...]) -> None:
    with Terminal(walk.path, ("attest", "--by", "ann", *words)) as terminal:
        assert terminal.end() == 2
        assert "say something of no item" in terminal.shown
