"""All that an answer must be; the whole vocabulary in one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Protocol

from readiness.api import HttpRequest, Outcome, World
from readiness.expect.cors import Cors
from readiness.expect.exchange import Exchange
from readiness.expect.parts import Body, Headers, Json, Status, Time
from readiness.expect.schema import Schema
from readiness.expect.security import NAMES, Security
from readiness.expect.tls import Tls


class Part(Protocol):
    """One part of an expectation."""

    def judge(self, exchange: Exchange) -> Iterator[Outcome]:
        """One outcome for each assertion."""
        ...


TOO_MANY = 429
"""An answer that says nothing of the service but that it was asked too often (RFC 6585 4)."""


@dataclass(frozen=True, kw_only=True)
class Expect:
    """What the answer must be; a case overrides any of it, key by key."""

    status: int | str | tuple[int | str, ...] | None = None
    """``200``, ``[200, 204]`` or ``2xx``. Redirects are answers unless the request follows them."""
    time: Time | None = None
    headers: Mapping[str, Any] | None = None
    """Matchers by header name."""
    json: Mapping[str, Any] | None = None
    """Matchers by JSONPath (RFC 9535)."""
    schema: str | Mapping[str, Any] | None = None
    """A JSON Schema: a path relative to the root, or the schema itself."""
    body: Body | None = None
    tls: Tls | None = None
    security: Literal["baseline"] | None = None
    """HSTS, CSP, nosniff, framing, Referrer-Policy and cookie flags."""
    cors: Cors | None = None

    def __post_init__(self) -> None:
        tuple(self.parts())

    def patched(self, changes: Expect | None) -> Expect:
        """This expectation with a case's changes: what a case names replaces what stood there."""
        if changes is None:
            return self
        given = {item.name: value for item in fields(changes) if (value := getattr(changes, item.name)) is not None}
        return replace(self, **given)

    def parts(self) -> Iterator[Part]:
        """What is asked for, quick and telling parts first. Raises ValueError with the cure for what makes no sense."""
        if self.status is not None:
            yield Status(wanted=self.status if isinstance(self.status, tuple) else (self.status,))
        if self.headers:
            yield Headers(wanted=self.headers)
        if self.json:
            yield Json(wanted=self.json)
        if self.schema:
            yield Schema(written=self.schema)
        yield from (part for part in (self.body, self.time, self.tls) if part)
        if self.security:
            yield Security()
        if self.cors:
            yield self.cors

    def _takes(self, status: int) -> bool:
        """Whether the status is one that is asked for."""
        wanted = self.status if isinstance(self.status, tuple) else (self.status,)
        return bool({status, str(status), f"{status // 100}xx"} & set(wanted))

    def judge(self, world: World, request: HttpRequest, *, name: str = "") -> Iterator[Outcome]:
        """Send the request and judge the answer. Raises Unreachable and CannotTell as the world does."""
        shown = frozenset({*(header.lower() for header in self.headers or ()), *(NAMES if self.security else ())})
        exchange = Exchange.of(world, request, name=name, shown=shown)
        if not self._takes(TOO_MANY):
            exchange.need_room()
        for part in self.parts():
            yield from part.judge(exchange)
