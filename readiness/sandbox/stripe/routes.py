"""A call: where it is, what it needs, and what carries it out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from readiness.sandbox.stripe.errors import resource_missing, unrecognized
from readiness.sandbox.stripe.store import Object, Store


@dataclass(frozen=True, kw_only=True)
class Call:
    """What an operation works on; the store's lock is held."""

    store: Store
    other: Store
    """The store of the other mode, only to say that a similar object is there."""
    livemode: bool
    params: Mapping[str, Any]
    """Typed and complete; see params.py."""
    id: str = ""
    """The id in the path."""
    now: int
    """Seconds since the epoch."""
    url: str
    """Where the sandbox is, without a final slash."""
    account: Object = field(default_factory=dict)
    cause: Object | None = None
    """``{"id": "req_...", "idempotency_key": ...}`` of the request that this call answers; None for a helper's."""
    events: list[Object] = field(default_factory=list)
    """What happened, oldest first; told to the subscribers once the lock is released."""

    def stored(self, kind: str, noun: str, param: str) -> Object:
        """The object that the path names. Raises ApiError 404."""
        return self._require(kind, self.id, noun, param, 404)

    def named(self, kind: str, id: str, param: str) -> Object:
        """The object that a parameter names. Raises ApiError 400."""
        return self._require(kind, id, kind, param, 400)

    def _require(self, kind: str, id: str, noun: str, param: str, status: int) -> Object:
        thing = self.store.get(kind, id)
        if thing is not None:
            return thing
        mode = ("test" if self.livemode else "live") if self.other.get(kind, id) else None
        raise resource_missing(noun, id, param=param, status=status, other_mode=mode)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One call of the API."""

    method: str
    path: str
    """``/v1/prices/{id}``."""
    params: str
    """Name of its parameters in params.json."""
    permission: str
    """What a restricted key needs, as Stripe's messages name it."""
    run: Callable[[Call], Object]

    def match(self, path: str) -> str | None:
        """The id in the path ("" where the route has none), or None where it is another path."""
        pattern = re.escape(self.path).replace(r"\{id\}", "([^/]+)")
        found = re.fullmatch(pattern, path)
        if found is None:
            return None
        return unquote(found[1]) if found.groups() else ""


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, str]:
    """The route of a call and the id in its path. Raises ApiError 404."""
    for route in routes:
        named = route.match(path)
        if named is not None and route.method == method:
            return route, named
    raise unrecognized(method, path)
