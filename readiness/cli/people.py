"""The commands for people: attestations and waivers."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from readiness.cli.options import (
    Allow,
    Bind,
    Checklist,
    Env,
    Nameserver,
    Offline,
    Only,
    Tag,
    Var,
    options_of,
)
from readiness.errors import UsageError

app = typer.Typer()


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
    options = options_of(
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

    options = options_of(checklist=checklist, env=env, only=only, tag=tag, allow=allow, var=var)
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

        raise typer.Exit(list_waivers(options_of(checklist=checklist, env=env, allow=allow, var=var)))
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
    raise typer.Exit(run_add(options_of(checklist=checklist, env=env, allow=allow, var=var), request))
