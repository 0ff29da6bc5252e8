"""A folder with a checklist, the command line on it, and check kinds that do what a test tells them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from readiness.commands.check import Limits, observe
from readiness.commands.progress import Nobody
from readiness.commands.session import Options, Session, open_session
from readiness.main import main
from readiness.plan import Step
from readiness.report.model import Report, Result

ROOT = Path(__file__).resolve().parents[1]

KIND = '''
from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from readiness.api import CannotTell, Effect, Evidence, Outcome, Reads, Reason, Unreachable, World, failed, passed


@dataclass(frozen=True, kw_only=True)
class Told:
    """Does what `does` says, one word after another."""

    id: ClassVar = "{id}"
    reads: ClassVar = frozenset({{{reads}}})
    effect: ClassVar = Effect.{effect}

    does: tuple[str, ...] = ("pass",)
    """Words such as `pass`, `fail`, `cannot`."""
    text: str = ""
    log: str = ""
    url: str = ""
    number: int = 0
    later: tuple[str, ...] | None = None
    """What it does from its second attempt on."""

    def looks_at(self) -> Iterator[str]:
        yield f"GET {{self.url}}" if self.url else "nothing"

    def run(self, world: World) -> Iterator[Outcome]:
        if self.log:
            with Path(self.log).open("a", encoding="utf-8") as file:
                file.write(f"{{self.text}}\\n")
        again = self.later is not None and Path(self.log).read_text("utf-8").split().count(self.text) > 1
        for word in (self.later or ()) if again else self.does:
            yield from self.act(*word.split(":", 1))

    def act(self, word: str, argument: str = "") -> Iterator[Outcome]:
        match word:
            case "pass":
                yield passed(self.text or "it holds", evidence=[Evidence.of("here", self.text or "seen")])
            case "fail":
                reason = Reason(argument or "mismatch")
                yield failed(self.text or "it does not hold", reason=reason, expected="a", observed="b")
            case "cannot":
                raise CannotTell(self.text or "out of reach", reason=Reason(argument or "unavailable"))
            case "away":
                raise Unreachable(self.text or "no answer", reason=Reason(argument or "unreachable"))
            case "raise":
                crashes = {{"exit": SystemExit(0), "interrupt": KeyboardInterrupt(), "value": ValueError(self.text)}}
                raise crashes[argument]
            case "recurse":
                yield from self.act("recurse")
            case "mute":
                raise Mute
            case "sleep":
                time.sleep(float(argument))
            case "hang":
                threading.Event().wait()
            case "wait":  # until a file is there
                while not Path(argument).exists():
                    time.sleep(0.005)
            case "touch":
                Path(argument).touch()
            case "odd":
                yield "not an outcome"
            case "wordless":
                yield passed(None)
            case "reason":
                raise CannotTell(5, reason="weird")
            case "surrogate":
                yield failed("name \\udcff", observed="\\udcff")
            case "many":
                yield from (passed("again") for _ in range(int(argument)))
            case "nothing":
                pass


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")
'''
KINDS = {
    "t.local": ("Reads.REPO", "READ"),
    "t.net": ("Reads.NETWORK", "READ"),
    "t.dns": ("Reads.DNS", "READ"),
    "t.stripe": ("Reads.STRIPE", "READ"),
    "t.state": ("Reads.NETWORK, Reads.DB", "READ"),
    "t.write": ("Reads.REPO", "WRITE"),
}


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    out: str
    err: str


@dataclass
class Folder:
    """A project in a temporary folder."""

    path: Path
    capture: pytest.CaptureFixture[str]
    process: dict[str, str] = field(default_factory=dict)
    """The service's environment, for `observe`."""

    def write(self, name: str, text: str) -> Path:
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(text), "utf-8")
        return place

    def checklist(self, items: str, head: str = "", name: str = "checklist.yaml") -> Path:
        """A checklist of one section, with the told kinds; `items` and `head` are YAML."""
        body = textwrap.indent(textwrap.dedent(items).strip("\n"), " " * 6)
        top = textwrap.dedent(head)
        checks = "" if "checks:" in top else "checks: [kinds]\n"
        return self.write(name, f'version: 1\n{checks}{top}\nsections:\n  "1":\n    title: First\n    items:\n{body}\n')

    def kinds(self) -> None:
        for identity, (reads, effect) in KINDS.items():
            name = f"kinds/{identity.replace('.', '_')}.py"
            self.write(name, KIND.format(id=identity, reads=reads, effect=effect))

    def run(self, *arguments: str) -> Done:
        """The command line in this process."""
        self.capture.readouterr()
        with contextlib.chdir(self.path):
            code = main(arguments)
        captured = self.capture.readouterr()
        return Done(int(code), captured.out, captured.err)

    def check(self, *arguments: str) -> Done:
        return self.run("check", "--allow", "plugin", *arguments)

    def shell(self, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 60) -> Done:
        """The command line as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "readiness", *arguments],
            cwd=self.path,
            env=environment(env),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    def report(self) -> dict[str, Any]:
        """The only report.json that was written."""
        (place,) = (self.path / "reports").rglob("report.json")
        found: dict[str, Any] = json.loads(place.read_text("utf-8"))
        return found

    def options(self, **options: Any) -> Options:
        allow = ("plugin", *options.pop("allow", ()))
        return Options(checklist=self.path / "checklist.yaml", allow=allow, process=self.process, **options)

    def session(self, **options: Any) -> Session:
        return open_session(self.options(**options))

    def observe(self, *, jobs: int | None = None, timeout: float | None = None, **options: Any) -> Report:
        """Load, plan, run and judge, without a command line."""
        chosen = self.options(**options)
        return observe(open_session(chosen), chosen, Limits(jobs=jobs, timeout=timeout), self.path / "reports")

    def result(self, **options: Any) -> Result:
        """The result of the only item."""
        (found,) = self.observe(**options).results
        return found

    def states(self, **options: Any) -> dict[str, tuple[str, str | None]]:
        """State and reason of every item."""
        return {
            result.id: (result.state.value, result.reason and result.reason.value)
            for result in self.observe(**options).results
        }


class Watcher(Nobody):
    """Who began, in order."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def started(self, step: Step) -> None:
        self.begun.append(step.id)


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's, without what colours or widens the output, with this checkout on the path."""
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **(more or {})}


def unmeasured() -> dict[str, str]:
    """The same for a process that is killed while it writes, or may not write: what it left of coverage is damaged."""
    return {name: value for name, value in environment().items() if not name.startswith("COVERAGE")}


def git(folder: Path, *arguments: str) -> str:
    """Git with an identity of its own and none of the machine's settings."""
    settings = ["-c", "user.name=T", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *settings, "-C", str(folder), *arguments],
        env={**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def commit_all(folder: Path) -> str:
    """A repository of all that is there; the commit's id."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "all")
    return git(folder, "rev-parse", "HEAD").strip()


def lines_of(text: str) -> Sequence[str]:
    return text.splitlines()


def never_printed(outputs: Mapping[str, str], canaries: Sequence[str]) -> Iterator[str]:
    """Which canary came out, and where."""
    for where, text in outputs.items():
        for canary in canaries:
            if canary in text:
                yield f"{canary[:4]}... in {where}"


def refused(done: Done) -> str:
    """What was said, once it is sure that it was said well."""
    assert done.code == 2, done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert "crashed" not in done.err
    return done.err
