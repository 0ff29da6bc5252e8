"""Requests that another site makes a browser send, as the browser really sends them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlencode

from readiness.api import HttpRequest
from readiness.expect.origins import fetch_site

Forgery = Literal["script", "old-browser", "sandbox", "text", "form", "upload", "look-alike", "referer"]
BOUNDARY = "readiness-7d4a6d158c9"
BROWSER = frozenset({"origin", "referer", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "sec-fetch-user"})
"""Headers that the browser sets and no page can."""


def forged(request: HttpRequest, forgery: Forgery, foreign: str) -> HttpRequest:
    """The request as a page of `foreign` makes a browser send it."""
    return _MAKERS[forgery](bare(request), foreign)


def from_page(request: HttpRequest, origin: str) -> HttpRequest:
    """The request as a script on a page of `origin` sends it."""
    return _told(bare(request), origin, "cors", "empty", site=fetch_site(origin, request.url))


def bare(request: HttpRequest) -> HttpRequest:
    """The request as a program sends it that is no browser."""
    return _with(request, {}, without=BROWSER)


def _told(request: HttpRequest, origin: str, mode: str, dest: str, *, site: str = "cross-site") -> HttpRequest:
    """With the headers of W3C Fetch Metadata, as browsers send them since 2023."""
    said = {"Origin": origin, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    return _with(request, said if origin == "null" else {**said, "Referer": f"{origin}/"})


def _text(request: HttpRequest, foreign: str) -> HttpRequest:
    """A simple request (Fetch 2.2.2), for which no preflight is sent: the body is the same, its type another one."""
    return _told(_with(request, {"Content-Type": "text/plain;charset=UTF-8"}), foreign, "no-cors", "empty")


def _form(request: HttpRequest, foreign: str) -> HttpRequest:
    """A form that submits itself."""
    sent = replace(request, content=urlencode(dict(_fields(request))).encode())
    typed = _with(sent, {"Content-Type": "application/x-www-form-urlencoded"})
    return _told(typed, foreign, "navigate", "document")


def _upload(request: HttpRequest, foreign: str) -> HttpRequest:
    """The same as multipart/form-data (RFC 7578)."""
    parts = "".join(_part(name, value) for name, value in _fields(request))
    sent = replace(request, content=f"{parts}--{BOUNDARY}--\r\n".encode())
    typed = _with(sent, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
    return _told(typed, foreign, "navigate", "document")


def _part(name: str, value: str) -> str:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


def _fields(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """The body's JSON object as a form has it, or all of the body as the name of a field, as attackers do."""
    text = (request.content or b"").decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        yield text, ""
        return
    for name, value in found.items():
        yield name, value if isinstance(value, str) else json.dumps(value)


def _with(request: HttpRequest, said: Mapping[str, str], without: frozenset[str] = frozenset()) -> HttpRequest:
    gone = {*without, *(name.lower() for name in said)}
    kept = tuple(pair for pair in request.headers if pair[0].lower() not in gone)
    return replace(request, headers=(*kept, *said.items()))


_MAKERS: Mapping[Forgery, Callable[[HttpRequest, str], HttpRequest]] = MappingProxyType(
    {
        "script": lambda request, foreign: _told(request, foreign, "cors", "empty"),
        "old-browser": lambda request, foreign: _with(request, {"Origin": foreign, "Referer": f"{foreign}/"}),
        "sandbox": lambda request, _foreign: _told(request, "null", "cors", "empty"),
        "text": _text,
        "form": _form,
        "upload": _upload,
        "look-alike": lambda request, foreign: _with(request, {"Origin": foreign}),
        "referer": lambda request, foreign: _with(request, {"Referer": f"{foreign}/"}),
    }
)
WORDS: Mapping[Forgery, str] = MappingProxyType(
    {
        "script": "a script of {}",
        "old-browser": "a script of {} in a browser without Sec-Fetch-Site",
        "sandbox": "a sandboxed frame, whose origin is null",
        "text": "a script of {} that calls its JSON text/plain",
        "form": "a form of {}",
        "upload": "a multipart form of {}",
        "look-alike": "a page of {}",
        "referer": "a page of {} that only Referer tells",
    }
)
EVERYDAY: tuple[Forgery, ...] = ("script", "old-browser", "sandbox", "text", "form", "upload", "look-alike")
"""What browsers of the last years send; they always tell the origin of a POST."""
