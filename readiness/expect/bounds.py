"""Bounds as the checklist writes them: ``<2s``, ``<=500ms``, ``>=21``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from readiness.duration import parse_duration

COMPARE: MappingProxyType[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)
_FORM = re.compile(r"\s*(<=|>=|<|>)\s*(\S+)\s*")


NEARLY = 2
"""A time within so many times its limit may be what else the machine did, and is worth another measurement."""


def is_a_little_late(seconds: float, limit: float) -> bool:
    """Whether a time that should be below its limit is not, but may be when it is measured again."""
    return limit <= seconds < limit * NEARLY


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A comparison with a number."""

    sign: str
    limit: float
    words: str

    def holds(self, value: float) -> bool:
        """Whether a value lies on the right side."""
        return COMPARE[self.sign](value, self.limit)


def time_limit(text: str) -> Bound:
    """``<2s`` in seconds. Raises ValueError for anything but an upper bound with a unit."""
    found = _FORM.fullmatch(text)
    if not found or found[1] not in {"<", "<="}:
        raise ValueError(f"{text!r} is no limit of time: write it as <2s or <=500ms")
    return Bound(sign=found[1], limit=parse_duration(found[2]), words=text)


def least(value: int | str) -> Bound:
    """``>=21``, ``>21`` or ``21``, which means the first. Raises ValueError for anything but a lower bound."""
    found = _FORM.fullmatch(str(value))
    sign, number = (found[1], found[2]) if found else (">=", str(value))
    if sign not in {">", ">="} or not number.isdecimal():
        raise ValueError(f"{value!r} is no lower bound: write it as >=21")
    return Bound(sign=sign, limit=float(number), words=f"{sign}{number}")
