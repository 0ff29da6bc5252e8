"""init, list, explain, plan and doctor, as they are typed."""

from __future__ import annotations

import shutil
import stat

import pytest

from readiness.catalog import Catalog
from tests.engine import Folder, environment

ITEMS = """
a: {title: Key is set, check: env.key, with: {key: SOME_TOKEN}, severity: critical, tags: [fast], why: It breaks,
    fix: Set it}
b: {title: Person, manual: Look at the rota, needs: a, by: security, valid_for: 90d, evidence: url}
g: {title: Group, items: {x: One, y: {title: Two, check: repo.file, with: {path: x}}}}
w: {title: Writes, check: t.write}
"""
HEAD = "roles: {security: [a@b.c]}"


# --- init -----------------------------------------------------------------------------------------


def test_init_then_check_in_an_empty_folder(folder: Folder) -> None:
    shutil.rmtree(folder.path / "kinds")
    done = folder.run("init")
    assert (done.code, done.out) == (0, "")
    assert "wrote checklist.yaml" in done.err
    assert "readiness check" in done.err
    checked = folder.shell("check")
    assert checked.code == 0, checked.out + checked.err
    assert "READY: nothing blocks; the gate lets 1 pending through" in checked.out


def test_init_overwrites_nothing_unasked(folder: Folder) -> None:
    place = folder.write("checklist.yaml", "mine")
    done = folder.run("init")
    assert done.code == 2
    assert "checklist.yaml is there already; --force replaces it" in done.err
    assert place.read_text("utf-8") == "mine"
    assert folder.run("init", "--force").code == 0
    assert place.read_text("utf-8").startswith("# A go-live checklist")
    assert stat.S_IMODE(place.stat().st_mode) == 0o644


def test_init_elsewhere(folder: Folder) -> None:
    done = folder.run("init", "other.yaml")
    assert "readiness check -c other.yaml" in done.err
    assert folder.run("check", "-c", "other.yaml", "--offline").code == 1  # it asks for checklist.yaml
    assert folder.run("init", "no/such/folder.yaml").code == 2
    assert folder.run("init", "kinds").code == 2


# --- list -----------------------------------------------------------------------------------------


def test_list(folder: Folder) -> None:
    folder.checklist(ITEMS, HEAD)
    done = folder.run("list", "--allow", "plugin")
    assert done.code == 0
    assert [line.split("  ")[-2].strip() if line.startswith(" ") else line for line in done.out.splitlines()] == [
        "1 First",
        "env.key, critical",
        "person, high",
        "parts, high",
        "person, high",
        "repo.file, high",
        "t.write, high",
    ]
    assert max(map(len, done.out.splitlines())) <= 80


def test_list_with_filters(folder: Folder) -> None:
    folder.checklist(ITEMS, HEAD)
    done = folder.run("list", "--allow", "plugin", "--tag", "fast")
    assert done.out.splitlines()[1:] == ["  a  env.key, critical  Key is set"]


def test_list_of_kinds(folder: Folder) -> None:
    done = folder.run("list", "--checks")
    assert done.code == 0
    named = [line.split()[0] for line in done.out.splitlines() if not line.startswith(" ")]
    assert named == list(Catalog().ids)
    folder.checklist("a: {title: A, check: t.local}")
    done = folder.run("list", "--checks", "--allow", "plugin")
    assert "t.local Does what `does` says" in " ".join(done.out.split())


# --- explain --------------------------------------------------------------------------------------


def test_explain_an_item(folder: Folder) -> None:
    folder.checklist(ITEMS, HEAD)
    done = folder.run("explain", "a", "--allow", "plugin")
    assert done.code == 0
    assert done.out.splitlines()[0] == "a  checklist.yaml:8"
    for words in ("severity     critical", "why          It breaks", "fix          Set it", "  key: SOME_TOKEN"):
        assert words in done.out
    done = folder.run("explain", "b", "--allow", "plugin")
    for words in ("instruction  Look at the rota", "needs        a", "evidence     url", "valid for    90d"):
        assert words in done.out


def test_explain_a_part_and_a_group(folder: Folder) -> None:
    folder.checklist(ITEMS, HEAD)
    assert "parts        g.x, g.y" in folder.run("explain", "g", "--allow", "plugin").out
    assert "repo.file" in folder.run("explain", "g.y", "--allow", "plugin").out


