"""Deliver what happened to who wants it, and keep a log."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from readiness.sandbox.stripe.api import Api
from readiness.sandbox.stripe.events import emit
from readiness.sandbox.stripe.store import Object, Store
from readiness.sandbox.stripe.webhooks import schedule, shapes, targets
from readiness.sandbox.stripe.webhooks.lane import Job, Lane
from readiness.sandbox.stripe.webhooks.log import Delivery
from readiness.sandbox.stripe.webhooks.signing import sign
from readiness.sandbox.stripe.webhooks.targets import Target
from readiness.sandbox.stripe.webhooks.transport import Answer, Transport, is_loopback

HOLD_SECONDS = 0.25
"""How long events are gathered before they are sent in reverse."""
SHOWN = 200
"""Characters of a response that the log keeps."""


@dataclass(kw_only=True)
class Manners:
    """How deliveries (mis)behave; change it at any time."""

    duplicate: bool = False
    """Each event is delivered twice, as Stripe now and then does."""
    reorder: bool = False
    """What happens within a quarter of a second arrives newest first."""
    delay: float = 0.0
    """Seconds of this machine's clock before the first attempt."""
    compression: float = 3600.0
    """How many times faster retries come than Stripe's; 1 is Stripe's own pace."""
    disable_after: float | None = 9.0
    """Days of nothing but failures, compressed too, after which an endpoint is disabled; None is never."""
    v0: bool = False
    """Add the fake v0 signature that Stripe's test mode has."""


