"""The command line: what each command is called with. What it does is in readiness/commands."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer
from typer.exceptions import TyperException

from readiness.console import forgive, say, style_of
from readiness.errors import ExitCode, ReadinessError, UsageError

if TYPE_CHECKING:
    from readiness.commands.session import Options

app = typer.Typer(
    name="readiness",
    help="Tell whether a service may go to production, and prove it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)

Checklist = Annotated[
    Optional[Path], typer.Option("-c", "--checklist", metavar="FILE", help="The checklist; checklist.yaml by default.")
]
Env = Annotated[
    Optional[str],
    typer.Option("--env", "-e", metavar="NAME", help="The environment to check; the first one by default."),
]
GateName = Annotated[
    Optional[str], typer.Option("--gate", metavar="NAME", help="merge, release, or one of the checklist.")
]
Only = Annotated[
    Optional[list[str]],
    typer.Option("--only", metavar="ID|SECTION", help="Look at this item or section alone; may be repeated."),
]
Tag = Annotated[
    Optional[list[str]],
    typer.Option("--tag", metavar="TAG", help="Look at items with this tag alone; may be repeated."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Skip whatever needs a network.")]
Allow = Annotated[
    Optional[list[str]],
    typer.Option(
        "--allow", metavar="EFFECT", help="Allow write, traffic, exec, plugin, live-writes or private-network."
    ),
]
Bind = Annotated[
    Optional[list[str]], typer.Option("--bind", metavar="NAME=ORIGIN", help="Allow a secret to be sent to this origin.")
]
Var = Annotated[Optional[list[str]], typer.Option("--var", metavar="K=V", help="Set a variable of the checklist.")]
Nameserver = Annotated[Optional[str], typer.Option("--nameserver", metavar="IP[:PORT]", help="Ask this DNS server.")]
Format = Annotated[
    Optional[str], typer.Option("--format", "-f", metavar="NAME", help="Also write json, junit or sarif.")
]
Out = Annotated[
    Optional[str],
    typer.Option("--output", "-o", metavar="FILE|-", help="Where --format goes; - is stdout, the default."),
]
Reports = Annotated[Path, typer.Option("--reports", metavar="DIR", help="Folder for report.json of each run.")]
Jobs = Annotated[
    Optional[int],
    typer.Option("--jobs", "-j", min=1, max=64, metavar="N", help="Checks at the same time, an instrument."),
]
Timeout = Annotated[
    Optional[str], typer.Option("--timeout", metavar="DURATION", help="Bound on the whole run, such as 5m.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every part of every item.")]


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        from readiness import __version__

        typer.echo(f"readiness {__version__}")
        raise typer.Exit


@app.command()
def check(
    checklist: Checklist = None,
    env: Env = None,
    gate: GateName = None,
    only: Only = None,
    tag: Tag = None,
    offline: Offline = False,
    allow: Allow = None,
    bind: Bind = None,
    var: Var = None,
    nameserver: Nameserver = None,
    format: Format = None,
    output: Out = None,
    reports: Reports = Path("reports"),
    jobs: Jobs = None,
    timeout: Timeout = None,
    verbose: Verbose = False,
) -> None:
    """Run the checklist and say whether the service may go live.

    Exit codes: 0 ready, 1 something failed, 2 a mistake in the command or the
    checklist, 3 something could not be verified, 4 waiting for a person or
    not looked at, 130 interrupted.
    """
    from readiness.commands.check import Limits, Output
    from readiness.commands.check import check as run_checklist

    options = _options(checklist, env, gate, only, tag, offline, allow, bind, var, nameserver)
    limits = Limits(jobs=jobs, timeout=_seconds(timeout))
    raise typer.Exit(run_checklist(options, Output(format=format, to=output, reports=reports, verbose=verbose), limits))


@app.command()
def plan(
    checklist: Checklist = None,
    env: Env = None,
    gate: GateName = None,
    only: Only = None,
    tag: Tag = None,
    offline: Offline = False,
    allow: Allow = None,
    bind: Bind = None,
    var: Var = None,
) -> None:
    """Show what a run would read, contact and execute, and with which secrets."""
    from readiness.commands.plan import show_plan

    raise typer.Exit(show_plan(_options(checklist, env, gate, only, tag, offline, allow, bind, var)))


@app.command("list")
def list_items(
    checklist: Checklist = None,
    env: Env = None,
    only: Only = None,
    tag: Tag = None,
    allow: Allow = None,
    var: Var = None,
    kinds: Annotated[bool, typer.Option("--checks", help="List the check kinds instead.")] = False,
) -> None:
    """List the items of the checklist, or the check kinds."""
    from readiness.commands.listing import list_checklist, list_kinds

    options = _options(checklist, env, None, only, tag, False, allow, None, var)
    raise typer.Exit(list_kinds(options) if kinds else list_checklist(options))


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="ID", help="An item of the checklist, or a check kind.")],
    checklist: Checklist = None,
    env: Env = None,
    allow: Allow = None,
    var: Var = None,
) -> None:
    """Explain an item (what it asks, why, how to cure it) or a check kind and its options."""
    from readiness.commands.explain import explain as explain_name

    raise typer.Exit(explain_name(name, _options(checklist, env, None, None, None, False, allow, None, var)))


@app.command()
def init(
    path: Annotated[Path, typer.Argument(metavar="[FILE]", help="Where to write it.")] = Path("checklist.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a small commented checklist that already runs."""
    from readiness.commands.init import write_checklist

    raise typer.Exit(write_checklist(path, force=force))


