"""``readiness report``: from what a run wrote, with the sign-offs that real people put below it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from readiness.report import formats
from readiness.signoff.model import BUNDLE
from tests.engine import Folder, environment, refused
from tests.signoff.scene import Scene, build, copy_of


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A change with a report that nobody has signed."""
    return build(tmp_path_factory.mktemp("release"))


@pytest.fixture
def scene(release: Scene, tmp_path: Path) -> Scene:
    return copy_of(release, tmp_path / "scene")


@pytest.fixture
def here(scene: Scene, capsys: pytest.CaptureFixture[str]) -> Folder:
    """The command line in the repository of the change."""
    return Folder(scene.repo, capsys)


def html_of(here: Folder) -> str:
    done = here.run("report", "-o", "page.html")
    assert (done.code, done.out) == (0, ""), done.err
    return re.sub(r"<[^>]+>", " ", here.path.joinpath("page.html").read_text("utf-8").partition("</style>")[2])


def told(text: str) -> str:
    return " ".join(text.split())


def test_text_is_what_a_terminal_gets(here: Folder) -> None:
    done = here.run("report")
    assert done.code == 0
    assert "READY: nothing blocks" in done.out


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.html", b"<!DOCTYPE html>"),
        ("a.md", b"# shop\n"),
        ("a.pdf", b"%PDF-1.7"),
        ("a.xml", b"<?xml"),
        ("a.sarif", b"{\n"),
        ("a.txt", b"shop\n"),
    ],
)
def test_the_suffix_tells_the_format(here: Folder, name: str, begins: bytes) -> None:
    done = here.run("report", "-o", name)
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith(f"{name}: ")
    assert here.path.joinpath(name).read_bytes().startswith(begins)


def test_json_gives_the_signed_bytes_back(scene: Scene) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "readiness", "report", "-f", "json"],
        cwd=scene.repo,
        env=environment(),
        capture_output=True,
        check=True,
    )
    assert done.stdout == scene.report.read_bytes()


def test_nobody_has_signed(here: Folder) -> None:
    assert "Not signed yet" in html_of(here)


def test_a_signed_release_says_who(here: Folder, scene: Scene) -> None:
    scene.signed()
    text = told(html_of(here))
    assert "Signed off by 2 persons; every signature was verified." in text
    assert text.count("✓ verified") == 2
    assert "Alice alice@kamiyo.ai" in text
    assert hashlib.sha256(scene.report.read_bytes()).hexdigest() in text


def test_half_signed_is_waiting(here: Folder, scene: Scene) -> None:
    scene.sign("completer", "alice")
    text = told(html_of(here))
    assert "WAITING" in text
    assert "not signed yet: 1 person required" in text


def test_a_report_that_was_changed_after_signing_screams(here: Folder, scene: Scene) -> None:
    scene.signed()
    scene.report.write_bytes(scene.report.read_bytes().replace(b"A readme", b"A README"))
    text = told(html_of(here))
    assert "✗ INVALID" in text
    assert "Do not deploy on the strength of this page." in text
    assert "✓ verified" not in text


def test_without_a_protected_branch_nothing_is_verified(here: Folder, scene: Scene) -> None:
    scene.signed()
    outside = here.path.parent / "elsewhere"
    shutil.copytree(scene.report.parent, outside)
    done = here.run("report", str(outside), "-o", "page.html")
    assert done.code == 0
    text = told(here.path.joinpath("page.html").read_text("utf-8"))
    assert "Nothing here is verified:" in text
    assert "✓</span> verified" not in text


def test_the_pdf_carries_what_was_signed(here: Folder, scene: Scene, tmp_path: Path) -> None:
    scene.signed()
    assert here.run("report", "-o", "page.pdf").code == 0
    subprocess.run(["pdfdetach", "-saveall", "-o", str(tmp_path), str(here.path / "page.pdf")], check=True)
    assert tmp_path.joinpath("report.json").read_bytes() == scene.report.read_bytes()
    assert tmp_path.joinpath(BUNDLE).read_bytes() == scene.bundle.read_bytes()


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_commands_of_the_page_verify_without_readiness(here: Folder, scene: Scene) -> None:
    """Both lines of the bundle, by jq, base64 and ssh-keygen alone, as an auditor would."""
    scene.signed()
    assert here.run("report", "-o", "page.html").code == 0
    page = here.path.joinpath("page.html").read_text("utf-8")
    (block,) = re.findall(r'<code class="by-hand">(.*?)</code>', page, re.DOTALL)
    script = block.replace("&gt;", ">").replace("&lt;", "<").replace("&#39;", "'").replace("&#34;", '"')
    for line, who in (("1p", "alice"), ("2p", "carol")):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script.replace("sed -n 1p", f"sed -n {line}")],
            cwd=scene.report.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"for {who}@kamiyo.ai with ED25519 key" in done.stdout
        assert done.stdout.splitlines()[-1] == hashlib.sha256(scene.report.read_bytes()).hexdigest()


