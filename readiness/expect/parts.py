"""The plain parts of an expectation: status, time, headers, JSON, body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness.api import Outcome, Reason
from readiness.expect.bounds import is_a_little_late, time_limit
from readiness.expect.exchange import Exchange, status_words
from readiness.expect.matcher import Matcher, parse_matcher
from readiness.expect.request import SAFE
from readiness.expect.values import short
from readiness.patterns import compile_assertion

NOT_THERE = "not there"


@dataclass(frozen=True, kw_only=True)
class Status:
    """Status codes, any of which is right."""

    wanted: tuple[int | str, ...]

    def __post_init__(self) -> None:
        if not self.wanted:
            raise ValueError("`status` is empty, so it asserts nothing")
        for code in self.wanted:
            if not _is_status(code):
                raise ValueError(f"{code!r} is no status: write 200, a list of such numbers, or a class such as 2xx")

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome."""
        status = exchange.response.status
        ok = any(code in (status, f"{status // 100}xx") for code in self.wanted)
        expected = " or ".join(map(str, self.wanted))
        yield exchange.say("the status", ok=ok, expected=expected, observed=status_words(status))


def _is_status(code: int | str) -> bool:
    if isinstance(code, int):
        return 100 <= code <= 599  # noqa: PLR2004 - the range of RFC 9110 15
    return len(code) == 3 and code[0] in "12345" and code[1:] == "xx"  # noqa: PLR2004 - 2xx


@dataclass(frozen=True, kw_only=True)
class Time:
    """How quick the answer must be; where a safe request's is a little late, it is asked for once more."""

    total: str | None = None
    """Until its last byte, connection and redirects included: ``<2s``."""
    first_byte: str | None = None
    """Until its head is there."""

    def __post_init__(self) -> None:
        if not self.total and not self.first_byte:
            raise ValueError("`time` is empty, so it asserts nothing: write total or first_byte")
        for limit in filter(None, (self.total, self.first_byte)):
            time_limit(limit)

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome a limit."""
        spans = {"the total time": ("elapsed", self.total), "the first byte": ("first_byte", self.first_byte)}
        for what, (name, limit) in spans.items():
            if limit:
                bound = time_limit(limit)
                seconds: float = getattr(exchange.response, name)
                if exchange.request.method in SAFE and is_a_little_late(seconds, bound.limit):
                    seconds = min(seconds, getattr(exchange.again(), name, seconds))
                ok, observed = bound.holds(seconds), f"{seconds:.3f} s"
                yield exchange.say(what, ok=ok, expected=bound.words, observed=observed, reason=Reason.TIMEOUT)


@dataclass(frozen=True, kw_only=True)
class Headers:
    """Matchers by the names of headers."""

    wanted: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name, value in self.wanted.items():
            _named(f"headers: {name}", value)

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome a header."""
        for name, value in self.wanted.items():
            matcher, seen = parse_matcher(value), exchange.response.header(name)
            ok = matcher.accepts_text(seen) if seen is not None else matcher.accepts_nothing
            yield exchange.say(
                f"the header {name.lower()}",
                ok=ok,
                expected=matcher.expected,
                observed=NOT_THERE if seen is None else short(seen),
                reason=Reason.MISSING if seen is None else Reason.MISMATCH,
            )


