"""The hosted pay page that a checkout session's URL leads to, and what its buttons do."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qsl

from readiness.sandbox.stripe import buying, paypage_html
from readiness.sandbox.stripe.api import Api, Request, Response
from readiness.sandbox.stripe.cards import BANK, BY_ALIAS, BY_NUMBER, Card, Fate
from readiness.sandbox.stripe.errors import ApiError
from readiness.sandbox.stripe.resources import payment_methods, sessions
from readiness.sandbox.stripe.routes import Call
from readiness.sandbox.stripe.store import Object
from readiness.sandbox.stripe.webhooks import Webhooks
from readiness.sandbox.stripe.webhooks.lane import Job, Lane

T = TypeVar("T")
PREFIX = "/c/pay/"
DEBIT_SECONDS = 4 * 24 * 3600.0
"""How long a bank takes, before the compression of `Webhooks.manners`."""
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
DEBITS = {"debit": True, "debit_fails": False}
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class PayPage:
    """Answers below ``/c/pay/``."""

    def __init__(self, api: Api, clock: Callable[[], float], webhooks: Webhooks) -> None:
        self._api, self._clock, self._webhooks = api, clock, webhooks
        self._bank = Lane("sandbox-bank", clock)
        api.pages[PREFIX] = self.answer

    def stop(self) -> None:
        """Forget the debits that the bank has not answered yet."""
        self._bank.stop()

    def answer(self, request: Request) -> Response:
        """GET shows the page, POST is a button of it."""
        session = self._session(request.path.removeprefix(PREFIX))
        if session is None:
            return _html(404, paypage_html.message("Not found", "There is no such checkout session."))
        if session["status"] == "complete":
            return _html(200, paypage_html.message("All done", _done(session)))
        if session["status"] == "expired":
            text = "This checkout session has expired. Go back to the shop and begin again."
            return _html(200, paypage_html.message("Expired", text, session["cancel_url"]))
        if request.method == "POST":
            return self._submit(session, dict(parse_qsl(request.body.decode("utf-8", "replace"))))
        return _html(200, paypage_html.checkout(session))

    def _session(self, id: str) -> Object | None:
        try:
            return self._perform(id, sessions.retrieve)
        except ApiError:
            return None

    def _perform(self, id: str, run: Callable[[Call], T]) -> T:
        call = self._api.call({}, livemode=id.startswith("cs_live_"), id=id)
        return self._api.perform(call, run)

    def _submit(self, session: Object, form: dict[str, str]) -> Response:
        email, way = form.get("email", ""), form.get("way", "")
        try:
            if "authentication" in form:
                return self._authenticated(session, form)
            return self._pay(session, card_of(form), email, way)
        except ApiError as error:
            html = paypage_html.checkout(session, error=error.message, email=email, way=way or "visa")
            return _html(error.status, html)

    def _pay(self, session: Object, card: Card, email: str, way: str) -> Response:
        def run(call: Call) -> str:
            method = payment_methods.add(call, card, {"billing_details": {"email": email or None}})
            buying.pay(call, session, method, email=email or None)
            return str(method["id"])

        method = self._perform(session["id"], run)
        if card.fate is Fate.AUTHENTICATE:
            return _html(200, paypage_html.authenticate(session, method, email))
        if card is BANK:
            self._ask_bank(session, paid=DEBITS.get(way, True))
        return _leave(session)

    def _authenticated(self, session: Object, form: dict[str, str]) -> Response:
        if form["authentication"] != "complete":
            raise ApiError("We are unable to authenticate your payment method. Please choose another one.", status=402)

        def run(call: Call) -> None:
            method = payment_methods.named(call, form.get("method", ""))
            buying.pay(call, session, method, email=form.get("email") or None, authenticated=True)

        self._perform(session["id"], run)
        return _leave(session)

    def _ask_bank(self, session: Object, *, paid: bool) -> None:
        def settle() -> None:
            with contextlib.suppress(ApiError):  # a test was faster
                self._perform(session["id"], lambda call: buying.settle(call, session, paid=paid))

        due = self._clock() + DEBIT_SECONDS / self._webhooks.manners.compression
        self._bank.put(Job(run=settle, due=due, order=time.monotonic_ns()))


def card_of(form: dict[str, str]) -> Card:
    """What the customer chose. Raises ApiError 402 for a number that is none of Stripe's test cards."""
    way = form.get("way", "")
    if way in DEBITS:
        return BANK
    if way in paypage_html.WAYS and way in BY_ALIAS:
        return BY_ALIAS[way]
    number = re.sub(r"[\s-]", "", form.get("number", ""))
    if number not in BY_NUMBER:
        raise ApiError("This sandbox takes only the test card numbers that Stripe publishes.", status=402)
    return BY_NUMBER[number]


def _leave(session: Object) -> Response:
    """To the shop's success page."""
    url = session["success_url"]
    if not url:
        return _html(200, paypage_html.message("All done", _done(session)))
    return Response(status=303, headers={**HEADERS, "Location": url.replace(PLACEHOLDER, session["id"])}, body=b"")


def _done(session: Object) -> str:
    paid = session["payment_status"] == "paid"
    return "This checkout session has been paid." if paid else "This checkout session is complete."


def _html(status: int, html: str) -> Response:
    return Response(status=status, headers=HEADERS, body=html.encode())