@app.command()
def doctor(checklist: Checklist = None, env: Env = None, allow: Allow = None, var: Var = None) -> None:
    """Tell whether everything that a run needs is here: tools, extras, variables."""
    from readiness.commands.doctor import examine

    raise typer.Exit(examine(_options(checklist, env, None, None, None, False, allow, None, var)))


@app.command()
def schema(
    what: Annotated[str, typer.Argument(metavar="[checklist|report]", help="Which schema.")] = "checklist",
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", metavar="FILE", help="Write it there instead of stdout.")
    ] = None,
    allow: Allow = None,
    checklist: Checklist = None,
) -> None:
    """Print the JSON Schema of the checklist, with the options of every check kind, or of the report."""
    from readiness.commands.schema import print_schema

    raise typer.Exit(print_schema(what, output, _options(checklist, None, None, None, None, False, allow, None, None)))


@app.command()
def sandbox(
    stripe: Annotated[bool, typer.Option("--stripe", help="Only the Stripe API.")] = False,
    dns: Annotated[bool, typer.Option("--dns", help="Only the name server.")] = False,
    zone: Annotated[Optional[Path], typer.Option("--zone", metavar="FILE", help="Serve this zone file.")] = None,
) -> None:
    """Serve a local Stripe API and a local DNS zone until Ctrl-C; prints name=value lines."""
    from readiness.commands.sandbox import serve_sandbox

    raise typer.Exit(serve_sandbox(stripe=stripe or not dns, dns=dns or not stripe, zone=zone))


@app.command()
def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave it running until Ctrl-C; prints name=value lines.")
    ] = False,
    break_: Annotated[
        Optional[list[str]], typer.Option("--break", metavar="NAME", help="Inject this defect and see it caught.")
    ] = None,
    list_breaks: Annotated[bool, typer.Option("--list-breaks", help="List the defects.")] = False,
    reports: Reports = Path("reports"),
    verbose: Verbose = False,
) -> None:
    """Run the bundled checkout service and checklist on this machine alone, and print the report."""
    from readiness.commands.demo import demo as run_demo
    from readiness.commands.demo import print_breaks

    raise typer.Exit(
        print_breaks() if list_breaks else run_demo(tuple(break_ or ()), keep=keep, reports=reports, verbose=verbose)
    )


def _options(
    checklist: Path | None,
    env: str | None,
    gate: str | None,
    only: list[str] | None,
    tag: list[str] | None,
    offline: bool,
    allow: list[str] | None,
    bind: list[str] | None,
    var: list[str] | None,
    nameserver: str | None = None,
) -> Options:
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


def _seconds(text: str | None) -> float | None:
    from readiness.duration import parse_duration

    try:
        return None if text is None else parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--timeout: {error}") from error


def main() -> int:
    """Run a command; every mistake of a person becomes sentences, and every ending one exit code."""
    forgive(sys.stdout)
    forgive(sys.stderr)
    try:
        code = app(standalone_mode=False)
    except ReadinessError as error:
        return _tell(error)
    except TyperException as error:
        return _misused(error)
    except (typer.Abort, KeyboardInterrupt):
        say("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as crash:  # noqa: BLE001 - a bug of readiness must not look like a verdict
        return _crashed(crash)
    return code if isinstance(code, int) else ExitCode.READY


def _misused(error: TyperException) -> int:
    """A command line that cannot be parsed: the parser knows best how to say it."""
    show = getattr(error, "show", None)
    if show:
        show()
    else:
        say(str(error))
    return ExitCode.USAGE


def _crashed(crash: Exception) -> int:
    from readiness.redact import patterns

    if os.environ.get("READINESS_DEBUG"):
        raise crash
    say(
        patterns(
            f"readiness itself crashed: {type(crash).__name__}: {crash}\nThis is a bug of readiness; READINESS_DEBUG=1 shows where."
        )
    )
    return ExitCode.CRASH


def _tell(error: ReadinessError) -> int:
    from readiness.faults import render

    say(render(error.problems, style_of(sys.stderr, os.environ)))
    return error.exit_code
