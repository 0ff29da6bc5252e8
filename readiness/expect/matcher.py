"""Matchers: what one value must be like; a literal, or one or more tests that must all hold."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from readiness.expect.formats import FORMATS
from readiness.expect.values import is_integer, is_number, plain, same, short, type_name
from readiness.patterns import compile_assertion

NUMERIC = ("integer", "number")
PRESENCE = ("absent", "present", "optional")
TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")


@dataclass(frozen=True, kw_only=True)
class Test:
    """One test of a value."""

    words: str
    """What the value must be: ``an integer``, ``at least 3``."""
    holds: Callable[[Any], bool]
    numeric: bool = False
    """It is about a number, so that a text such as a header's is read as one first."""


@dataclass(frozen=True, kw_only=True)
class Matcher:
    """All tests of a value; without any, only its presence or absence matters."""

    tests: tuple[Test, ...] = ()
    present: bool = True
    """False: there must be no value at all."""
    optional: bool = False
    """There may be no value; the tests are about one that is there."""

    @property
    def expected(self) -> str:
        """What is asked for, in words."""
        if not self.present:
            return "absent"
        words = " and ".join(test.words for test in self.tests) or "present"
        return f"absent or {words}" if self.optional else words

    @property
    def accepts_nothing(self) -> bool:
        """Whether a value that is not there passes."""
        return self.optional or not self.present

    @property
    def numeric(self) -> bool:
        """Whether a text must be read as a number before it is tested."""
        return any(test.numeric for test in self.tests)

    def accepts(self, value: Any) -> bool:
        """Whether a value that is there passes."""
        return self.present and all(test.holds(value) for test in self.tests)

    def accepts_text(self, text: str) -> bool:
        """The same for a value that can only be text, such as a header's."""
        return self.accepts(_number(text) if self.numeric else text)


def parse_matcher(value: Any) -> Matcher:
    """A matcher as the checklist writes it. Raises ValueError with the cure."""
    if not isinstance(value, Mapping):
        return Matcher(tests=(_equals(value),))
    if not value:
        raise ValueError("an empty matcher asserts nothing: write `present: true`, or a value")
    for key in value:
        if key not in MAKERS and key not in PRESENCE:
            raise ValueError(f"unknown matcher `{key}`; {_near(str(key))}")
    present = _presence(value)
    tests = tuple(MAKERS[key](part) for key, part in value.items() if key in MAKERS)
    if tests and not present:
        raise ValueError("what must be absent cannot be tested further: leave the other keys out")
    optional = _flag("optional", value.get("optional", False))
    if optional and (not tests or not present):
        raise ValueError("`optional` is about the tests beside it: without any it asserts nothing")
    return Matcher(tests=tests, present=present, optional=optional)


def _presence(value: Mapping[str, Any]) -> bool:
    wanted = [_flag(key, value[key]) is (key == "present") for key in ("absent", "present") if key in value]
    if len(set(wanted)) > 1:
        raise ValueError("`absent` and `present` contradict each other")
    return wanted[0] if wanted else True


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"`{key}` is true or false, not {short(value)}")  # noqa: TRY004 - pydantic makes a finding of a ValueError alone
    return value


def _equals(value: Any) -> Test:
    wanted = plain(value)
    return Test(words=short(wanted), holds=lambda seen: same(seen, wanted), numeric=is_number(wanted))


def _contains(value: Any) -> Test:
    needles = _many(plain(value), "contains")
    return Test(
        words=f"containing {' and '.join(map(short, needles))}",
        holds=lambda seen: all(_within(needle, seen) for needle in needles),
    )


def _within(needle: Any, seen: Any) -> bool:
    if isinstance(seen, str):
        return isinstance(needle, str) and needle in seen
    if isinstance(seen, Mapping):
        return needle in seen
    return isinstance(seen, Sequence) and any(same(needle, part) for part in seen)


def _matches(value: Any) -> Test:
    patterns = [compile_assertion(_text(part, "matches")) for part in _many(value, "matches")]
    return Test(
        words=f"matching {' and '.join(map(str, _many(value, 'matches')))}",
        holds=lambda seen: isinstance(seen, str) and all(pattern.search(seen) for pattern in patterns),
    )


def _format(value: Any) -> Test:
    if value in NUMERIC:
        return _type(value)
    if value not in FORMATS:
        raise ValueError(f"unknown format {short(value)}; known: {', '.join([*FORMATS, *NUMERIC])}")
    predicate = FORMATS[value]
    return Test(words=f"in the format {value}", holds=lambda seen: isinstance(seen, str) and predicate(seen))


def _type(value: Any) -> Test:
    names = _many(value, "type")
    unknown = [name for name in names if name not in TYPES]
    if unknown:
        raise ValueError(f"unknown type {short(unknown[0])}; known: {', '.join(TYPES)}")
    numeric = all(name in NUMERIC for name in names)
    return Test(
        words=f"of type {' or '.join(names)}",
        holds=lambda seen: any(_is_of_type(seen, name) for name in names),
        numeric=numeric,
    )


def _is_of_type(seen: Any, name: str) -> bool:
    return is_integer(seen) if name == "integer" else type_name(seen) == name


def _one_of(value: Any) -> Test:
    choices = _many(plain(value), "one_of")
    return Test(
        words=f"one of {', '.join(map(short, choices))}",
        holds=lambda seen: any(same(seen, choice) for choice in choices),
        numeric=all(is_number(choice) for choice in choices),
    )


def _min(value: Any) -> Test:
    least = _amount(value, "min")
    return Test(words=f"at least {value}", holds=lambda seen: is_number(seen) and seen >= least, numeric=True)


def _max(value: Any) -> Test:
    most = _amount(value, "max")
    return Test(words=f"at most {value}", holds=lambda seen: is_number(seen) and seen <= most, numeric=True)


def _length(value: Any) -> Test:
    """An exact length, or a matcher for it; of text, arrays and objects."""
    inner = parse_matcher(value)
    return Test(
        words=f"of length {inner.expected}",
        holds=lambda seen: isinstance(seen, str | Sequence | Mapping) and inner.accepts(len(seen)),
    )


def _not(value: Any) -> Test:
    inner = parse_matcher(value)
    if not inner.tests:
        raise ValueError("`not` takes a value or tests; for presence write `absent: true` or `present: true`")
    return Test(words=f"not {inner.expected}", holds=lambda seen: not inner.accepts(seen), numeric=inner.numeric)


def _many(value: Any, key: str) -> list[Any]:
    parts = list(value) if isinstance(value, list | tuple) else [value]
    if not parts or parts == [""]:
        raise ValueError(f"`{key}` is empty, so it asserts nothing")
    return parts


def _text(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"`{key}` takes text, not {short(value)}")  # noqa: TRY004 - pydantic makes a finding of a ValueError alone
    return value


def _amount(value: Any, key: str) -> float:
    if not is_number(value):
        raise ValueError(f"`{key}` takes a number, not {short(value)}")
    return float(value)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _near(word: str) -> str:
    known: Iterable[str] = [*MAKERS, *PRESENCE]
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"


MAKERS: Mapping[str, Callable[[Any], Test]] = MappingProxyType(
    {
        "equals": _equals,
        "contains": _contains,
        "matches": _matches,
        "format": _format,
        "type": _type,
        "one_of": _one_of,
        "min": _min,
        "max": _max,
        "length": _length,
        "not": _not,
    }
)
