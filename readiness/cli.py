"""The command line: what each command is called with. What it does is in readiness/commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from readiness.arguments import (
    Allow,
    Bind,
    Checklist,
    Env,
    Format,
    GateName,
    Jobs,
    Nameserver,
    Offline,
    Only,
    Out,
    Reports,
    Tag,
    Timeout,
    Var,
    Verbose,
)
from readiness.cli_signoff import register as register_sign_off
from readiness.errors import UsageError

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


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        from readiness import __version__

        typer.echo(f"readiness {__version__}")
        raise typer.Exit


@app.command()
def check(
    *,
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

    options = _options(
        checklist=checklist,
        env=env,
        gate=gate,
        only=only,
        tag=tag,
        offline=offline,
        allow=allow,
        bind=bind,
        var=var,
        nameserver=nameserver,
    )
    limits = Limits(jobs=jobs, timeout=_seconds(timeout))
    raise typer.Exit(run_checklist(options, Output(format=format, to=output, reports=reports, verbose=verbose), limits))


@app.command()
def plan(
    *,
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

    options = _options(
        checklist=checklist,
        env=env,
        gate=gate,
        only=only,
        tag=tag,
        offline=offline,
        allow=allow,
        bind=bind,
        var=var,
    )
    raise typer.Exit(show_plan(options))


@app.command("list")
def list_items(
    *,
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

    options = _options(checklist=checklist, env=env, only=only, tag=tag, allow=allow, var=var)
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

    raise typer.Exit(explain_name(name, _options(checklist=checklist, env=env, allow=allow, var=var)))


@app.command()
def attest(
    items: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Items; all pending ones if none.")
    ] = None,
    *,
    by: Annotated[
        str | None, typer.Option("--by", metavar="ADDRESS", help="Who says so; git's user.email at a terminal.")
    ] = None,
    fail: Annotated[bool, typer.Option("--fail", help="It does not hold.")] = False,
    na: Annotated[bool, typer.Option("--na", help="It does not apply.")] = False,
    evidence: Annotated[
        str | None, typer.Option("--evidence", metavar="URL|FILE", help="What shows it; a file below the checklist.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="What was seen, or why.")] = None,
    checklist: Checklist = None,
    env: Env = None,
    offline: Offline = False,
    allow: Allow = None,
    bind: Bind = None,
    var: Var = None,
    nameserver: Nameserver = None,
) -> None:
    """Attest that an item holds; without items, go through all that is pending.

    Written to attestations.yaml beside the checklist, bound to the item's
    text, the environment and, where the item says so, the commit.
    """
    from readiness.commands.attest import Words
    from readiness.commands.attest import attest as run_attest

    if fail and na:
        raise UsageError("--fail and --na cannot both be true")
    options = _options(
        checklist=checklist, env=env, offline=offline, allow=allow, bind=bind, var=var, nameserver=nameserver
    )
    state: Literal["pass", "fail", "na"] = "fail" if fail else "na" if na else "pass"
    raise typer.Exit(run_attest(items or (), options, Words(state=state, by=by, note=note, evidence=evidence)))


@app.command()
def pending(
    *,
    checklist: Checklist = None,
    env: Env = None,
    role: Annotated[str | None, typer.Option("--role", metavar="NAME", help="What this role may say alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    only: Only = None,
    tag: Tag = None,
    allow: Allow = None,
    var: Var = None,
) -> None:
    """List what waits for a person, and why. Exit code 4 where something does."""
    from readiness.commands.pending import pending as run_pending

    options = _options(checklist=checklist, env=env, only=only, tag=tag, allow=allow, var=var)
    raise typer.Exit(run_pending(options, role=role, as_json=as_json))


waivers = typer.Typer(help="List the findings that are let pass, or add one.", invoke_without_command=True)
app.add_typer(waivers, name="waivers")


@waivers.callback()
def _waivers(
    context: typer.Context,
    *,
    checklist: Checklist = None,
    env: Env = None,
    allow: Allow = None,
    var: Var = None,
) -> None:
    if context.invoked_subcommand is None:
        from readiness.commands.waivers import list_waivers

        raise typer.Exit(list_waivers(_options(checklist=checklist, env=env, allow=allow, var=var)))
    if checklist or env or allow or var:  # they would be forgotten, and the waiver written for something else
        raise UsageError(f"write the options behind `waivers {context.invoked_subcommand}`, not before it")


@waivers.command("add")
def add_waiver(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The item whose finding is let pass.")],
    *,
    id: Annotated[str, typer.Option("--id", metavar="ID", help="A name for the waiver.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it may pass.")],
    requested_by: Annotated[str, typer.Option("--requested-by", metavar="ADDRESS", help="Who asks.")],
    approved_by: Annotated[str, typer.Option("--approved-by", metavar="ADDRESS", help="Another person, who agrees.")],
    expires: Annotated[str, typer.Option("--expires", metavar="DAY", help="Its last day, such as 2026-12-31.")],
    ticket: Annotated[str | None, typer.Option("--ticket", metavar="REF", help="Where the cure is tracked.")] = None,
    match: Annotated[
        str | None, typer.Option("--match", metavar="TEXT", help="Only findings that hold this text.")
    ] = None,
    covers: Annotated[
        list[str] | None,
        typer.Option("--covers", metavar="STATE", help="fail (the default), error, pending, skipped; may be repeated."),
    ] = None,
    checklist: Checklist = None,
    env: Env = None,
    allow: Allow = None,
    var: Var = None,
) -> None:
    """Add a waiver to waivers.yaml: the item keeps its state, and does not block until that day."""
    from readiness.commands.waivers import Request
    from readiness.commands.waivers import add_waiver as run_add

    request = Request(
        id=id,
        item=item,
        reason=reason,
        requested_by=requested_by,
        approved_by=approved_by,
        expires=expires,
        ticket=ticket,
        match=match,
        covers=covers or (),
    )
    raise typer.Exit(run_add(_options(checklist=checklist, env=env, allow=allow, var=var), request))


@app.command()
def init(
    path: Annotated[Path, typer.Argument(metavar="[FILE]", help="Where to write it.")] = Path("checklist.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a small commented checklist that already runs."""
    from readiness.commands.init import write_checklist

    raise typer.Exit(write_checklist(path, force=force))


