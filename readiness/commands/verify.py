"""``readiness verify``: whether a report is authentic, of this release, and signed by the persons that it takes.

It answers before a command line library is imported: a release waits for it, and it may run often.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from readiness.console import WIDTH, say
from readiness.errors import Problem, UsageError
from readiness.report import verification
from readiness.signoff.fields import Fields
from readiness.signoff.model import SignOffError
from readiness.signoff.newest import newest_report
from readiness.signoff.verify import Target, verify

EXITS = """exit codes: 0 valid and ready, 1 not ready or rejected, 2 a mistake in the
command or the policy, 3 nobody could be trusted, 4 signatures are missing,
5 tampered or invalid, 6 authentic, but stale or for something else"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError([Problem(message=message, hint="`readiness verify --help` lists the options")])


def main(arguments: Sequence[str]) -> int:
    """Verify a report and tell. Raises UsageError and ConfigError."""
    parser = _parser()
    options = parser.parse_args(list(arguments))
    if options.help:
        say(parser.format_help(), sys.stdout)
        return 0
    at = _moment(options.at) if options.at else None
    found = verify(
        Target(
            report=options.path or newest_report(options.env),
            environment=options.env,
            commit=options.commit,
            trust_ref=options.trust_ref,
            allowed_signers=options.allowed_signers,
            checklist=options.checklist,
            at=at,
        )
    )
    say(verification.as_json(found) if options.json else verification.as_text(found), sys.stdout)
    return found.exit_code


def _parser() -> _Parser:
    parser = _Parser(
        prog="readiness verify",
        description="Verify that a report is authentic, of this release, and signed off by the persons it takes.",
        epilog=EXITS,
        formatter_class=_formatter,
        add_help=False,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("path", nargs="?", type=Path, metavar="PATH", help="A report, its folder or its bundle; the newest by default.")
    add("--env", "-e", metavar="NAME", help="It must be for this environment.")
    add("--commit", metavar="COMMIT", help="It must be for this commit; HEAD by default.")
    add("--trust-ref", metavar="REF", help="The branch that says who may sign; that of origin by default.")
    add("--allowed-signers", type=Path, metavar="FILE", help="A file that says it, outside the repository.")
    add("--checklist", "-c", type=Path, metavar="FILE", help="The checklist, outside the repository.")
    add("--at", metavar="TIME", help="Judge as of this time, such as 2026-12-31T12:00:00Z.")
    add("--json", action="store_true", help="Print one JSON object.")
    add("--help", "-h", action="store_true", help="Show this message and exit.")
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Of one width everywhere; asking the terminal for its own costs an import, also where no help is shown."""
    return argparse.RawDescriptionHelpFormatter(prog, width=WIDTH)


def _moment(text: str) -> datetime:
    try:
        return Fields({"": text}, "--at").time("")
    except SignOffError as error:
        raise UsageError([Problem(message=error.message, hint="such as --at 2026-12-31T12:00:00Z")]) from error
