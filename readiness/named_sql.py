"""Named parameters of SQL: ``where id = :subscription``; values never become a part of the text."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""  # a text, a quoted name
    r"|--[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"  # comments, PostgreSQL's dollar quotes
    r"|::|(?<![\w:]):(?P<name>[A-Za-z_]\w*)",  # a cast, a parameter
    re.DOTALL,
)


def names(sql: str) -> tuple[str, ...]:
    """The parameters that a statement names, each once, in order."""
    return tuple(dict.fromkeys(match["name"] for match in _TOKEN.finditer(sql) if match["name"]))


def numbered(sql: str, parameters: Mapping[str, object]) -> tuple[str, list[object]]:
    """The statement with ``$1``, ``$2`` ... and the values for them. Raises KeyError naming what has no value."""
    order = names(sql)
    places = {name: f"${number}" for number, name in enumerate(order, start=1)}
    text = _TOKEN.sub(lambda match: places[match["name"]] if match["name"] else match[0], sql)
    return text, [parameters[name] for name in order]