class Webhooks:
    """The deliveries of a sandbox; nothing runs until an endpoint on loopback wants an event."""

    def __init__(self, api: Api, clock: Callable[[], float]) -> None:
        self.manners = Manners()
        self._api, self._clock = api, clock
        self._transport = Transport()
        self._lanes: dict[str, Lane] = {}
        self._log: list[Delivery] = []
        self._waiting: dict[str, set[str]] = {}
        self._failing: dict[str, float] = {}
        self._old_secrets: dict[str, list[tuple[str, float]]] = {}
        self._reverse_until = 0.0
        self._numbers = itertools.count()
        self._lock = threading.RLock()
        api.subscribers.append(self._hear)

    @property
    def log(self) -> tuple[Delivery, ...]:
        """Every attempt so far, in the order in which they ended."""
        with self._lock:
            return tuple(self._log)

    @property
    def timeout(self) -> float:
        """Seconds that an endpoint may take."""
        return self._transport.seconds

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._transport.seconds = seconds

    def send(self, type: str, thing: Object, *, livemode: bool = False) -> str:
        """Let an event of this type about `thing` (an object's JSON) happen now. Returns its id."""
        call = self._api.call({}, livemode=livemode)
        return str(self._api.perform(call, lambda call: emit(call, type, thing))["id"])

    def resend(self, event_id: str, endpoint_id: str) -> None:
        """Deliver an event once more, whatever the endpoint asked for. Raises KeyError for an unknown id."""
        for livemode in (False, True):
            store = self._api.store(livemode=livemode)
            event, target = store.get("event", event_id), targets.find(store, endpoint_id)
            if event is not None and target is not None:
                self._start(event, target, store)
                return
        raise KeyError(f"the sandbox has no event {event_id} and endpoint {endpoint_id} in one mode")

    def roll_secret(self, endpoint_id: str, *, overlap: float = schedule.DAY, livemode: bool = False) -> str:
        """A new signing secret; for `overlap` seconds both sign. Raises KeyError for an unknown endpoint."""
        store = self._api.store(livemode=livemode)
        with self._lock:
            expiring = (store.secret(endpoint_id), self._clock() + overlap)
            self._old_secrets.setdefault(endpoint_id, []).insert(0, expiring)
            return store.keep_secret(endpoint_id)

    def settle(self, seconds: float = 20.0) -> bool:
        """Wait until all that is due by the sandbox's clock was tried; False where that took longer."""
        end = time.monotonic() + seconds
        with self._lock:
            lanes = tuple(self._lanes.values())
        return all(lane.idle(max(end - time.monotonic(), 0.0)) for lane in lanes)

    def stop(self) -> None:
        """End what is under way; nothing is delivered any more."""
        self._transport.hang_up()
        with self._lock:
            lanes = tuple(self._lanes.values())
        for lane in lanes:
            lane.stop()

    def _hear(self, event: Object) -> None:
        store = self._api.store(livemode=event["livemode"])
        for target in targets.all_of(store):
            if target.wants(event["type"]):
                self._start(event, target, store)

    def _start(self, event: Object, target: Target, store: Store) -> None:
        if not is_loopback(target.url):
            self._note(event, target, 1, self._transport.post(target.url, b"", {}))
            return
        with self._lock:
            waiting = self._waiting.setdefault(event["id"], set())
            waiting.add(target.id)
            event["pending_webhooks"] = len(waiting)
        for _ in range(2 if self.manners.duplicate else 1):
            after, order = self._turn()
            self._put(target.id, Job(run=lambda: self._try(event, target.id, store, 1), after=after, order=order))

    def _turn(self) -> tuple[float, int]:
        """When the first attempt is made, and its place among others."""
        now, number = time.monotonic() + self.manners.delay, next(self._numbers)
        if not self.manners.reorder:
            return now, number
        with self._lock:
            if self._reverse_until < now:
                self._reverse_until = now + HOLD_SECONDS
            return self._reverse_until, -number

    def _put(self, id: str, job: Job) -> None:
        with self._lock:
            lane = self._lanes.get(id)
            if lane is None:
                lane = self._lanes[id] = Lane(f"sandbox-webhook-{id}", self._clock)
        lane.put(job)

    def _try(self, event: Object, id: str, store: Store, attempt: int) -> None:
        """One attempt at the endpoint as it is now."""
        target = targets.find(store, id)
        if target is None or not target.enabled:
            return
        with store.lock:
            body = json.dumps(shapes.render(event, target.version, store), indent=2, ensure_ascii=False).encode()
        signature = sign(body, self._secrets(store, id), int(self._clock()), v0=self.manners.v0)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Accept": "*/*; q=0.5, application/xml",
            "Stripe-Signature": signature,
        }
        answer = self._transport.post(target.url, body, headers)
        delivery = self._note(event, target, attempt, answer)
        if delivery.succeeded:
            self._took(event, id, store)
        else:
            self._failed(event, target, store, attempt)

    def _took(self, event: Object, id: str, store: Store) -> None:
        with self._lock:
            self._failing.pop(id, None)
            waiting = self._waiting.get(event["id"], set())
            waiting.discard(id)
            event["pending_webhooks"] = len(waiting)
            store.deliveries[event["id"]] = store.deliveries.get(event["id"], True) if waiting else True

    def _failed(self, event: Object, target: Target, store: Store, attempt: int) -> None:
        now, manners = self._clock(), self.manners
        with self._lock:
            if target.id in self._waiting.get(event["id"], ()):  # else its duplicate was taken
                store.deliveries[event["id"]] = False
            since = self._failing.setdefault(target.id, now)
        limit = manners.disable_after
        if limit is not None and now - since >= limit * schedule.DAY / manners.compression:
            targets.disable(store, target.id)
            return
        wait = schedule.delay(attempt, livemode=event["livemode"])
        if wait is not None:
            due, order = now + wait / manners.compression, next(self._numbers)
            self._put(target.id, Job(run=lambda: self._try(event, target.id, store, attempt + 1), due=due, order=order))

    def _secrets(self, store: Store, id: str) -> tuple[str, ...]:
        now = self._clock()
        with self._lock:
            old = (secret for secret, until in self._old_secrets.get(id, ()) if until > now)
            return (store.secret(id), *old)

    def _note(self, event: Object, target: Target, attempt: int, answer: Answer) -> Delivery:
        delivery = Delivery(
            endpoint=target.id,
            event=event["id"],
            type=event["type"],
            attempt=attempt,
            at=int(self._clock()),
            status=answer.status,
            response=answer.text[:SHOWN],
            duration=answer.duration,
        )
        with self._lock:
            self._log.append(delivery)
        return delivery
