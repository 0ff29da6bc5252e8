"""2,000 source files, and the same hundred questions about them in three languages."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

FILES = 2_000
LINES = 90
"""A line of these has 40 characters: 7 MB in all."""
PRESENT = 30
FOUND = 35
ABSENT = 35


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A generated git repository below `folder`, its checklists beside it."""

    folder: Path
    files: int = FILES

    @property
    def root(self) -> Path:
        """What the items read."""
        return self.folder / "tree"

    def path(self, number: int) -> str:
        """Name of a file, relative to the root."""
        number %= self.files
        return f"package_{number % 40:02}/module_{number:04}.py"

    def grow(self) -> None:
        """Write the files, and track them, as in a real repository."""
        for number in range(self.files):
            target = self.root / self.path(number)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_source(number), encoding="utf-8")
        git = ("git", "-c", "core.fsmonitor=false", "-C", str(self.root))
        subprocess.run([*git, "init", "--quiet"], check=True)
        subprocess.run([*git, "add", "."], check=True)

    def spoil(self) -> None:
        """Take away the file that the first item asks for."""
        self.root.joinpath(self.path(0)).unlink()


def _source(number: int) -> str:
    lines = (f"    total_{line:03} = amount * {number * 7 + line:07} % 97" for line in range(LINES))
    return f"def handler_{number:04}(request, amount):\n" + "\n".join(lines) + "\n    return request\n"


# The hundred questions: a file is there, a text is found somewhere, a text is found nowhere.


def present(tree: Tree) -> list[str]:
    """Paths that have to be there, over the whole tree."""
    return [tree.path(number * 61) for number in range(PRESENT)]


def found(tree: Tree) -> list[str]:
    """Patterns that some file holds; each is in one file only."""
    return [rf"def handler_{number * 53 % tree.files:04}\(request" for number in range(FOUND)]


def absent() -> list[str]:
    """Patterns that no file holds, of the kind that looks for secrets."""
    return [rf"""secret_{number:02}\s*=\s*["'][A-Za-z0-9]{{16,}}""" for number in range(ABSENT)]


def checklist(tree: Tree) -> Path:
    """The questions for readiness."""
    items = [f"check: repo.file\n        with: {{path: {json.dumps(path)}}}" for path in present(tree)]
    for option, patterns in (("must", found(tree)), ("must_not", absent())):
        text = 'check: repo.text\n        with: {{files: ["**/*"], {}: [{}]}}'
        items += [text.format(option, json.dumps(pattern)) for pattern in patterns]
    return write_checklist(tree.folder / "hundred.yaml", items, root="tree")


def thousand(tree: Tree) -> Path:
    """A thousand items that cost nothing by themselves: what remains is ours."""
    items = [f"check: repo.file\n        with: {{path: {json.dumps(tree.path(number))}}}" for number in range(1_000)]
    return write_checklist(tree.folder / "thousand.yaml", items, root="tree")


def write_checklist(path: Path, items: list[str], *, root: str = ".") -> Path:
    """A checklist with one section of these items."""
    head = (
        f'version: 1\nservice: bench\ntitle: Benchmark\nroot: {root}\nsections:\n  "1":\n    title: All\n    items:\n'
    )
    body = "".join(
        f"      item.n{number}:\n        title: Item {number}\n        {item}\n" for number, item in enumerate(items)
    )
    path.write_text(head + body, encoding="utf-8")
    return path


def shell_script(tree: Tree) -> Path:
    """The questions as a hundred calls of ripgrep."""
    lines = ["set -eu", "cd tree"]
    lines += [f"rg --quiet --files --glob '/{path}' . || exit 1" for path in present(tree)]
    lines += [f"rg --quiet -e {_quoted(pattern)} . || exit 1" for pattern in found(tree)]
    lines += [f"if rg --quiet -e {_quoted(pattern)} .; then exit 1; fi" for pattern in absent()]
    path = tree.folder / "hundred.sh"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _quoted(pattern: str) -> str:
    return "'" + pattern.replace("'", "'\\''") + "'"


def readiness_as_code(tree: Tree) -> None:
    """The questions for readiness-as-code, where it looks for them."""
    asked = [{"method": "file_exists", "pattern": path} for path in present(tree)]
    asked += [{"method": "grep", "pattern": pattern, "target": "**/*"} for pattern in found(tree)]
    asked += [
        {"method": "grep", "pattern": pattern, "target": "**/*", "pass_condition": "absent"} for pattern in absent()
    ]
    checkpoints = [
        {"id": f"n-{number}", "title": f"Item {number}", "severity": "red", "type": "code", "verification": one}
        for number, one in enumerate(asked)
    ]
    folder = tree.root / ".readiness"
    folder.mkdir()
    tree.root.joinpath(".git", "info", "exclude").write_text(".readiness/\n", encoding="utf-8")
    text = json.dumps({"version": "1.0", "metadata": {"guideline_name": "Benchmark"}, "checkpoints": checkpoints})
    folder.joinpath("checkpoint-definitions.json").write_text(text, encoding="utf-8")
