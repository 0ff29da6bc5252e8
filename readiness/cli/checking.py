"""The commands around a run: what each is called with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from readiness.cli.options import (
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
    options_of,
    seconds,
)

app = typer.Typer()


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

    options = options_of(
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
    limits = Limits(jobs=jobs, timeout=seconds(timeout))
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

    options = options_of(
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

    options = options_of(checklist=checklist, env=env, only=only, tag=tag, allow=allow, var=var)
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

    raise typer.Exit(explain_name(name, options_of(checklist=checklist, env=env, allow=allow, var=var)))


@app.command()
def init(
    path: Annotated[Path, typer.Argument(metavar="[FILE]", help="Where to write it.")] = Path("checklist.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a small commented checklist that already runs."""
    from readiness.commands.init import write_checklist

    raise typer.Exit(write_checklist(path, force=force))


@app.command()
def doctor(
    *,
    checklist: Checklist = None,
    env: Env = None,
    allow: Allow = None,
    var: Var = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask Stripe what its key may do.")] = False,
) -> None:
    """Tell whether everything that a run needs is here: tools, extras, variables, permissions of Stripe's key."""
    from readiness.commands.doctor import examine

    raise typer.Exit(examine(options_of(checklist=checklist, env=env, allow=allow, var=var), offline=offline))


@app.command()
def schema(
    what: Annotated[
        str, typer.Argument(metavar="[NAME]", help="checklist, report, verification, attestations or waivers.")
    ] = "checklist",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there instead of stdout.")
    ] = None,
    allow: Allow = None,
    checklist: Checklist = None,
) -> None:
    """Print a JSON Schema: of the checklist, with the options of every check kind, or of another file."""
    from readiness.commands.schema import print_schema

    raise typer.Exit(print_schema(what, output, options_of(checklist=checklist, allow=allow)))


@app.command()
def sandbox(
    *,
    stripe: Annotated[bool, typer.Option("--stripe", help="A Stripe API.")] = False,
    dns: Annotated[bool, typer.Option("--dns", help="A name server.")] = False,
    smtp: Annotated[bool, typer.Option("--smtp", help="A mail server that shows what it took.")] = False,
    sentry: Annotated[bool, typer.Option("--sentry", help="A Sentry that shows what was reported.")] = False,
    zone: Annotated[Path | None, typer.Option("--zone", metavar="FILE", help="Serve this zone file.")] = None,
    webhook: Annotated[
        str | None, typer.Option("--webhook", metavar="URL", help="Deliver Stripe's events to this loopback URL.")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Live keys and live prices too.")] = False,
    duplicate: Annotated[bool, typer.Option("--duplicate", help="Deliver each event twice.")] = False,
    reorder: Annotated[
        bool, typer.Option("--reorder", help="Deliver events that are close together in reverse.")
    ] = False,
    delay: Annotated[float, typer.Option("--delay", metavar="SECONDS", min=0, help="Deliver events late.")] = 0.0,
    latency: Annotated[
        float, typer.Option("--latency", metavar="SECONDS", min=0, help="Answer each call of the Stripe API late.")
    ] = 0.0,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the Stripe API; 0 is a free one.")] = 0,
) -> None:
    """Serve a local Stripe API and DNS zone, or what is asked for, until Ctrl-C; prints name=value lines."""
    from readiness.commands.sandbox import serve_sandbox
    from readiness.sandbox.options import Part, StripeOptions

    options = StripeOptions(
        webhook=webhook, live=live, duplicate=duplicate, reorder=reorder, delay=delay, latency=latency, port=port
    )
    wanted: dict[Part, bool] = {"stripe": stripe, "dns": dns, "smtp": smtp, "sentry": sentry}
    parts: list[Part] = [part for part, asked in wanted.items() if asked]
    raise typer.Exit(serve_sandbox(parts, zone=zone, options=options))


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
