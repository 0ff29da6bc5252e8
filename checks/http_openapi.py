"""The kind `http.openapi`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar

from readiness.api import CannotTell, Effect, HttpRequest, Outcome, Reads, Reason, World
from readiness.expect.exchange import Exchange
from readiness.expect.openapi import ROUTE, Document, Operation, differences, documented, without
from readiness.expect.request import Request, effect_of, lines_of
from readiness.expect.values import read_json
from readiness.patterns import compile_assertion

TOLD = 3
"""Differences that a sentence has room for."""


@dataclass(frozen=True, kw_only=True)
class HttpOpenapi:
    """The service's OpenAPI document says what the service does.

    The document at `url` must be one (3.0 or 3.1, every reference in it leads somewhere). Then each
    of these that is asked for: the routes are there, under exactly these methods and paths and with
    these answers documented; there are no others; each is described; the document is the same as
    the one that is committed, whatever the order of keys and lists; and `answers`: requests that
    are really sent, whose answers are documented by status and content type and fit the schema.
    """

    id: ClassVar = "http.openapi"
    reads: ClassVar = frozenset({Reads.NETWORK, Reads.REPO})

    url: str
    """Where the service serves the document, as JSON."""
    routes: Mapping[str, tuple[int | str, ...]] | None = None
    """Statuses that must be documented, by route: ``"POST /api/checkout": [200, 400, default]``."""
    only: bool = False
    """There are no other routes than those of `routes`."""
    described: bool = False
    """Every route has a summary or a description."""
    mentions: Mapping[str, str] | None = None
    """RE2 patterns by route, which what is said of it or of its answers must match: ``(?i)planned``."""
    committed: str | None = None
    """Path of the same document in the repository, relative to the root."""
    ignore: tuple[str, ...] = ()
    """JSON pointers to what may differ from it: ``/info/version``."""
    answers: tuple[Request, ...] = ()
    """Requests whose real answers must be documented."""

    def __post_init__(self) -> None:
        wrong = [route for route in (*(self.routes or ()), *(self.mentions or ())) if not ROUTE.fullmatch(route)]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no route: write a method and a path, such as GET /health")
        if self.only and not self.routes:
            raise ValueError("`only` speaks of the routes under `routes`, and there are none")
        if self.ignore and not self.committed:
            raise ValueError("`ignore` speaks of the document under `committed`, and there is none")
        if any(not place.startswith("/") for place in self.ignore):
            raise ValueError("`ignore` takes JSON pointers, which begin with /")
        for pattern in (self.mentions or {}).values():
            compile_assertion(pattern)
        self._sent()

    @property
    def effect(self) -> Effect:
        """READ where every request only reads or stays on this machine, else WRITE."""
        return effect_of(self._sent())

    def looks_at(self) -> Iterator[str]:
        """The document, its committed copy, and each request."""
        yield from lines_of(self._sent())
        if self.committed:
            yield self.committed

    def run(self, world: World) -> Iterator[Outcome]:
        """Read the document, then compare it with what is asked for and with real answers."""
        asked, *probes = self._sent()
        served = Exchange.of(world, asked)
        try:
            document = Document.of(served.json)
        except ValueError as error:
            yield served.say("the document", ok=False, expected="OpenAPI 3", observed=f"none: {error}")
            return
        yield served.say("the document", ok=True, expected="OpenAPI 3", observed=f"OpenAPI {document.version}")
        yield from self._routes(served, document)
        if self.committed:
            yield self._same(served, self.committed)
        for request in probes:
            exchange = Exchange.of(world, request)
            exchange.need_room()
            yield from documented(exchange, document)

    def _routes(self, served: Exchange, document: Document) -> Iterator[Outcome]:
        known = document.operations
        for route, statuses in (self.routes or {}).items():
            yield _route(served, route, known.get(route), statuses)
        if self.only:
            yield _listed(
                served, "routes besides those", [route for route in known if route not in (self.routes or {})]
            )
        if self.described:
            bare = [route for route, operation in known.items() if not operation.described]
            yield _listed(served, "routes without a word", bare)
        for route, pattern in (self.mentions or {}).items():
            words = known[route].words if route in known else ""
            ok = bool(compile_assertion(pattern).search(words))
            observed = (
                "said" if ok else f"not said: {words[:200]!r}" if words else "not said, as the route is not there"
            )
            yield served.say(f"{pattern} of {route}", ok=ok, expected="said", observed=observed)

    def _same(self, served: Exchange, path: str) -> Outcome:
        try:
            written = read_json(served.world.repo.read(path))
        except FileNotFoundError:
            written = None
        except ValueError as error:
            raise CannotTell(f"{path} cannot be read as JSON: {error}", reason=Reason.NOT_FOUND) from error
        found = list(islice(_differences(served.json, written, self.ignore), TOLD + 1))
        observed = f"another one: {'; '.join(found[:TOLD])}{'; and more' if len(found) > TOLD else ''}"
        expected = f"the one in {path}"
        return served.say("the document", ok=not found, expected=expected, observed=observed if found else "the same")

    def _sent(self) -> tuple[HttpRequest, ...]:
        return tuple(request.build() for request in (Request(url=self.url), *self.answers))


def _differences(served: Any, written: Any, ignore: tuple[str, ...]) -> Iterator[str]:
    if written is None:
        yield "it is not in the repository"
        return
    yield from differences(without(served, ignore), without(written, ignore))


def _route(served: Exchange, route: str, operation: Operation | None, statuses: tuple[int | str, ...]) -> Outcome:
    expected = f"there{', documenting ' + ', '.join(map(str, statuses)) if statuses else ''}"
    if operation is None:
        return served.say(route, ok=False, expected=expected, observed="not there", reason=Reason.MISSING)
    missing = [str(status) for status in statuses if str(status) not in operation.answers]
    observed = f"there without {', '.join(missing)}" if missing else f"there with {', '.join(operation.answers)}"
    return served.say(route, ok=not missing, expected=expected, observed=observed)


def _listed(served: Exchange, what: str, found: list[str]) -> Outcome:
    observed = f"there: {', '.join(found[:TOLD])}{' and more' if len(found) > TOLD else ''}" if found else "nowhere"
    return served.say(what, ok=not found, expected="nowhere", observed=observed)
