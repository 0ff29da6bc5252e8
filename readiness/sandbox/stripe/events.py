"""What happened, as the Event objects that Stripe keeps and delivers (https://docs.stripe.com/api/events)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from readiness.sandbox.stripe.expand import show
from readiness.sandbox.stripe.routes import Call
from readiness.sandbox.stripe.store import Object, blank, new_id

VERSION = "2026-10-28.endive"
"""The API version that the shapes follow, and the account's default."""

Subscriber: TypeAlias = Callable[[Object], None]
"""Hears of each event once, in order, outside of every lock; must not raise."""


def emit(call: Call, kind: str, thing: Object, previous: Mapping[str, Any] | None = None) -> Object:
    """Keep an event about `thing` as it is now; `previous` are the earlier values of what an update changed."""
    event = blank("event")
    event |= {
        "id": new_id("evt_1", 23),
        "api_version": VERSION,
        "created": call.now,
        "data": {"object": show(thing, {}, call.store)},
        "livemode": call.livemode,
        "request": call.cause or {"id": None, "idempotency_key": None},
        "type": kind,
    }
    if previous is not None:
        event["data"]["previous_attributes"] = dict(previous)
    call.events.append(event)
    return call.store.add(event)


def changed(call: Call, kind: str, thing: Object, before: Mapping[str, Any]) -> None:
    """An update: an event with the earlier values of the fields that differ, none where nothing does."""
    previous = {name: value for name, value in before.items() if thing.get(name) != value}
    if previous:
        emit(call, kind, thing, previous)
