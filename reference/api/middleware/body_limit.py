"""Refuses bodies that no honest request has, before they fill the memory."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import REFUSALS, error_response

MAX_BYTES = 1 << 20
"""Stripe's events stay far below it."""


class BodyLimitMiddleware:
    """Answers 413 to a body over the limit, declared or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at the declared length, and count what really comes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > MAX_BYTES:
            await error_response(413, *REFUSALS[413])(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > MAX_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)
