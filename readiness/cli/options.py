"""The options that commands of the command line share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from readiness.errors import UsageError

if TYPE_CHECKING:
    from readiness.commands.session import Options

Checklist = Annotated[
    Path | None, typer.Option("-c", "--checklist", metavar="FILE", help="The checklist; checklist.yaml by default.")
]
Env = Annotated[
    str | None,
    typer.Option("--env", "-e", metavar="NAME", help="The environment to check; the first one by default."),
]
GateName = Annotated[
    str | None, typer.Option("--gate", metavar="NAME", help="merge, release, or one of the checklist.")
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="ID|SECTION", help="Look at this item or section alone; may be repeated."),
]
Tag = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Look at items with this tag alone; may be repeated."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Skip whatever needs a network.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow", metavar="EFFECT", help="Allow write, traffic, exec, plugin, live-writes or private-network."
    ),
]
Bind = Annotated[
    list[str] | None, typer.Option("--bind", metavar="NAME=ORIGIN", help="Allow a secret to be sent to this origin.")
]
Var = Annotated[list[str] | None, typer.Option("--var", metavar="K=V", help="Set a variable of the checklist.")]
Nameserver = Annotated[str | None, typer.Option("--nameserver", metavar="IP[:PORT]", help="Ask this DNS server.")]
Format = Annotated[
    str | None,
    typer.Option("--format", "-f", metavar="NAME", help="Write html, json, junit, md, pdf, sarif or text."),
]
Out = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE|-", help="Where --format goes; - is stdout, the default."),
]
Reports = Annotated[Path, typer.Option("--reports", metavar="DIR", help="Folder for report.json of each run.")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, max=64, metavar="N", help="Checks at the same time, an instrument."),
]
Timeout = Annotated[
    str | None, typer.Option("--timeout", metavar="DURATION", help="Bound on the whole run, such as 5m.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every part of every item.")]


def options_of(
    *,
    checklist: Path | None,
    env: str | None = None,
    gate: str | None = None,
    only: list[str] | None = None,
    tag: list[str] | None = None,
    offline: bool = False,
    allow: list[str] | None = None,
    bind: list[str] | None = None,
    var: list[str] | None = None,
    nameserver: str | None = None,
) -> Options:
    """The options that commands share, as they take them."""
    from readiness.commands.session import Options

    return Options(
        checklist=checklist,
        environment=env,
        gate=gate,
        only=only or (),
        tags=tag or (),
        offline=offline,
        allow=allow or (),
        bind=bind or (),
        variables=var or (),
        nameserver=nameserver,
    )


def seconds(text: str | None) -> float | None:
    """A duration. Raises UsageError."""
    from readiness.duration import parse_duration

    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--timeout: {error}") from error
