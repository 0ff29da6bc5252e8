"""``readiness report``: a report that was made before, in a format for people or for programs.

It is a view: what it says of the sign-offs is what `readiness verify` finds, and it judges nothing itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from readiness.commands.output import STDOUT, emit, refuse_binary
from readiness.console import say, style_of
from readiness.errors import ExitCode, Problem, UsageError
from readiness.report import formats, json, text
from readiness.report.model import Report
from readiness.signoff import strict_json
from readiness.signoff.model import BUNDLE, SignOffError, Verification
from readiness.signoff.reading import MAX_BYTES


def write_report_for(path: Path | None, name: str | None, to: str | None) -> int:
    """Write it, and 0 whatever it says. Raises UsageError: no such report or format, or it cannot be written."""
    wanted = _format(name, to)
    refuse_binary(wanted, to)
    place = _place(path)
    _spare(place, to)
    files = _files(place)
    report = _read(files[formats.REPORT], str(place))
    if wanted == "text" and to in STDOUT:
        say(text.render(report, style_of(sys.stdout, os.environ), verbose=True), sys.stdout)
        return ExitCode.READY
    emit(formats.render(wanted, report, _verified(place, files), files), to)
    if to not in STDOUT:
        say(f"{to}: {place} as {wanted}")
    return ExitCode.READY


def _format(name: str | None, to: str | None) -> str:
    found = formats.find(name, to)
    if found is None and to not in STDOUT:
        problem = Problem(
            message=f"the name {to} does not tell which format is meant",
            hint=f"add --format, one of {', '.join(formats.FORMATS)}",
        )
        raise UsageError([problem])
    return found or "text"


def _place(path: Path | None) -> Path:
    """report.json, from its path or that of its folder or bundle; the newest where none is given."""
    from readiness.signoff.newest import newest_report
    from readiness.signoff.verify import find_report

    return find_report(path) if path else newest_report()


def _spare(place: Path, to: str | None) -> None:
    """Raises UsageError where the output would replace what people signed."""
    signed = {os.path.realpath(one) for one in (place, place.with_name(BUNDLE))}
    if to is not None and to != "-" and os.path.realpath(to) in signed:
        raise UsageError([Problem(message=f"{to} is the signed file itself", hint="write to another one with -o")])


def _read(raw: bytes, path: str) -> Report:
    """The report; what could be read in two ways is none, here as in `readiness verify`."""
    report = json.read(raw, path)
    try:
        strict_json.loads(raw, path, limit=MAX_BYTES)
    except SignOffError as error:
        raise UsageError(error.message) from error
    return report


def _files(place: Path) -> Mapping[str, bytes]:
    """report.json and its bundle, where there is one."""
    try:
        found = {formats.REPORT: _bytes(place)}
        bundle = place.with_name(BUNDLE)
        return {**found, BUNDLE: _bytes(bundle)} if bundle.is_file() else found
    except OSError as error:
        raise UsageError(f"cannot read {place}: {error.strerror or error}") from error


def _bytes(place: Path) -> bytes:
    with place.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise UsageError(f"{place} has more than {MAX_BYTES:,} bytes, which no report has")
    return raw


def _verified(place: Path, files: Mapping[str, bytes]) -> Verification | None:
    """What verifying comes to; None where nobody has signed yet."""
    if not files.get(BUNDLE, b"").strip():
        return None
    from readiness.signoff.verify import Target, verify

    found = verify(Target(report=place))
    if found.report_sha256 != sha256(files[formats.REPORT]).hexdigest():
        raise UsageError(f"{place} was changed while it was read; run the command again")
    return found
