"""The request as the checklist writes it, and how a case changes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from readiness.address import is_loopback_host, shown
from readiness.api import Effect, HttpRequest
from readiness.expect.values import plain

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A method's or a header's name (RFC 9110 5.6.2)."""
BODIES = ("json", "form", "body")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is sent; a case overrides any of it."""

    method: str | None = None
    """``GET`` where nothing is said."""
    url: str | None = None
    """http or https."""
    headers: Mapping[str, str | None] | None = None
    """Names and values. In a case, null takes one away."""
    json: Any = None
    """A body as JSON. In a case, a mapping changes it key by key, and null takes a key away (RFC 7396)."""
    form: Mapping[str, str | None] | None = None
    """A body as a form. In a case, it changes the form key by key."""
    body: str | None = None
    """A body as it is."""
    follow_redirects: bool | None = None
    """Follow at most five; another origin then gets neither the headers nor the body. Default: no."""

    def patched(self, changes: Request | None) -> Request:
        """This request with a case's changes."""
        if changes is None:
            return self
        given = {item.name: value for item in fields(changes) if (value := getattr(changes, item.name)) is not None}
        merged = {name: _merged(getattr(self, name), value) for name, value in given.items()}
        dropped = {name: None for name in BODIES if given.keys() & set(BODIES)}
        return replace(self, **{**dropped, **merged})

    def build(self) -> HttpRequest:
        """The request itself. Raises ValueError with the cure where it could not be sent."""
        method = (self.method or "GET").upper()
        if not TOKEN.fullmatch(method):
            raise ValueError(f"{self.method!r} is no HTTP method")
        content, kind = self._content()
        headers = tuple((name, value) for name, value in (self.headers or {}).items() if value is not None)
        _check_headers(headers)
        own = {name.lower() for name, _ in headers}
        typed = (("Content-Type", kind),) if kind and "content-type" not in own else ()
        follow = bool(self.follow_redirects)
        url = _checked_url(self.url)
        return HttpRequest(method=method, url=url, headers=(*typed, *headers), content=content, follow_redirects=follow)

    def _content(self) -> tuple[bytes | None, str | None]:
        given = [name for name in BODIES if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"a request has one body: write either {' or '.join(f'`{name}`' for name in given)}")
        if self.json is not None:
            text = json.dumps(plain(self.json), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            return text.encode(), "application/json"
        if self.form is not None:
            pairs = {name: value for name, value in self.form.items() if value is not None}
            return urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        return (None if self.body is None else self.body.encode()), None


def is_harmless(request: HttpRequest) -> bool:
    """Whether sending it changes nothing outside this machine."""
    return request.method in SAFE or is_loopback_host(urlsplit(request.url).hostname or "")


def built(given: Sequence[Request], what: str = "requests") -> tuple[HttpRequest, ...]:
    """The requests of an option. Raises ValueError with the cure where there is none, or one that could not be sent."""
    if not given:
        raise ValueError(f"`{what}` is empty, so nothing would be asked")
    return tuple(request.build() for request in given)


def effect_of(sent: Iterable[HttpRequest]) -> Effect:
    """READ where every request only reads or stays on this machine, else WRITE."""
    return Effect.READ if all(map(is_harmless, sent)) else Effect.WRITE


def lines_of(sent: Iterable[HttpRequest]) -> Iterator[str]:
    """Each request once, as ``readiness plan`` shows it."""
    yield from dict.fromkeys(f"{request.method} {shown(request.url)}" for request in sent)


def _merged(old: Any, new: Any) -> Any:
    """A merge patch (RFC 7396), whatever its depth."""
    if not isinstance(new, Mapping):
        return new
    kept = dict(old) if isinstance(old, Mapping) else {}
    for key, value in new.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = _merged(kept.get(key), value)
    return kept


def _checked_url(url: str | None) -> str:
    if not url:
        raise ValueError("the request has no `url`")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"the request's `url` is malformed: {error}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError(f"{shown(url)!r} is no http or https URL")
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ValueError("the request's `url` has a space or a control character in it: write %20")
    return url


def _check_headers(headers: tuple[tuple[str, str], ...]) -> None:
    for name, value in headers:
        if not TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header")
        if not value.isascii() or re.search(r"[\r\n\x00]", value):
            raise ValueError(f"the header {name} has a line break or a character beyond ASCII in its value")
