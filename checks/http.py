"""``http``: an endpoint answers as it should."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from readiness.api import Effect, HttpRequest, Outcome, Reads, World
from readiness.expect.expectation import Expect
from readiness.expect.request import Request, effect_of, lines_of


@dataclass(frozen=True, kw_only=True)
class Case:
    """One input of a table, and what it must lead to."""

    name: str | None = None
    """What the input is about: ``unknown tier``."""
    request: Request | None = None
    """Changes to the request."""
    expect: Expect | None = None
    """Changes to the expectation."""


@dataclass(frozen=True, kw_only=True)
class Http:
    """An endpoint answers as it should.

    The request is sent once and each assertion about its answer is an outcome of its own. With
    `cases`, it is sent once for each of them instead, changed as the case says. An endpoint that
    cannot be reached, does not answer in time or shows a certificate that cannot be verified fails.
    Methods other than GET, HEAD and OPTIONS need ``--allow write``, except towards loopback.
    """

    id: ClassVar = "http"
    reads: ClassVar = frozenset({Reads.NETWORK})

    request: Request
    """What is sent."""
    expect: Expect = field(default_factory=Expect)
    """What the answer must be."""
    cases: tuple[Case, ...] = ()
    """A table of inputs, each of which inherits request and expectation."""

    def __post_init__(self) -> None:
        for name, _, expect in self.table():
            if not any(True for _ in expect.parts()):
                raise ValueError(f"`expect` is empty{f' in {name}' if name else ''}, so nothing would be asserted")
        names = [name for name, _, _ in self.table()]
        if len(set(names)) < len(names):
            raise ValueError("two cases have the same name")

    @property
    def effect(self) -> Effect:
        """READ where every request only reads or stays on this machine, else WRITE."""
        return effect_of(request for _, request, _ in self.table())

    def looks_at(self) -> Iterator[str]:
        """Each request once, and the schema files."""
        sent = lines_of(request for _, request, _ in self.table())
        schemas = (expect.schema for _, _, expect in self.table() if isinstance(expect.schema, str))
        yield from dict.fromkeys((*sent, *schemas))

    def run(self, world: World) -> Iterator[Outcome]:
        """Send each request and judge its answer."""
        for name, request, expect in self.table():
            yield from expect.judge(world, request, name=name)

    def table(self) -> Iterator[tuple[str, HttpRequest, Expect]]:
        """Name, request and expectation of every row; one row without a name where there are no cases."""
        for number, case in enumerate(self.cases or (Case(name=""),), start=1):
            name = f"case {number}" if case.name is None else case.name
            yield name, self.request.patched(case.request).build(), self.expect.patched(case.expect)
