"""Refuses requests that another site makes a browser send."""

import logging
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import error_response
from api.origins import origin_of

log = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""RFC 9110 9.2.1, without TRACE, which no route has."""
OWN_SITE = frozenset({"same-origin", "none"})
"""Sec-Fetch-Site of a page of this very origin, and of what the user started (W3C Fetch Metadata)."""


class CsrfProtectMiddleware:
    """Judges by Sec-Fetch-Site, then by Origin, as both are set by the browser and by no page.

    Without either there was no browser, hence nobody whose rights could be borrowed. Origins that
    are allowed may send across sites. Exempt paths are guarded by a signature instead.
    """

    def __init__(self, app: ASGIApp, *, allowed_origins: Collection[str], exempt: Collection[str]) -> None:
        self.app = app
        self.allowed_origins = frozenset(allowed_origins)
        self.exempt = frozenset(exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        if scope["type"] == "http" and scope["path"] not in self.exempt and self._forged(scope):
            log.warning("cross_site_request_refused", extra={"context": {"method": scope["method"]}})
            detail = "This request must come from one of our own pages."
            await error_response(403, "cross_site_request", detail)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _forged(self, scope: Scope) -> bool:
        if scope["method"] in SAFE_METHODS:
            return False
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None and origin_of(origin) in self.allowed_origins:
            return False
        if site := headers.get("sec-fetch-site"):
            return site not in OWN_SITE
        own = origin_of(f"{scope['scheme']}://{headers.get('host', '')}")
        return origin is not None and (own is None or origin_of(origin) != own)
