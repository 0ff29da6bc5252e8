"""The ingest of a Sentry that keeps to itself: what a service reports can be read, and nothing leaves the machine."""

from __future__ import annotations

import json
import re
import secrets
import threading
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from readiness.sandbox.web import Answer, Asked, WebSandbox

PROJECT = "1"
INFLATED_LIMIT = 8 << 20
"""Bytes of an envelope after decompression."""
TOO_LONG = f"the envelope has more than {INFLATED_LIMIT} bytes"
EVENTS_LIMIT = 1_000
"""Events that are kept; the oldest goes first."""
ENVELOPE = re.compile(rf"/api/{PROJECT}/envelope/(?:\?.*)?")


class MalformedEnvelopeError(ValueError):
    """A body that is no envelope (https://develop.sentry.dev/sdk/data-model/envelopes/)."""


class SentrySandbox(WebSandbox):
    """Takes envelopes at :attr:`dsn`; :attr:`events` has what was reported, ``GET /events`` the same as JSON.

    A key other than the DSN's is refused (403), as Sentry does.
    """

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(port=port)
        self._key = secrets.token_hex(16)
        self._changed = threading.Condition()
        self._events: list[Mapping[str, Any]] = []
        self.status = 200
        """Answered to envelopes; anything but 200 loses them, as a Sentry that is down does."""

    @property
    def dsn(self) -> str:
        """What a service gets as ``SENTRY_DSN``."""
        return f"{self.url.replace('//', f'//{self._key}@')}/{PROJECT}"

    @property
    def events(self) -> tuple[Mapping[str, Any], ...]:
        """Errors and messages, oldest first; sessions, transactions and reports of the client are left out."""
        with self._changed:
            return tuple(self._events)

    def wait(self, count: int, *, timeout: float = 10.0) -> tuple[Mapping[str, Any], ...]:
        """The events, as soon as there are so many. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._events) >= count, timeout):
                raise TimeoutError(f"{len(self._events)} of {count} events came within {timeout:g} s")
            return tuple(self._events)

    def answer(self, asked: Asked) -> Answer:
        """An envelope, or the events."""
        if asked.method == "GET" and asked.path == "/events":
            return Answer.json(list(self.events))
        if asked.method != "POST" or not ENVELOPE.fullmatch(asked.path):
            return Answer.json({"error": f"POST /api/{PROJECT}/envelope/ or GET /events"}, 404)
        if f"sentry_key={self._key}" not in asked.headers.get("x-sentry-auth", "") + asked.path:
            return Answer.json({"detail": "bad sentry DSN public key"}, 403)
        return self._take(asked) if self.status == 200 else Answer.json({}, self.status)  # noqa: PLR2004 - HTTP's OK

    def _take(self, asked: Asked) -> Answer:
        try:
            events = list(_events(_inflate(asked)))
        except MalformedEnvelopeError as error:
            return Answer.json({"detail": str(error)}, 400)
        with self._changed:
            self._events = [*self._events, *events][-EVENTS_LIMIT:]
            self._changed.notify_all()
        return Answer.json({"id": events[0].get("event_id") if events else None})


def _inflate(asked: Asked) -> bytes:
    match asked.headers.get("content-encoding", "identity"):
        case "identity":
            return asked.body
        case "gzip":
            return _gunzip(asked.body)
        case "br":
            return _unbrotli(asked.body)
        case other:
            raise MalformedEnvelopeError(f"content-encoding {other} is none of identity, gzip and br")


def _gunzip(body: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        whole = inflater.decompress(body, INFLATED_LIMIT)
    except zlib.error as error:
        raise MalformedEnvelopeError(f"the body is not gzip: {error}") from error
    if inflater.unconsumed_tail:
        raise MalformedEnvelopeError(TOO_LONG)
    return whole


def _unbrotli(body: bytes) -> bytes:
    """The SDK compresses so where brotli is installed; the demo's service shares our packages, so we have it then."""
    try:
        import brotli  # type: ignore[import-untyped]  # it has no types
    except ImportError as error:
        raise MalformedEnvelopeError("content-encoding br needs brotli: pip install brotli") from error
    inflater = brotli.Decompressor()
    try:
        whole: bytes = inflater.process(body, output_buffer_limit=INFLATED_LIMIT)
    except brotli.error as error:
        raise MalformedEnvelopeError(f"the body is not brotli: {error}") from error
    if len(whole) >= INFLATED_LIMIT or not inflater.is_finished():
        raise MalformedEnvelopeError(TOO_LONG)
    return whole


def _events(envelope: bytes) -> Iterator[Mapping[str, Any]]:
    """The items of type ``event``."""
    _, _, rest = envelope.partition(b"\n")
    while rest.strip():
        line, _, rest = rest.partition(b"\n")
        header = _object(line)
        length = header.get("length")
        if not isinstance(length, int):  # allowed for items without newlines
            length = rest.find(b"\n") if b"\n" in rest else len(rest)
        payload, rest = rest[:length], rest[length:].removeprefix(b"\n")
        if header.get("type") == "event":
            yield _object(payload)


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise MalformedEnvelopeError(f"no JSON in the envelope: {error}") from error
    if not isinstance(value, dict):
        raise MalformedEnvelopeError("a header or an event of the envelope is no JSON object")
    return value