BAD = {
    "a checklist": "version: 1\nsections: {}\n",
    "nothing": "",
    "another schema": '{"schema": "readiness/report/v9"}',
    "a list": "[]",
    "control characters": "\x1b[2J\x00",
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_what_is_no_report_is_refused(here: Folder, text: str) -> None:
    here.path.joinpath("bad.json").write_text(text, "utf-8")
    error = refused(here.run("report", "bad.json", "-f", "html"))
    assert "bad.json" in error
    assert "\x1b" not in error


def test_half_a_report_is_refused(here: Folder, scene: Scene) -> None:
    scene.report.write_bytes(scene.report.read_bytes()[:-500])
    assert "is no report of readiness" in refused(here.run("report", "-f", "html"))


def test_a_report_with_doubled_keys_has_no_single_meaning(here: Folder, scene: Scene) -> None:
    raw = scene.report.read_text("utf-8")
    scene.report.write_text(raw.replace('"gate": "release"', '"gate": "merge",\n  "gate": "release"', 1), "utf-8")
    assert "'gate' stands twice" in refused(here.run("report", "-f", "html"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.json"], "there is no report nowhere.json"),
        (["-f", "htlm"], "did you mean `html`?"),
        (["-o", "page.foo"], "does not tell which format is meant"),
        (["-o", "page"], "does not tell which format is meant"),
        (["-o", "no/such/folder/page.html"], "cannot write no/such/folder/page.html: No such file or directory"),
        (["-o", "src", "-f", "html"], "cannot write src: Is a directory"),
    ],
)
def test_a_mistake_is_one_sentence(here: Folder, arguments: list[str], says: str) -> None:
    assert says in refused(here.run("report", *arguments))


def test_there_is_no_report_yet(folder: Folder) -> None:
    assert "there is no report below reports" in refused(folder.run("report"))


def test_what_was_signed_is_never_written_over(here: Folder, scene: Scene) -> None:
    scene.signed()
    for place in (scene.report, scene.bundle):
        before = place.read_bytes()
        error = refused(here.run("report", "-f", "html", "-o", str(place)))
        assert "is the signed file itself" in error
        assert place.read_bytes() == before


def test_a_pdf_is_nothing_for_a_terminal(scene: Scene) -> None:
    """With a real pseudo-terminal as stdout."""
    leader, follower = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "readiness", "report", "-f", "pdf"],
            cwd=scene.repo,
            env=environment(),
            stdout=follower,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(leader)
        os.close(follower)
    assert done.returncode == 2
    assert b"name a file: -o report.pdf" in done.stderr


def test_a_missing_extra_is_named(scene: Scene) -> None:
    """In an interpreter that has the dependencies and not WeasyPrint."""
    block = "import sys; sys.modules['weasyprint'] = None\nfrom importlib.machinery import PathFinder\n"
    hide = (
        "class Hide(PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        return None if name == 'weasyprint' else super().find_spec(name, path, target)\n"
        "sys.meta_path[:] = [Hide if finder is PathFinder else finder for finder in sys.meta_path]\n"
        "del sys.modules['weasyprint']\n"
        "from readiness.main import main; sys.exit(main(['report', '-o', 'a.pdf']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", block + hide],
        cwd=scene.repo,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "needs the extra [pdf]: weasyprint is not installed" in done.stderr
    assert "pip install 'readiness[pdf]'" in done.stderr


@pytest.mark.parametrize("name", [name for name in formats.FORMATS if name != "pdf"])
def test_check_writes_every_format_too(folder: Folder, name: str) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    done = folder.check("--format", name)
    assert done.code == 0
    assert done.out


def test_check_follows_the_suffix(folder: Folder) -> None:
    folder.checklist("a: {title: A, check: t.local}")
    folder.check("-o", "a.html")
    folder.check("-o", "a.pdf")
    folder.check("-o", "a.out")
    assert folder.path.joinpath("a.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert folder.path.joinpath("a.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads(folder.path.joinpath("a.out").read_text("utf-8"))["service"] == "service"


def test_a_reader_who_went_away(scene: Scene) -> None:
    """A pipe that nobody reads changes no exit code."""
    for name in ("json", "html", "pdf"):
        command = f"{sys.executable} -m readiness report -f {name} | :; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(
            ["bash", "-c", command], cwd=scene.repo, env=environment(), capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
