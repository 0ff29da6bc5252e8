"""Who listens to the account's events: webhook endpoints, and the event destinations of the second API version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from readiness.api import CannotTell, Evidence, Reason, World
from readiness.billing.places import handler, place

SAME_MOMENT = 2.0
"""Seconds between the times that both API versions tell of one endpoint."""
EVERY = "*"


@dataclass(frozen=True, kw_only=True)
class Listener:
    """One place to which Stripe sends events."""

    id: str
    url: str
    events: tuple[str, ...]
    status: str
    livemode: bool
    api_version: str | None
    """The shape of the events; None means the account's default version."""
    of_others: bool
    """It hears of the accounts that are connected to this one."""
    thin: bool
    """It gets references instead of objects, which ``construct_event`` does not read."""
    created: float
    source: str

    @property
    def enabled(self) -> bool:
        """Whether Stripe sends anything."""
        return self.status == "enabled"

    def hears(self, event: str) -> bool:
        """Whether events of a type are sent."""
        return EVERY in self.events or event in self.events

    @property
    def evidence(self) -> Evidence:
        """What was seen of it, and where."""
        lines = (
            f"id: {self.id}",
            f"url: {self.url}",
            f"status: {self.status}",
            f"livemode: {self.livemode}",
            f"api_version: {self.api_version}",
            f"enabled_events: {', '.join(self.events)}",
        )
        return Evidence.of(self.source, "\n".join(lines))

    def __str__(self) -> str:
        """As messages call it."""
        return f"{self.id} ({self.url})"


def listeners(world: World, *, destinations: bool = True) -> tuple[Listener, ...]:
    """All of the key's mode; what both API versions list is there once."""
    answer = world.stripe.list("webhook_endpoints")
    known = [_endpoint(thing, answer.source) for thing in answer.objects]
    return (*known, *(_more(world, known) if destinations else ()))


def _more(world: World, known: list[Listener]) -> Iterator[Listener]:
    answer = world.stripe.list("v2.core.event_destinations", include=["webhook_endpoint.url"])
    for thing in answer.objects:
        if thing.get("type") != "webhook_endpoint":
            continue
        found = _destination(thing, answer.source)
        if not any(_same(found, listener) for listener in known):
            yield found


def _same(one: Listener, other: Listener) -> bool:
    """Whether they are one endpoint: the versions of the API name it differently, or not at all."""
    if one.id == other.id:
        return True
    alike = place(one.url) == place(other.url) and set(one.events) == set(other.events)
    return alike and not one.thin and abs(one.created - other.created) <= SAME_MOMENT


def _endpoint(thing: Mapping[str, Any], source: str) -> Listener:
    return Listener(
        id=str(thing.get("id")),
        url=str(thing.get("url")),
        events=tuple(thing.get("enabled_events") or ()),
        status=str(thing.get("status")),
        livemode=bool(thing.get("livemode")),
        api_version=thing.get("api_version"),
        of_others=thing.get("application") is not None,
        thin=False,
        created=float(thing.get("created") or 0),
        source=source,
    )


def _destination(thing: Mapping[str, Any], source: str) -> Listener:
    url = (thing.get("webhook_endpoint") or {}).get("url")
    if not url:
        message = f"Stripe does not show where the event destination {thing.get('id')} leads"
        raise CannotTell(message, reason=Reason.DENIED, fix="use a key that may read webhook endpoints")
    return Listener(
        id=str(thing.get("id")),
        url=str(url),
        events=tuple(thing.get("enabled_events") or ()),
        status=str(thing.get("status")),
        livemode=bool(thing.get("livemode")),
        api_version=thing.get("snapshot_api_version"),
        of_others=not {"@self", "self"} & set(thing.get("events_from") or ["@self"]),
        thin=thing.get("event_payload") == "thin",
        created=datetime.fromisoformat(str(thing.get("created"))).timestamp(),
        source=source,
    )


def leading_to(found: tuple[Listener, ...], url: str) -> tuple[Listener, ...]:
    """Those whose events arrive at the handler of a URL, or would if it did not redirect them."""
    return tuple(listener for listener in found if handler(listener.url) == handler(url))
