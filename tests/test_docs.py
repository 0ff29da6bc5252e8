"""What the pages say is true: commands exist, transcripts are what is printed, examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from readiness.catalog import Catalog
from readiness.checklist.model import State
from readiness.docs import options_of
from readiness.errors import ExitCode
from readiness.signoff.model import EXIT, Code

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
READINESS = (sys.executable, "-m", "readiness")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of a page."""

    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The name in its first line: ``# checks/repo_lines.py``."""
        named = re.match(r"# (\S+/?\S*\.\w+)\n", self.text)
        return named[1] if named else None


def blocks(page: str, language: str) -> list[Block]:
    text = ROOT.joinpath(page).read_text(encoding="utf-8")
    found = [Block(language=name, text=body) for name, body in FENCE.findall(text)]
    return [block for block in found if block.language == language]


def readiness(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Stdout and stderr as a terminal shows them: together."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("READINESS_")}
    return subprocess.run(
        [*READINESS, *arguments],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@cache
def usage(*command: str) -> str:
    """What a command says of itself."""
    done = readiness(*command, "--help", cwd=ROOT)
    assert done.returncode == 0, command
    return done.stdout


def commands(page: str) -> Iterator[list[str]]:
    """Every command line in a page's shell and console blocks, without comments."""
    for block in [*blocks(page, "sh"), *blocks(page, "console")]:
        for line in block.text.splitlines():
            words = line.removeprefix("$ ").partition(" #")[0].split()
            if words and (block.language == "sh" or line.startswith("$ ")):
                yield words


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_exists(page: str) -> None:
    used = {words[1] for words in commands(page) if words[0] == "make"}
    defined = set(re.findall(r"^([a-z]+):", ROOT.joinpath("Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert used
    assert used <= defined


@pytest.mark.parametrize("page", ["README.md", "docs/attesting.md", "docs/sign-off.md", "docs/verify-by-hand.md"])
def test_every_option_that_a_page_names_exists(page: str) -> None:
    for words in commands(page):
        if words[0] == "readiness":
            inner = words[2:3] if words[2:3] in (["add"], ["revoke"]) else []
            known = usage(words[1], *inner)
            assert [word for word in words if word.startswith("-") and word not in known] == [], words


def test_the_readmes_transcript_is_what_is_printed(tmp_path: Path) -> None:
    (block,) = blocks("README.md", "console")
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        printed = readiness(*command.split()[1:], cwd=tmp_path).stdout
        pattern = re.escape(expected.strip()).replace(re.escape("..."), ".*")
        assert re.fullmatch(pattern, printed.strip()), f"{command}\n{printed}"


def test_the_readmes_item_is_an_item_of_four_lines(tmp_path: Path) -> None:
    (block,) = blocks("README.md", "yaml")
    assert len(block.text.splitlines()) == 4
    head = "version: 1\nservice: s\ntitle: T\nvars: {stripe_mode: test}\nsections:\n  '1':\n    title: T\n    items:\n"
    tmp_path.joinpath("checklist.yaml").write_text(head + block.text, encoding="utf-8")
    done = readiness("plan", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "STRIPE_SECRET_KEY" in done.stdout


def test_the_guides_checklist_loads_and_can_be_planned(tmp_path: Path) -> None:
    whole, item = blocks("docs/checklist.md", "yaml")
    tmp_path.joinpath("checklist.yaml").write_text(
        whole.text + item.text.replace("engineering", "operations"), encoding="utf-8"
    )
    for environment in ("development", "production"):
        done = readiness("plan", "--env", environment, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_readmes_states_and_exit_codes_are_those_of_the_code() -> None:
    text = ROOT.joinpath("README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == {state.value for state in State}
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    assert codes == {code.value for code in ExitCode}


def test_the_codes_of_a_verification_are_those_of_the_code() -> None:
    text = ROOT.joinpath("docs", "sign-off.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([A-Z_]+) \| ([0-9, ]+) \|", text, re.MULTILINE))
    assert rows.keys() == {code.value for code in Code}
    assert all(str(EXIT[Code(name)].value) in exits.split(", ") for name, exits in rows.items())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    assert [target for target in targets if not page.parent.joinpath(target).exists()] == []


def test_every_kind_of_check_has_a_page_with_every_option() -> None:
    for kind in Catalog().all():
        text = ROOT.joinpath("docs", "checks", f"{kind.id}.md").read_text(encoding="utf-8")
        assert [option.name for option in options_of(kind) if f"`{option.name}`" not in text] == []


@pytest.mark.parametrize("script", ["docs.py", "coverage.py"])
def test_the_generated_pages_are_fresh(script: str) -> None:
    argv = [sys.executable, str(ROOT / "scripts" / script), "--check"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# --- docs/writing-a-check.md ----------------------------------------------------------------------


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The page's files, written where they say."""
    for language in ("python", "yaml"):
        for block in blocks("docs/writing-a-check.md", language):
            assert block.file, block.text
            target = tmp_path / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
    return tmp_path


def test_the_examples_own_test_passes(example: Path) -> None:
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(example), "tests"]
    env = {**os.environ, "PYTHONPATH": f"{example}{os.pathsep}{ROOT}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(argv, cwd=example, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_the_example_is_refused_until_the_operator_allows_it(example: Path) -> None:
    refused = readiness("check", cwd=example)
    assert refused.returncode == ExitCode.USAGE
    assert "--allow plugin" in refused.stdout


def test_the_example_passes_and_fails(example: Path) -> None:
    allowed = readiness("check", "--allow", "plugin", cwd=example)
    assert allowed.returncode == ExitCode.READY, allowed.stdout
    checklist = example / "checklist.yaml"
    stricter = yaml.safe_load(checklist.read_text(encoding="utf-8"))
    stricter["sections"]["1"]["items"]["code.length"]["with"]["at_most"] = 3
    checklist.write_text(yaml.safe_dump(stricter), encoding="utf-8")
    failing = readiness("check", "--allow", "plugin", cwd=example)
    assert failing.returncode == ExitCode.NOT_READY, failing.stdout


def test_the_example_is_as_this_project_writes_python(example: Path) -> None:
    argv = ["ruff", "format", "--check", "--line-length", "120", str(example)]
    done = subprocess.run(
        [Path(sys.executable).with_name(argv[0]), *argv[1:]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
