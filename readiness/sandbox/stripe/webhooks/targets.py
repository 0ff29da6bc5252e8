"""Who wants an event: webhook endpoints, and event destinations of API v2 that take snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from readiness.sandbox.stripe.events import VERSION
from readiness.sandbox.stripe.store import Object, Store

ENDPOINT, DESTINATION = "webhook_endpoint", "v2.core.event_destination"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where an event goes."""

    id: str
    url: str
    version: str
    """The API version of the payloads."""
    events: tuple[str, ...]
    enabled: bool

    def wants(self, type: str) -> bool:
        """Whether the endpoint asked for events of this type."""
        return self.enabled and ("*" in self.events or type in self.events)


def all_of(store: Store) -> Iterator[Target]:
    """Oldest first."""
    for endpoint in reversed(store.newest_first(ENDPOINT)):
        yield _target(endpoint, endpoint["url"], endpoint["api_version"])
    for one in reversed(store.newest_first(DESTINATION)):
        if one["event_payload"] == "snapshot":
            yield _target(one, one["webhook_endpoint"]["url"], one.get("snapshot_api_version"))


def find(store: Store, id: str) -> Target | None:
    """The target of this id, or None where it was deleted."""
    return next((target for target in all_of(store) if target.id == id), None)


def disable(store: Store, id: str) -> None:
    """Send it nothing more, as Stripe does after days of failures."""
    store.patch(id, {"status": "disabled"})


def _target(thing: Object, url: str, version: str | None) -> Target:
    return Target(
        id=thing["id"],
        url=url,
        version=version or VERSION,
        events=tuple(thing["enabled_events"]),
        enabled=thing["status"] == "enabled",
    )
