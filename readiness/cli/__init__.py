"""The command line: what each command is called with. What it does is in readiness/commands."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.models import CommandInfo

from readiness.cli import checking, people, releasing

app = typer.Typer(
    name="readiness",
    help="Tell whether a service may go to production, and prove it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)

for part in (checking, people, releasing):
    app.add_typer(part.app)
PARTS = tuple(app.registered_groups)


def narrow(word: str) -> None:
    """Where the first word of a command line is a command, leave the others out: to make each takes 3 ms."""
    commands = (command for part in PARTS for command in getattr(part.typer_instance, "registered_commands", ()))
    named = [command for command in commands if _name(command) == word]
    app.registered_commands, app.registered_groups = (named, []) if named else ([], list(PARTS))


def _name(command: CommandInfo) -> str:
    return command.name or getattr(command.callback, "__name__", "").replace("_", "-")


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        from readiness import __version__

        typer.echo(f"readiness {__version__}")
        raise typer.Exit
