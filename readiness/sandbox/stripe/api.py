"""One call from its bytes to its answer: fault, route, key, permission, parameters, idempotency, work, log."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from readiness.sandbox.stripe import errors, passing
from readiness.sandbox.stripe.errors import ApiError
from readiness.sandbox.stripe.events import VERSION, Subscriber
from readiness.sandbox.stripe.expand import show, wanted
from readiness.sandbox.stripe.faults import Fault, Faults, Hangup
from readiness.sandbox.stripe.form import Form, decode, decode_json
from readiness.sandbox.stripe.idempotency import Answer, Idempotency
from readiness.sandbox.stripe.keys import Key, Keyring, random_text
from readiness.sandbox.stripe.params import calls
from readiness.sandbox.stripe.resources import ROUTES
from readiness.sandbox.stripe.routes import Call, Route, find
from readiness.sandbox.stripe.store import Object, Store

VERSION_FORM = re.compile(r"20\d\d-\d\d-\d\d(\.[a-z]+)?")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
V2 = "/v2/"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request; header names in lower case."""

    method: str
    path: str
    query: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(kw_only=True)
class ApiRequest:
    """What a test sees of a call; the key itself is never kept."""

    method: str
    path: str
    request_id: str
    key_kind: str | None = None
    """``sk_test``, ``rk_live`` ...; None where no key was accepted."""
    api_version: str | None = None
    """The Stripe-Version header."""
    idempotency_key: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    """Typed, as the call understood them; empty where they were refused."""
    status: int | None = None
    """None where the connection was closed without an answer."""
    replayed: bool = False