@app.command()
def doctor(*, checklist: Checklist = None, env: Env = None, allow: Allow = None, var: Var = None) -> None:
    """Tell whether everything that a run needs is here: tools, extras, variables."""
    from readiness.commands.doctor import examine

    raise typer.Exit(examine(_options(checklist=checklist, env=env, allow=allow, var=var)))


@app.command()
def schema(
    what: Annotated[str, typer.Argument(metavar="[checklist|report]", help="Which schema.")] = "checklist",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there instead of stdout.")
    ] = None,
    allow: Allow = None,
    checklist: Checklist = None,
) -> None:
    """Print the JSON Schema of the checklist, with the options of every check kind, or of the report."""
    from readiness.commands.schema import print_schema

    raise typer.Exit(print_schema(what, output, _options(checklist=checklist, allow=allow)))


@app.command()
def sandbox(
    *,
    stripe: Annotated[bool, typer.Option("--stripe", help="Only the Stripe API.")] = False,
    dns: Annotated[bool, typer.Option("--dns", help="Only the name server.")] = False,
    zone: Annotated[Path | None, typer.Option("--zone", metavar="FILE", help="Serve this zone file.")] = None,
) -> None:
    """Serve a local Stripe API and a local DNS zone until Ctrl-C; prints name=value lines."""
    from readiness.commands.sandbox import serve_sandbox

    raise typer.Exit(serve_sandbox(stripe=stripe or not dns, dns=dns or not stripe, zone=zone))


@app.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def verify(context: typer.Context) -> None:
    """Verify that a report is authentic, of this release, and signed off."""
    from readiness.commands.verify import main as verify_report

    raise typer.Exit(verify_report(context.args))


@app.command()
def report(
    path: Annotated[
        Path | None,
        typer.Argument(metavar="[REPORT]", help="A report, its folder or its bundle; the newest by default."),
    ] = None,
    *,
    format: Format = None,
    output: Out = None,
) -> None:
    """Write a report that was made before, for people or programs, its sign-offs verified.

    The format follows the suffix of the file; on a terminal it is text. Exit
    codes: 0 written, whatever the report says (`readiness verify` judges it),
    2 a mistake in the command.
    """
    from readiness.commands.report import write_report_for

    raise typer.Exit(write_report_for(path, format, output))


@app.command()
def demo(
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave it running until Ctrl-C; prints name=value lines.")
    ] = False,
    break_: Annotated[
        list[str] | None, typer.Option("--break", metavar="NAME", help="Inject this defect and see it caught.")
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


register_sign_off(app)


def _options(
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
