"""Services that keep what Stripe tells them in SQLite: a correct one in two styles, and one for each bug."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stripe
import uvicorn
from fastapi import FastAPI, Request, Response

from tests.webhook.handlers import Call, serving

PRICE = "price_team"
SCHEMA = """
create table events (id text primary key);
create table subscriptions (
    id text primary key, customer text, status text not null, changed integer not null, ended integer not null
);
create table tokens (subscription text not null, hash text not null, revoked_at text);
create table queue (subscription text primary key, done integer not null default 0);
"""
STRICT = "create unique index one_token on tokens (subscription) where revoked_at is null;"
OBSERVE = {
    "tokens": "select count(*) from tokens where subscription = :subscription and revoked_at is null",
    "status": "select status from subscriptions where id = :subscription",
}

Object = dict[str, Any]


@dataclass
class Shop:
    """Grants at the paid session, with a dict of the event; `bugs` says what is wrong with it."""

    folder: Path
    secret: str
    bugs: frozenset[str] = frozenset()
    seen: set[str] = field(default_factory=set)
    """Ids of events in memory, where a bug wants them there."""

    def __post_init__(self) -> None:
        with closing(sqlite3.connect(self.file)) as connection:
            connection.executescript(SCHEMA + ("" if self.bugs & LOOSE else STRICT))

    @property
    def file(self) -> Path:
        return self.folder / "shop.db"

    def receive(self, call: Call) -> int:
        """The handler."""
        if "works before it verifies" in self.bugs:
            with contextlib.suppress(ValueError):
                self.work(json.loads(call.body))
        try:
            stripe.Webhook.construct_event(call.body, call.signature, self.secret)
        except (stripe.SignatureVerificationError, ValueError):
            return 400
        event = json.loads(call.body)
        if event["livemode"] and "takes any mode" not in self.bugs:
            return 400
        return self.accept(event)

    def accept(self, event: Object) -> int:
        """A verified event."""
        if "slow" in self.bugs and event["type"].startswith("invoice"):
            time.sleep(0.3)
        if "remembers before it works" in self.bugs:
            if event["id"] in self.seen:
                return 200
            self.seen.add(event["id"])
        if "says yes to failures" in self.bugs:
            with contextlib.suppress(sqlite3.Error):
                self.work(event)
            return 200
        self.work(event)
        return 200

    def work(self, event: Object) -> None:
        """One transaction."""
        with closing(sqlite3.connect(self.file, timeout=10, isolation_level=None)) as database:
            database.execute("pragma synchronous = off")  # nothing here has to survive a power cut
            if "looks, then writes" not in self.bugs:
                database.execute("begin immediate")
            if self.new(database, event):
                self.apply(database, event)
            if database.in_transaction:
                database.execute("commit")

    def new(self, database: sqlite3.Connection, event: Object) -> bool:
        """Claim it."""
        if self.bugs & {"keeps no inbox", "looks, then writes"}:
            return True
        claimed = database.execute("insert into events values (?) on conflict do nothing returning id", (event["id"],))
        return claimed.fetchone() is not None

    def apply(self, database: sqlite3.Connection, event: Object) -> None:
        """What it is about."""
        subject = event["data"]["object"]
        if subject["object"] == "subscription":
            self.follow(database, event, subject)
        elif event["type"] == "checkout.session.completed" and self.bought(subject):
            self.grant(database, subject["subscription"])

    def bought(self, session: Object) -> bool:
        """Paid, and ours."""
        if "never grants" in self.bugs:
            return False
        ours = session["metadata"].get("tier") == "team" or "sells anything" in self.bugs
        return ours and (session["payment_status"] == "paid" or "trusts unpaid sessions" in self.bugs)

    def grant(self, database: sqlite3.Connection, subscription: str) -> None:
        """One token."""
        if "looks, then writes" in self.bugs:
            if database.execute("select 1 from tokens where subscription = ?", (subscription,)).fetchone():
                return
            time.sleep(0.02)
        database.execute("insert or ignore into tokens values (?, hex(randomblob(16)), null)", (subscription,))

    def follow(self, database: sqlite3.Connection, event: Object, subscription: Object) -> None:
        """Its status, by the time of the event and not by that of the delivery."""
        if "expects the older shape" in self.bugs:
            assert subscription["current_period_end"]
        status = self.status(event, subscription)
        if status is None:
            return
        if "grants twice" in self.bugs and status == "active":
            self.grant(database, subscription["id"])
        known = database.execute(
            "select changed, ended from subscriptions where id = ?", (subscription["id"],)
        ).fetchone()
        if known is None and event["type"].endswith("updated") and "needs the creation" in self.bugs:
            return
        if known and not self.newer(event, *known):
            return
        row = (subscription["id"], subscription["customer"], status, event["created"], int(status == "canceled"))
        database.execute("insert or replace into subscriptions values (?, ?, ?, ?, ?)", row)

    def status(self, event: Object, subscription: Object) -> str | None:
        """What to store."""
        status: str = subscription["status"]
        if "knows two statuses" in self.bugs and status not in {"active", "canceled"}:
            return "active"
        if "ignores the end" in self.bugs and event["type"].endswith("deleted"):
            return None
        return status

    def newer(self, event: Object, changed: int, ended: int) -> bool:
        """Whether it may change what is there."""
        if "the last delivery wins" in self.bugs:
            return True
        if "only the end is final" in self.bugs:
            return not ended
        return bool(event["created"] >= changed and not ended)


LOOSE = {"keeps no inbox", "looks, then writes", "keys on the event", "grants twice"}
"""Bugs of a schema without a unique key on tokens."""
BUGS = (
    "keeps no inbox",
    "looks, then writes",
    "keys on the event",
    "grants twice",
    "trusts unpaid sessions",
    "the last delivery wins",
    "only the end is final",
    "needs the creation",
    "knows two statuses",
    "ignores the end",
    "sells anything",
    "takes any mode",
    "works before it verifies",
    "never grants",
    "slow",
    "expects the older shape",
)


@contextmanager
def plain(shop: Shop) -> Iterator[str]:
    """The shop behind http.server; gives the endpoint."""
    with serving(shop.receive, shop.secret) as url:
        yield url


@contextmanager
def modern(shop: Shop) -> Iterator[str]:
    """Another style: FastAPI, the SDK's objects, tokens for active subscriptions of our price, made by a worker."""
    stop = threading.Event()
    app = FastAPI()

    @app.post("/hooks/stripe")
    async def hook(request: Request) -> Response:
        body = await request.body()
        try:
            event: Any = stripe.Webhook.construct_event(body, request.headers.get("stripe-signature"), shop.secret)
        except (stripe.SignatureVerificationError, ValueError):
            return Response(status_code=400)
        if event.livemode or not event.type.startswith("customer.subscription."):
            return Response(status_code=202)
        _keep(shop.file, event)
        return Response(status_code=202)

    @app.get("/state/{subscription}")
    def state(subscription: str) -> dict[str, Any]:
        with closing(sqlite3.connect(shop.file, timeout=10)) as database:
            status = database.execute("select status from subscriptions where id = ?", (subscription,)).fetchone()
            tokens = database.execute("select hash from tokens where subscription = ?", (subscription,)).fetchall()
        return {"status": status and status[0], "tokens": [token for (token,) in tokens]}

    worker = threading.Thread(target=_work, args=(shop.file, stop))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    worker.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hooks/stripe"
    finally:
        stop.set()
        server.should_exit = True
        thread.join()
        worker.join()


def _keep(file: Path, event: Any) -> None:
    """Upsert by the event's time; an active subscription of our price is queued for a token."""
    found = event.data.object
    row = {"id": found.id, "customer": found.customer, "status": found.status, "at": event.created}
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
        database.execute("pragma synchronous = off")
        database.execute("begin immediate")
        database.execute(
            "insert into subscriptions values (:id, :customer, :status, :at, :status = 'canceled') on conflict (id) do"
            " update set status = :status, changed = :at, ended = ended or :status = 'canceled'"
            " where changed < :at and not ended",
            row,
        )
        if found.status == "active" and found["items"].data[0].price.id == PRICE:
            database.execute("insert or ignore into queue (subscription) values (?)", (found.id,))
        database.execute("commit")


def _work(file: Path, stop: threading.Event) -> None:
    """Make the tokens that are asked for."""
    while not stop.wait(0.05):
        with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
            database.execute("begin immediate")
            due = database.execute("select subscription from queue where not done").fetchall()
            for (subscription,) in due:
                database.execute("insert into tokens values (?, hex(randomblob(16)), null)", (subscription,))
                database.execute("update queue set done = 1 where subscription = ?", (subscription,))
            database.execute("commit")