class Api:
    """The account with its two stores, and the calls on it; safe for many threads."""

    def __init__(self, account: Object, clock: Callable[[], float]) -> None:
        self.account = account
        self.url = ""
        self.keyring = Keyring()
        self.faults = Faults()
        self.stopping = threading.Event()
        self._clock = clock
        self.subscribers: list[Subscriber] = []
        """Who hears of events."""
        self.pages: dict[str, Callable[[Request], Response]] = {}
        """What is no call of Stripe's API, by the beginning of its path: the pay page, the delivery log."""
        self._stores = {False: Store(), True: Store()}
        self._idempotency = Idempotency()
        self._requests: list[ApiRequest] = []
        self._lock = threading.Lock()

    def requests(self) -> tuple[ApiRequest, ...]:
        """Every call so far, in the order in which they ended."""
        with self._lock:
            return tuple(self._requests)

    def store(self, *, livemode: bool) -> Store:
        """What one mode holds."""
        return self._stores[livemode]

    def call(self, params: Mapping[str, Any], *, livemode: bool, id: str = "", cause: Object | None = None) -> Call:
        """What an operation needs."""
        return Call(
            store=self._stores[livemode],
            other=self._stores[not livemode],
            livemode=livemode,
            params=params,
            id=id,
            now=int(self._clock()),
            url=self.url,
            account=self.account,
            cause=cause,
        )

    def perform(self, call: Call, run: Callable[[Call], T]) -> T:
        """Carry out what is due, then an operation, under the store's lock; then tell the subscribers what happened."""
        try:
            with call.store.lock:
                passing.settle(call)
                return run(call)
        finally:
            for event in call.events:
                for hear in self.subscribers:
                    hear(event)

    def handle(self, request: Request) -> Response | None:
        """Answer a request; None means to close the connection without an answer."""
        for prefix, answer in self.pages.items():
            if request.path.startswith(prefix):
                return answer(request)
        entry = ApiRequest(
            method=request.method,
            path=request.path,
            request_id=f"req_{random_text(14)}",
            api_version=request.headers.get("stripe-version"),
            idempotency_key=request.headers.get("idempotency-key"),
        )
        fault = self.faults.take(request.method, request.path)
        response = self._respond(request, entry, fault)
        entry.status = response.status if response is not None else None
        with self._lock:
            self._requests.append(entry)
        return response

    def _respond(self, request: Request, entry: ApiRequest, fault: Fault) -> Response | None:
        if fault.instead:
            self.stopping.wait(fault.latency)
        if fault.hangup is Hangup.BEFORE:
            return None
        if fault.body is not None:
            return Response(status=fault.status or 502, headers={"Content-Type": "text/html"}, body=fault.body)
        try:
            if fault.status is not None:
                raise errors.injected(fault.status)
            answer = self._carry_out(request, entry, fault.latency)
        except ApiError as error:
            answer = _refusal(error, entry)
            return _response(answer, entry, error.headers)
        return None if fault.hangup is Hangup.AFTER else _response(answer, entry, {})

    def _carry_out(self, request: Request, entry: ApiRequest, latency: float) -> Answer:
        route, named = find(ROUTES, request.method, request.path)
        key = self._authorize(request, entry, route)
        form = _form(request)
        params = calls()[route.params].read(form, "")
        entry.params = params

        def work() -> Answer:
            self.stopping.wait(latency)
            cause = {"id": entry.request_id, "idempotency_key": entry.idempotency_key}
            return self._work(route, self.call(params, livemode=key.livemode, id=named, cause=cause), entry)

        if request.method != "POST" or entry.idempotency_key is None:
            return work()
        answer, entry.replayed = self._idempotency.run(
            entry.idempotency_key, livemode=key.livemode, method=request.method, path=request.path, form=form, work=work
        )
        return answer

    def _authorize(self, request: Request, entry: ApiRequest, route: Route) -> Key:
        key = self.keyring.authenticate(request.headers.get("authorization"))
        entry.key_kind = f"{key.kind}_{'live' if key.livemode else 'test'}"
        account = request.headers.get("stripe-account", self.account["id"])
        if account != self.account["id"]:
            raise errors.other_account(key.masked, account)
        if not key.may(route.permission):
            raise errors.missing_permission(key.masked, self.account["id"], route.permission)
        if entry.api_version is not None and not VERSION_FORM.fullmatch(entry.api_version):
            raise ApiError(f"Invalid Stripe API version: {entry.api_version}")
        return key

    def _work(self, route: Route, call: Call, entry: ApiRequest) -> Answer:
        """The operation and its answer; refusals are answers too, since the call has begun."""
        try:
            expand = wanted(call.params.get("expand", ()))
            body = self.perform(call, lambda call: json.dumps(show(route.run(call), expand, call.store), indent=2))
        except ApiError as error:
            return _refusal(error, entry)
        return Answer(status=200, body=body.encode(), request_id=entry.request_id)


def _form(request: Request) -> dict[str, Form]:
    """Parameters as a form gives them; those of API v2 come as JSON."""
    wanted = JSON if request.path.startswith(V2) else FORM
    kind = request.headers.get("content-type", wanted).partition(";")[0].strip().lower()
    if request.body and kind != wanted:
        raise ApiError(
            f"Invalid request (check that your POST content type is {wanted}). If you have any "
            "questions, we can help at https://support.stripe.com/."
        )
    if wanted == FORM:
        return decode(request.query, request.body)
    return {**decode(request.query), **decode_json(request.body)}


def _refusal(error: ApiError, entry: ApiRequest) -> Answer:
    return Answer(status=error.status, body=json.dumps(error.body(), indent=2).encode(), request_id=entry.request_id)


def _response(answer: Answer, entry: ApiRequest, extra: Mapping[str, str]) -> Response:
    headers = {
        "Content-Type": "application/json",
        "Request-Id": entry.request_id,
        "Stripe-Version": entry.api_version or VERSION,
        "Cache-Control": "no-cache, no-store",
        **extra,
    }
    if entry.idempotency_key is not None:
        headers |= {"Idempotency-Key": entry.idempotency_key, "Original-Request": answer.request_id}
    if entry.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(status=answer.status, headers=headers, body=answer.body)
