"""The commands around a report: sign-off, verification, and what auditors read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from readiness.cli.options import Format, Out
from readiness.errors import ExitCode

Report = Annotated[
    Path | None, typer.Argument(metavar="[REPORT]", help="report.json or its folder; the newest below ./reports.")
]
Env = Annotated[
    str | None, typer.Option("--env", "-e", metavar="NAME", help="The report must be for this environment.")
]
TrustRef = Annotated[
    str | None,
    typer.Option("--trust-ref", metavar="REF", help="The branch that says who may sign; that of origin by default."),
]
Text = str | None


app = typer.Typer()


@app.command("sign-off")
def sign_off(
    report: Report = None,
    *,
    role: Annotated[str, typer.Option("--as", metavar="ROLE", help="completer or approver.")],
    env: Env = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Your SSH key; found by itself otherwise.")
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="Record that you refuse the release.")] = False,
    comment: Annotated[Text, typer.Option("--comment", metavar="TEXT", help="What you want to say.")] = None,
    planned: Annotated[
        Text, typer.Option("--planned", metavar="TIME", help="When it is to be deployed, such as 2026-12-31T12:00:00Z.")
    ] = None,
    expires: Annotated[
        Text, typer.Option("--expires", metavar="TIME|DURATION", help="When your sign-off ends, such as 2d.")
    ] = None,
    change: Annotated[Text, typer.Option("--change", metavar="REF", help="The ticket or pull request.")] = None,
    reason: Annotated[Text, typer.Option("--reason", metavar="TEXT", help="Why the change is made.")] = None,
    security_impact: Annotated[
        Text, typer.Option("--security-impact", metavar="TEXT", help="What it means for security.")
    ] = None,
    rollback: Annotated[Text, typer.Option("--rollback", metavar="TEXT", help="How it is undone.")] = None,
    trust_ref: TrustRef = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, as a script must.")] = False,
) -> None:
    """Sign a report with your SSH key, as the one who completed the checklist or who approves.

    Everything that exists is verified first; a refusal has the exit code of
    its reason, as `readiness verify` has. 3: no signature could be made.
    """
    from readiness.commands.sign_off import Words
    from readiness.commands.sign_off import sign_off as run_sign_off
    from readiness.signoff.model import Change

    words = Words(
        role=role,
        report=report,
        environment=env,
        key=key,
        reject=reject,
        comment=comment,
        planned=planned,
        expires=expires,
        change=Change(ref=change, reason=reason, security_impact=security_impact, rollback=rollback),
        trust_ref=trust_ref,
        yes=yes,
    )
    raise typer.Exit(run_sign_off(words))


@app.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def verify(context: typer.Context) -> None:
    """Verify that a report is authentic, of this release, and signed off."""
    from readiness.commands.verify import main as verify_report

    raise typer.Exit(verify_report(context.args))


@app.command()
def report(
    path: Report = None,
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
def deployed(
    report: Report = None,
    *,
    at: Annotated[str, typer.Option("--at", metavar="TIME", help="When: 2026-12-31T12:00:00Z, or now.")],
    artifact: Annotated[str, typer.Option("--artifact", metavar="REF", help="What: an image digest, a tag.")],
    by: Annotated[Text, typer.Option("--by", metavar="NAME", help="Who; git's user.email by default.")] = None,
    env: Env = None,
    trust_ref: TrustRef = None,
) -> None:
    """Record in the ledger that a report's commit was deployed, approved or not.

    A deployment that was not approved is recorded as well, with a warning.
    """
    from readiness.commands.deployed import Words, record_deployment

    words = Words(report=report, at=at, artifact=artifact, by=by, environment=env, trust_ref=trust_ref)
    raise typer.Exit(record_deployment(words))


@app.command()
def history(
    *,
    env: Annotated[Text, typer.Option("--env", "-e", metavar="NAME", help="This environment alone.")] = None,
    since: Annotated[Text, typer.Option("--since", metavar="DATE", help="From this day or time on.")] = None,
    format: Annotated[str, typer.Option("--format", "-f", metavar="NAME", help="text, csv or json.")] = "text",
    reports: Annotated[Path, typer.Option("--reports", metavar="DIR", help="The folder of the reports.")] = Path(
        "reports"
    ),
    trust_ref: TrustRef = None,
) -> None:
    """List what was deployed or signed: who approved it, whether before it was deployed, and what is missing."""
    from readiness.commands.history import show_history

    raise typer.Exit(show_history(reports, environment=env, since=since, format=format, trust_ref=trust_ref))


signers = typer.Typer(help="List who may sign, add a signer, or revoke a key.", invoke_without_command=True)
app.add_typer(signers, name="signers")


@signers.callback()
def list_signers(context: typer.Context, trust_ref: TrustRef = None) -> None:
    """List who may sign, add a signer, or revoke a key."""
    if context.invoked_subcommand is None:
        from readiness.commands.signers import show_signers

        raise typer.Exit(show_signers(trust_ref))


@signers.command("add")
def add_signer(
    principal: Annotated[str, typer.Argument(metavar="PRINCIPAL", help="Who: an address such as carol@example.com.")],
    *,
    role: Annotated[
        list[str], typer.Option("--role", "--as", metavar="ROLE", help="completer or approver; may be repeated.")
    ],
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="Their public key; your own is found by itself.")
    ] = None,
    name: Annotated[Text, typer.Option("--name", metavar="TEXT", help="The person's name.")] = None,
    valid_after: Annotated[
        Text, typer.Option("--valid-after", metavar="TIME", help="When the key begins to count.")
    ] = None,
    valid_before: Annotated[Text, typer.Option("--valid-before", metavar="TIME", help="When it stops to.")] = None,
) -> None:
    """Add a line to .readiness/allowed_signers; it counts once it is merged into the protected branch."""
    from readiness.commands.signers import Addition
    from readiness.commands.signers import add_signer as run_add

    wanted = Addition(
        principal=principal, roles=tuple(role), key=key, name=name, valid_after=valid_after, valid_before=valid_before
    )
    raise typer.Exit(run_add(wanted))


@signers.command("revoke")
def revoke_key(
    who: Annotated[
        Text, typer.Argument(metavar="[PRINCIPAL|FINGERPRINT]", help="Whose keys, or which one, as SHA256:...")
    ] = None,
    *,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Its public key.")] = None,
) -> None:
    """Add keys to .readiness/revoked_keys: they count for nothing from then on, at whatever time they signed."""
    from readiness.commands.signers import revoke

    raise typer.Exit(ExitCode(revoke(who, key)))
