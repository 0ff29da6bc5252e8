"""Globs over paths with ``/``: ``**`` crosses folders, ``*`` and ``?`` stay in one, ``[abc]`` is one character.

``[!abc]`` is any other character. A leading dot is an ordinary character, as for git. Matching is case-sensitive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from readiness.patterns import Pattern, compile_pattern

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]/]*\]|.", re.DOTALL)
_SIMPLE = {"**/": r"(?:[^\x00]*/)?", "**": r"[^\x00]*", "*": r"[^/\x00]*", "?": r"[^/\x00]"}


def validate_globs(globs: Iterable[str]) -> None:
    """Raise ValueError, with the cure, for a glob that matches nothing, or not what its author means."""
    for glob in globs:
        if fault := _fault(glob):
            raise ValueError(f"the glob {glob!r} {fault}")


def is_glob(path: str) -> bool:
    """Whether a path holds a wildcard."""
    return any(char in path for char in "*?[")


def match_glob(glob: str, paths: Mapping[int, str], joined: bytes) -> tuple[str, ...]:
    """The paths that a glob matches, in order; the other arguments are what :func:`join_paths` gives."""
    if glob in ("**", "**/*"):
        return tuple(paths.values())
    return tuple(paths[match.start()] for match in _compile(glob).finditer(joined))


def join_paths(paths: Iterable[str]) -> tuple[dict[int, str], bytes]:
    """Paths as one text, each between NUL (which no path holds) and NUL slash; and each path by its offset there."""
    offsets: dict[int, str] = {}
    pieces: list[bytes] = []
    position = 0
    for path in paths:
        piece = b"\0" + path.encode("utf-8", "replace") + b"\0/"
        offsets[position] = path
        position += len(piece)
        pieces.append(piece)
    return offsets, b"".join(pieces)


def _compile(glob: str) -> Pattern:
    body = "".join(_translate(token) for token in _TOKEN.findall(glob))
    return compile_pattern(rf"\x00{body}\x00/")


def _translate(token: str) -> str:
    if token in _SIMPLE:
        return _SIMPLE[token]
    if len(token) == 1:
        return re.escape(token)
    negated = token.startswith("[!")
    inside = re.sub(r"([\\\[\]^&~|])", r"\\\1", token[2 if negated else 1 : -1])
    return rf"[^/\x00{inside}]" if negated else f"[{inside}]"


def _fault(glob: str) -> str | None:
    parts = glob.split("/")
    faults = (
        (not glob.strip(), "is empty"),
        (glob.startswith("/") or ".." in parts, "leaves the root: write it relative to the checklist's root"),
        ("." in parts or "" in parts, "holds an empty part or `.`: write api/*.py; all files of a folder are api/**"),
        (
            "\\" in glob or "\0" in glob,
            "holds a backslash: separate folders with /, and put a literal * in brackets: [*]",
        ),
        (re.search(r"\{[^}]*,[^}]*\}", glob), "holds {a,b}, which is not part of the language: write two globs"),
        (any("**" in part and part != "**" for part in parts), "holds ** beside other characters: write api/**/*.py"),
    )
    return next((text for found, text in faults if found), None)
