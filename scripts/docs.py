#!/usr/bin/env python3
"""Makes the pages of docs/ that say what the code says: check kinds, commands, the file's fields, codes.

python scripts/docs.py           write them
python scripts/docs.py --check   exit 1 where one is stale or left over
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import typer.main

from readiness.api import Check, Effect, Reads, Reason
from readiness.catalog import Catalog
from readiness.checklist import model
from readiness.cli import app
from readiness.docs import field_docs, options_of, parts_of
from readiness.errors import ExitCode
from readiness.report.formats import FORMATS

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- made by scripts/docs.py; change the code, then run it -->"


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    kinds = sorted(Catalog().all(), key=lambda kind: kind.id)
    made = {DOCS / "checks" / f"{kind.id}.md": _page(_kind(kind)) for kind in kinds}
    made[DOCS / "checks" / "README.md"] = _page(_index(kinds))
    made[DOCS / "commands.md"] = _page(_commands())
    made[DOCS / "reference.md"] = _page(_reference())
    return made


def _page(lines: Iterator[str]) -> str:
    return "\n".join([MADE, *lines]).rstrip() + "\n"


def _index(kinds: list[type[Check]]) -> Iterator[str]:
    yield "# Check kinds\n"
    yield "| kind | reads | what it proves |\n| --- | --- | --- |"
    for kind in kinds:
        yield f"| [{kind.id}]({kind.id}.md) | {', '.join(sorted(kind.reads))} | {_first(kind)} |"


def _first(kind: Any) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]


def _kind(kind: type[Check]) -> Iterator[str]:
    yield f"# {kind.id}\n"
    yield f"{inspect.getdoc(kind)}\n"
    yield f"Reads: {', '.join(sorted(kind.reads))}.\n"
    for part in [kind, *parts_of(kind)]:
        yield "## Options\n" if part is kind else f"### {part.__name__}\n\n{inspect.getdoc(part)}\n"
        yield "| option | value | default | meaning |\n| --- | --- | --- | --- |"
        for option in options_of(part):
            default = "required" if option.default is None else f"`{option.default}`"
            yield f"| `{option.name}` | {_cell(option.type)} | {_cell(default)} | {_cell(option.text)} |"
        yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _commands() -> Iterator[str]:
    yield "# Commands\n"
    root = typer.main.get_command(app)
    for name, command in getattr(root, "commands", {}).items():
        context = typer.Context(command, info_name=f"readiness {name}", max_content_width=80, terminal_width=80)
        yield f"## {name}\n\n```text\n{command.get_help(context)}\n```\n"


def _reference() -> Iterator[str]:
    yield "# Reference\n\n## Exit codes\n"
    yield "| code | name | meaning |\n| --- | --- | --- |"
    for code in ExitCode:
        yield f"| {code.value} | {code.name.lower()} | {_cell(_member_docs(ExitCode).get(code.name, ''))} |"
    yield "\nWhen several hold, the first of 5, 1, 3, 6, 4.\n"
    yield f"## Report formats\n\n{', '.join(f'`{name}`' for name in FORMATS)}, and the terminal's own.\n"
    for title, words in {
        "States, worst first": model.State,
        "Severities": model.Severity,
        "Reason codes": Reason,
        "What a kind reads": Reads,
        "Effects": Effect,
    }.items():
        yield f"## {title}\n\n{', '.join(f'`{word.value}`' for word in words)}\n"
    yield "## checklist.yaml\n"
    for kind in (
        model.Header,
        model.Environment,
        model.Defaults,
        model.Gate,
        model.Section,
        model.Item,
        model.DocumentInfo,
        model.Contact,
        model.Note,
    ):
        yield from _fields(kind)


def _fields(kind: Any) -> Iterator[str]:
    yield f"### {kind.__name__}\n\n{_first(kind)}\n"
    yield "| key | value | default | meaning |\n| --- | --- | --- | --- |"
    for option in options_of(kind):
        default = "required" if option.default is None else f"`{option.default}`"
        yield f"| `{option.name.rstrip('_')}` | {_cell(option.type)} | {_cell(default)} | {_cell(option.text)} |"
    yield ""


def _member_docs(kind: type[Enum]) -> Mapping[str, str]:
    return field_docs(kind)


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    made = pages()
    left_over = [path for path in (DOCS / "checks").glob("*.md") if path not in made]
    if "--check" not in arguments:
        (DOCS / "checks").mkdir(parents=True, exist_ok=True)
        for path, text in made.items():
            path.write_text(text, "utf-8")
        for path in left_over:
            path.unlink()
        return 0
    stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in [*stale, *left_over]:
        print(f"{path.relative_to(DOCS.parent)} is stale: run python scripts/docs.py")  # noqa: T201 - a script
    return 1 if stale or left_over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