@pytest.mark.parametrize("kind", Catalog().ids)
def test_explain_a_kind(folder: Folder, kind: str) -> None:
    done = folder.run("explain", kind)
    assert done.code == 0
    assert done.out.startswith(f"{kind}  reads ")
    assert "options" in done.out


def test_explain_what_is_not_there(folder: Folder) -> None:
    folder.checklist(ITEMS, HEAD)
    done = folder.run("explain", "env.kye", "--allow", "plugin")
    assert done.code == 2
    assert "`env.kye` is no item and no check kind" in done.err
    assert "did you mean `env.key`?" in done.err


def test_explain_a_kind_beside_a_broken_checklist(folder: Folder) -> None:
    folder.write("checklist.yaml", "version: 1\ntitel: x\n")
    assert folder.run("explain", "env.key").code == 0
    assert folder.run("explain", "a").code == 2


# --- plan -----------------------------------------------------------------------------------------


def test_plan_touches_nothing_and_tells_everything(folder: Folder) -> None:
    log = folder.path / "log"
    folder.checklist(
        f"""
        a: {{title: A, check: t.net, with: {{log: "{log}", url: "https://api.example.com/x"}}}}
        b: {{title: B, check: t.write, with: {{log: "{log}"}}}}
        c: {{title: C, check: env.key, with: {{key: SOME_TOKEN}}}}
        d: {{title: D, manual: look}}
        """,
    )
    done = folder.run("plan", "--allow", "plugin,write")
    assert done.code == 0
    assert "GET https://api.example.com/x" in done.out
    assert "$SOME_TOKEN" in done.out
    assert "b  t.write, reads repo, effect write" in done.out
    assert "3 items would be run, 1 are settled without running" in done.out
    assert "1 pending (never_attested)" in done.out
    assert not log.exists()
    assert not (folder.path / "reports").exists()


# --- doctor ---------------------------------------------------------------------------------------


def test_doctor_tells_names_and_never_values(folder: Folder) -> None:
    folder.checklist(ITEMS, HEAD)
    done = folder.shell("doctor", "--allow", "plugin")
    assert done.code == 3
    assert "MISSING   variable SOME_TOKEN: not set" in done.out
    assert "1 items are skipped; run with --allow write" in " ".join(done.out.split())
    done = folder.shell("doctor", "--allow", "plugin", env={"SOME_TOKEN": "the-value-of-it"})
    assert done.code == 0
    assert "ok        variable SOME_TOKEN: set, from process environment" in done.out
    assert "the-value-of-it" not in done.out + done.err


def test_doctor_without_a_checklist(folder: Folder) -> None:
    done = folder.run("doctor")
    assert done.code == 0
    assert "checklist: none in this folder" in done.out


def test_doctor_beside_a_broken_checklist(folder: Folder) -> None:
    folder.write("checklist.yaml", "version: 1\ntitel: x\n")
    done = folder.run("doctor")
    assert done.code == 2
    assert "unknown key `titel`" in done.err


# --- the command itself ---------------------------------------------------------------------------


def test_help_without_a_command(folder: Folder) -> None:
    assert "Commands:" in folder.shell().out + folder.shell().err
    assert folder.shell("--help").code == 0


def test_a_misspelt_command(folder: Folder) -> None:
    done = folder.run("chek")
    assert done.code == 2
    assert "'check'" in done.err


def test_a_crash_of_readiness_itself_is_no_verdict(folder: Folder) -> None:
    """The kind raises where it is asked what it looks at, which nobody expects."""
    place = folder.path / "kinds" / "t_local.py"
    source = place.read_text("utf-8").replace(
        'yield f"GET {self.url}" if self.url else "nothing"', "raise OSError(self.url)"
    )
    place.write_text(source, "utf-8")
    folder.checklist("a: {title: A, check: t.local}")
    done = folder.shell("plan", "--allow", "plugin")
    assert done.code == 70
    assert "Traceback" not in done.err
    assert "READINESS_DEBUG=1" in done.err
    assert "OSError" in folder.shell("plan", "--allow", "plugin", env=environment({"READINESS_DEBUG": "1"})).err
