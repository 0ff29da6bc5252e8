"""Text for a terminal: width, colour where it is wanted, and nothing that a stranger's text could do to it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TextIO

WIDTH = 80
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "magenta": "35", "cyan": "36"}
# C0 and C1 controls, and the marks that reorder text (CVE-2021-42574)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# GitHub takes `::` at the start of a line, spaces before it allowed; GitHub and Azure `##[`, `##vso[` anywhere in it
_LINE_COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)
_COMMAND = re.compile(r"##(?=\w*\[)")
_BYTE = 0x100


def printable(text: str) -> str:
    """The text with control characters spelled out and workflow commands of CI systems broken."""
    text = _CONTROL.sub(lambda match: _escape(ord(match[0])), text)
    return _harmless(_COMMAND.sub(r"#\\#", text))


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < _BYTE else f"\\u{code:04x}"


def _harmless(lines: str) -> str:
    return _LINE_COMMAND.sub(r"\1\\::", lines)


def one_line(text: str) -> str:
    """The same on a single line."""
    return printable(" ".join(text.split()))


@dataclass(frozen=True)
class Style:
    """How to write for one stream."""

    colour: bool = False
    width: int = WIDTH

    def paint(self, text: str, *names: str) -> str:
        """The text in a colour or weight; unchanged where there is none."""
        if not self.colour or not names or not text:
            return text
        return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"

    def cut(self, text: str, width: int) -> str:
        """One line of at most `width` characters."""
        line = one_line(text)
        return line if len(line) <= width else f"{line[: max(width - 3, 0)]}..."

    def wrap(self, text: str, indent: str, first: str | None = None, lines: int | None = None) -> str:
        """A paragraph; `first` begins its first line, `lines` bounds it."""
        import textwrap

        paragraph = "\n".join(
            textwrap.wrap(
                one_line(text),
                width=self.width,
                initial_indent=indent if first is None else first,
                subsequent_indent=indent,
                max_lines=lines,
                placeholder=" ...",
                break_on_hyphens=False,
            )
        )
        return _harmless(paragraph)


def style_of(stream: TextIO, environment: Mapping[str, str]) -> Style:
    """NO_COLOR (no-color.org) wins over FORCE_COLOR; else colour is for terminals that can show it."""
    if environment.get("NO_COLOR"):
        colour = False
    elif environment.get("FORCE_COLOR"):
        colour = environment["FORCE_COLOR"] != "0"
    else:
        colour = is_terminal(stream) and environment.get("TERM") != "dumb"
    import shutil

    columns = shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal(stream) else WIDTH
    return Style(colour=colour, width=max(40, min(columns, WIDTH)))


def is_terminal(stream: TextIO) -> bool:
    """Whether a person watches; a closed stream is nobody."""
    try:
        return stream.isatty()
    except (ValueError, AttributeError):  # Python has None for a stream that was closed before it began
        return False


def say(lines: Iterable[str] | str, stream: TextIO | None = None) -> None:
    """Write for people: to stderr unless told otherwise. A reader who went away changes no exit code."""
    stream = stream or sys.stderr
    if stream is None:
        return
    text = lines if isinstance(lines, str) else "\n".join(lines)
    try:
        stream.write(text if text.endswith("\n") else f"{text}\n")
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def forgive(stream: TextIO) -> None:
    """A terminal that cannot show a character gets its escape, not a crash."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")
