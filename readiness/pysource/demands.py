"""What a call must be like, and which of the calls that were found are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readiness.pysource.code import Code
from readiness.pysource.paths import branched_at, swallowed_at
from readiness.pysource.scopes import Scope
from readiness.pysource.sites import Site, alternatives


@dataclass(frozen=True, kw_only=True)
class Demands:
    """See the options of the kind ``python.calls`` of the same names."""

    argument: str | None
    keywords: Mapping[str, Any]
    must_raise: bool
    always: bool
    within: frozenset[Scope] | None
    """Functions that count; None: all."""

    def narrow(self, code: Code, calls: tuple[Site, ...]) -> Iterator[tuple[str, tuple[Site, ...]]]:
        """What is left after each demand, and what to say if that is nothing."""
        yield "is called nowhere", calls
        kept = tuple(site for site in calls if code.live(site))
        yield "is called only in a function that nothing uses", kept
        if self.argument:
            kept = tuple(site for site in kept if code.has_argument(site, self.argument))
            yield self._without(code, self.argument), kept
        kept = tuple(site for site in kept if code.attached(site))
        yield "is called on a router that no other call hands over", kept
        if self.keywords:
            kept = tuple(site for site in kept if code.has_keywords(site, self.keywords))
            yield f"is never called with {say(self.keywords)}", kept
        yield from self._unconditional(code, kept)

    def _without(self, code: Code, argument: str) -> str:
        defined = any(code.defines(name) for name in alternatives(argument))
        return f"never gets {argument}" if defined else f"cannot get {argument}: it is not defined"

    def _unconditional(self, code: Code, kept: tuple[Site, ...]) -> Iterator[tuple[str, tuple[Site, ...]]]:
        if self.must_raise:
            faults = {site: code.fault(site, self.within, swallowed_at) for site in kept}
            kept = tuple(site for site in kept if not faults[site])
            yield f"may fail unnoticed: {_places(faults)} goes on as if it had worked", kept
        if self.always:
            faults = {site: code.fault(site, self.within, branched_at) for site in kept}
            kept = tuple(site for site in kept if not faults[site])
            yield f"can be left out: {_places(faults)} decides", kept


def say(keywords: Mapping[str, Any]) -> str:
    """Keywords as they are written in a call."""
    return ", ".join(f"{name}={value!r}" for name, value in keywords.items())


def _places(faults: dict[Site, str | None]) -> str:
    return ", ".join(sorted({place for place in faults.values() if place}))