@dataclass(frozen=True, kw_only=True)
class Json:
    """Matchers by JSONPath; every value that a path selects must pass, and it must select one."""

    wanted: Mapping[str, Any]

    def __post_init__(self) -> None:
        from readiness.expect.jsonpath import compile_path

        for path, value in self.wanted.items():
            compile_path(path)
            _named(f"json: {path}", value)

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome a path; a body that is no JSON fails once for all of them."""
        try:
            document = exchange.json
        except ValueError as error:
            kind = exchange.response.header("content-type") or "no content type"
            yield exchange.say("the body", ok=False, expected="JSON", observed=f"no JSON ({kind}): {error}")
            return
        for path, value in self.wanted.items():
            yield _judge_path(exchange, path, parse_matcher(value), document)


def _judge_path(exchange: Exchange, path: str, matcher: Matcher, document: Any) -> Outcome:
    from readiness.expect.jsonpath import select

    try:
        found = select(path, document)
    except ValueError as error:
        return exchange.say(path, ok=False, expected=matcher.expected, observed=f"out of reach: {error}")
    wrong = [(place, value) for place, value in found if not matcher.accepts(value)]
    if not found:
        ok = matcher.accepts_nothing
        return exchange.say(path, ok=ok, expected=matcher.expected, observed=NOT_THERE, reason=Reason.MISSING)
    place, seen = wrong[0] if wrong else found[0]
    observed = short(seen) if len(found) == 1 else f"{short(seen)} (at {place}, one of {len(found)})"
    return exchange.say(path, ok=not wrong, expected=matcher.expected, observed=observed)


@dataclass(frozen=True, kw_only=True)
class Body:
    """What the text of the body must and must not have."""

    contains: tuple[str, ...] = ()
    """Texts that are in it."""
    absent: tuple[str, ...] = ()
    """Texts that are not in it."""
    matches: tuple[str, ...] = ()
    """RE2 patterns that are found in it."""
    min_bytes: int | None = None
    """Its least size."""
    max_bytes: int | None = None
    """Its greatest size."""

    def __post_init__(self) -> None:
        if not (self.contains or self.absent or self.matches) and self.min_bytes is None and self.max_bytes is None:
            raise ValueError("`body` is empty, so it asserts nothing")
        if "" in (*self.contains, *self.absent):
            raise ValueError("`body` looks for an empty text, which is everywhere")
        for pattern in self.matches:
            compile_assertion(pattern)
        self._check_sizes()

    def _check_sizes(self) -> None:
        fewest, most = self.min_bytes or 0, self.max_bytes
        if fewest < 0 or (most is not None and most < fewest):
            raise ValueError(f"no body can have at least {fewest} and at most {most} bytes")

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome a text, a pattern or a limit."""
        for text in self.contains:
            yield self._found(exchange, f"the text {short(text)}", text in exchange.text)
        for pattern in self.matches:
            yield self._found(
                exchange, f"the pattern {pattern}", bool(compile_assertion(pattern).search(exchange.text))
            )
        for text in self.absent:
            there = text in exchange.text
            if not there:
                exchange.need_whole_body("searched to its end")
            observed = f"there: {_around(exchange.text, text)}" if there else NOT_THERE
            yield exchange.say(f"the text {short(text)}", ok=not there, expected="absent", observed=observed)
        yield from self._size(exchange)

    def _found(self, exchange: Exchange, what: str, there: bool) -> Outcome:
        if not there:
            exchange.need_whole_body("searched to its end")
        observed = "in the body" if there else "not in the body"
        return exchange.say(what, ok=there, expected="in the body", observed=observed)

    def _size(self, exchange: Exchange) -> Iterator[Outcome]:
        size = len(exchange.response.body)
        if self.min_bytes is not None:
            if size < self.min_bytes:
                exchange.need_whole_body("measured")
            ok, expected = size >= self.min_bytes, f"at least {self.min_bytes} bytes"
            yield exchange.say("the body's size", ok=ok, expected=expected, observed=f"{size} bytes")
        if self.max_bytes is not None:
            if size <= self.max_bytes:
                exchange.need_whole_body("measured")
            ok, expected = size <= self.max_bytes, f"at most {self.max_bytes} bytes"
            yield exchange.say("the body's size", ok=ok, expected=expected, observed=f"{size} bytes")


def _around(text: str, needle: str) -> str:
    """The line in which a text was found, in short."""
    at = text.index(needle)
    line = text[text.rfind("\n", 0, at) + 1 :].partition("\n")[0]
    return short(line.strip())


def _named(place: str, value: Any) -> None:
    """Check a matcher, and say where it stands when it is wrong."""
    try:
        parse_matcher(value)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
