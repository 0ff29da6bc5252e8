"""Plain scalars by the core schema of YAML 1.2.2 (10.3), and those that a reader could take for something else."""

from __future__ import annotations

import math
import re
from typing import Any

_NUMERIC = frozenset("+-.0123456789")
"""What a number begins with; most scalars do not, and are looked at no further."""
_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# Longer runs of digits stay text: no amount is that long, and int() of a huge one is slow.
_INT = re.compile(r"[-+]?[0-9]{1,18}|0o[0-7]{1,18}|0x[0-9a-fA-F]{1,16}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,18}|[0-9]{1,18}(?:\.[0-9]{0,18})?)(?:[eE][-+]?[0-9]{1,3})?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def resolve(raw: str) -> Any:
    """None, a truth value, a number, or the text itself."""
    if raw in _NULL:
        return None
    if raw in _BOOL:
        return _BOOL[raw]
    if raw[0] not in _NUMERIC:
        return raw
    if _INT.fullmatch(raw):
        return int(raw, 0) if raw[:2] in {"0o", "0x"} else int(raw)
    return float(raw) if _FLOAT.fullmatch(raw) else raw


def doubt(raw: str, value: Any) -> tuple[str, str] | None:
    """Why a plain scalar may not mean what was meant, with the cure: ``1.10`` would be 1.1."""
    if raw[:1] not in _NUMERIC:
        return None
    if _NO_NUMBER.fullmatch(raw) or value in {math.inf, -math.inf}:
        return f"{raw} is no usable number", f'quote it where text is meant: "{raw}"'
    if isinstance(value, int | float) and not isinstance(value, bool) and not _reads_back(raw, value):
        return f"{raw} would be read as the number {value}", f'quote it to keep it as it is: "{raw}"'
    return None


def _reads_back(raw: str, value: float) -> bool:
    """Whether the number has the digits that were written; 0.00001 has, though Python says 1e-05."""
    if str(value) == raw:
        return True
    from decimal import Decimal

    written_out = re.fullmatch(r"-?(?:0|[1-9][0-9]*)\.[0-9]+", raw)
    return bool(written_out) and Decimal(raw).as_tuple() == Decimal(str(value)).as_tuple()
