"""The name of what a request asks for, out of a bounded set: for the log, the metrics and the rate limit.

A path itself is the client's text: it may hold anything, and there is no end of them.
"""

import re
from functools import lru_cache

from fastapi import FastAPI
from starlette.types import Scope

PAGE = "page"
UNMATCHED = "unmatched"
GROUP_SEGMENTS = 3
"""``/api/billing/checkout-session`` and everything below it is one group."""
CONVERTOR = re.compile(r":\w+(?=})")


def endpoint_of(scope: Scope) -> str:
    """The route's template; also where a middleware answered before the router looked."""
    if template := getattr(scope.get("route"), "path", None):
        return CONVERTOR.sub("", template)
    if "endpoint" in scope:  # the router leaves the route of the API, and of a page only its endpoint
        return PAGE
    return _templates(scope["app"]).get(_beginning(scope["path"]), UNMATCHED) if "app" in scope else UNMATCHED


def group_of(scope: Scope) -> str:
    """The first segments of the template, before the router looked."""
    group = _beginning(scope["path"])
    return group if group in _templates(scope["app"]) else UNMATCHED


def _beginning(path: str) -> str:
    return "/".join(path.split("/")[: GROUP_SEGMENTS + 1])


@lru_cache(maxsize=1)
def _templates(app: FastAPI) -> dict[str, str]:
    """The documented templates by their group."""
    return {_beginning(template): template for template in app.openapi()["paths"]}
