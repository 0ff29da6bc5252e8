"""Names each request, and writes one line about it into the log."""

import logging
import secrets
import string
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.endpoints import endpoint_of
from monitoring.logging import request_id

log = logging.getLogger(__name__)


def new_request_id() -> str:
    """Twenty letters, 94 bits: without digits it can never look like a card number to the redaction."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(20))


class RequestContextMiddleware:
    """Gives every request an id, in the log, in the errors and as X-Request-ID.

    An id that the client sends is not taken over: it could hold anything. The log has the path's
    template, never the path or the query string, for the same reason.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request under a new id."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = new_request_id()
        token = request_id.set(name)
        started = time.perf_counter()
        status = 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = name
            await send(message)

        try:
            await self.app(scope, receive, named)
        finally:
            _report(scope, status, time.perf_counter() - started)
            request_id.reset(token)


def _report(scope: Scope, status: int, seconds: float) -> None:
    route = endpoint_of(scope)
    scope["app"].state.metrics.request(route, status, seconds)
    context = {
        "method": scope["method"],
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
    }
    log.info("request", extra={"context": context})
