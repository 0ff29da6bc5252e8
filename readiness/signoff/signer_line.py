"""One line of ``.readiness/allowed_signers``: the ALLOWED SIGNERS format of ssh-keygen(1), read more strictly.

One literal principal, a list of namespaces, dates in UTC, no certificate authorities: so ssh-keygen accepts whom this
accepts, whatever the time zone of the machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from readiness.signoff.model import Code, SignOffError
from readiness.signoff.sshkey import PublicKey, parse_public_key

MAX_FILE = 1024 * 1024
PLAIN = re.compile(r"(?:(?![#*?!,\"'\\])[!-~]){1,255}")
"""A principal or namespace that ssh-keygen takes literally."""
_PATTERN = re.compile(r'[*?!,"]')
# As ssh-keygen finds the end of the options: spaces between quotes belong to them, \" is no quote
_LINE = re.compile(r'([^ \t]+)[ \t]+((?:\\"|"(?:\\"|[^"])*+"|[^ \t"])++)(?:[ \t]+(.*))?')
_OPTION = re.compile(r'([^=,"]+)(?:="([^"\\]*)")?(?:,(?=.)|$)')
_TIME = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})([0-9]{2})?)?Z")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class Signer:
    """This key signs for this principal, for these purposes, in this time."""

    principal: str
    namespaces: tuple[str, ...]
    valid_after: datetime | None = None
    valid_before: datetime | None = None
    key: PublicKey
    name: str = ""
    """The comment that ends the line; a person's name."""
    line: int = 0
    """Counts from 1; 0 where it is in no file yet."""

    def valid_at(self, moment: datetime) -> bool:
        """Within the dates of the line; `moment` has a time zone."""
        begun = self.valid_after is None or self.valid_after <= moment
        return begun and (self.valid_before is None or moment < self.valid_before)


def lines(text: bytes, file: str) -> Iterator[tuple[int, str]]:
    """Number and text of the lines that say something; only a line feed ends one, as in ssh-keygen.

    Raises SignOffError(TRUST) for more than MAX_FILE bytes.
    """
    if len(text) > MAX_FILE:
        raise SignOffError(Code.TRUST, f"{file} has {len(text):,} bytes; at most {MAX_FILE:,} are read")
    for number, raw in enumerate(text.split(b"\n"), start=1):
        line = raw.removesuffix(b"\r").decode("utf-8", errors="replace").strip(" \t")
        if line and not line.startswith("#"):
            yield number, line


def read_line(line: str, number: int) -> Signer:
    """The signer of a line. Raises SignOffError.

    TRUST where ssh-keygen would read it, but as more than we allow; MALFORMED, KEY_ALG or WEAK_KEY where it cannot be
    read or its key cannot be used.
    """
    if _CONTROL.search(line):
        raise SignOffError(Code.MALFORMED, "the line has control characters; write plain UTF-8")
    principal, options, key = _split(line)
    public = parse_public_key(key)
    _check_principal(principal)
    found = _options(options)
    if "namespaces" not in found:
        raise SignOffError(Code.TRUST, 'the line allows every purpose; add namespaces="readiness.completer" or another')
    after, before = (_time(name, found.get(name)) for name in ("valid-after", "valid-before"))
    if after and before and before <= after:
        raise SignOffError(Code.MALFORMED, "valid-before is not later than valid-after")
    return Signer(
        principal=principal,
        namespaces=_namespaces(found["namespaces"]),
        valid_after=after,
        valid_before=before,
        key=public,
        name=public.comment,
        line=number,
    )


def format_line(
    *,
    principal: str,
    key: PublicKey,
    namespaces: Sequence[str],
    valid_after: datetime | None = None,
    valid_before: datetime | None = None,
    name: str = "",
) -> str:
    """A line without its end, which this and ssh-keygen read back. Raises SignOffError where it could not be."""
    _check_principal(principal)
    dates = (("valid-after", valid_after), ("valid-before", valid_before))
    options = [f'namespaces="{",".join(namespaces)}"']
    options += [f'{option}="{moment.astimezone(UTC):%Y%m%d%H%M%S}Z"' for option, moment in dates if moment]
    # ssh-keygen's own comment is user@host, which is nobody's name
    known = name or ("" if "@" in key.comment else key.comment)
    comment = " ".join(_CONTROL.sub(" ", known).split())
    line = f"{principal} {','.join(options)} {key.line} {comment}".rstrip()
    read_line(line, 0)
    return line


def _split(line: str) -> tuple[str, str, str]:
    """Principal, options (empty where there are none) and key with comment."""
    found = _LINE.fullmatch(line)
    if not found:
        raise SignOffError(
            Code.MALFORMED, 'the line is no signer; expected: carol@example.com namespaces="..." ssh-ed25519 AAAA...'
        )
    principal, second, rest = found[1], found[2], found[3] or ""
    if re.search(r'[="]', second) or second.lower() == "cert-authority":
        return principal, second, rest
    return principal, "", f"{second} {rest}"


def _check_principal(principal: str) -> None:
    if _PATTERN.search(principal):
        raise SignOffError(
            Code.TRUST, "the line has a pattern or list as its principal; write one line for each person"
        )
    if not PLAIN.fullmatch(principal):
        raise SignOffError(Code.MALFORMED, "the principal is no plain ASCII name such as carol@example.com")


def _options(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        option = _OPTION.match(text, position)
        if not option:
            raise SignOffError(Code.MALFORMED, f"cannot read the options from {text[position : position + 40]!r} on")
        _add_option(found, option[1], option[2])
        position = option.end()
    return found


def _add_option(found: dict[str, str], name: str, value: str | None) -> None:
    if name.lower() == "cert-authority":
        raise SignOffError(Code.TRUST, "certificate authorities are not read; list each person's key")
    if name not in {"namespaces", "valid-after", "valid-before"} or value is None:
        raise SignOffError(
            Code.MALFORMED, f'the option {name!r} is none of namespaces="...", valid-after="...", valid-before="..."'
        )
    if name in found:
        raise SignOffError(Code.MALFORMED, f"the option {name} stands twice")
    found[name] = value


def _namespaces(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if not all(PLAIN.fullmatch(name) for name in names):
        raise SignOffError(Code.TRUST, f'namespaces="{text}" is no list of plain names with commas, without patterns')
    return names


def _time(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    found = _TIME.fullmatch(text)
    if not found:
        raise SignOffError(Code.TRUST, f'{name}="{text}" is no time in UTC such as 20270101Z or 20270101123000Z')
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise SignOffError(Code.MALFORMED, f'{name}="{text}" is no date: {error}') from error
    if moment.timestamp() <= 0:
        raise SignOffError(Code.MALFORMED, f'{name}="{text}" is not after 1970, where the time of ssh-keygen begins')
    return moment
