"""One request and its answer, and how outcomes speak of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any, Self

from readiness.api import (
    CannotTell,
    Evidence,
    HttpRequest,
    HttpResponse,
    Outcome,
    Reason,
    Unreachable,
    World,
    failed,
    passed,
)
from readiness.expect.values import read_json

CHOSEN = ("content-type", "location", "server", "content-encoding", "retry-after", "www-authenticate")
"""Headers that help whoever reads the evidence."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """What the parts of an expectation judge."""

    request: HttpRequest
    response: HttpResponse
    world: World
    name: str = ""
    """The case of a table, or nothing."""
    shown: frozenset[str] = frozenset()
    """Names of headers, in lower case, that the evidence keeps besides the usual ones."""

    @classmethod
    def of(cls, world: World, request: HttpRequest, *, name: str = "", shown: frozenset[str] = frozenset()) -> Self:
        """Send the request. Raises Unreachable and CannotTell as the world does."""
        return cls(request=request, response=world.http.send(request), world=world, name=name, shown=shown)

    def again(self) -> HttpResponse | None:
        """The same answer once more; None where none comes or another one does: a quick refusal is not quick."""
        try:
            answer = self.world.http.send(replace(self.request, fresh=True))
        except (Unreachable, CannotTell):
            return None
        return answer if answer.status == self.response.status else None

    @property
    def subject(self) -> str:
        """What was asked, without the request's headers and body, where secrets are."""
        asked = f"{self.request.method} {self.response.url}"
        return f"{asked} ({self.name})" if self.name else asked

    @cached_property
    def text(self) -> str:
        """The body as text, by the charset of the content type."""
        _, _, charset = (self.response.header("content-type") or "").lower().partition("charset=")
        try:
            return self.response.body.decode(charset.strip(" \"';") or "utf-8", "replace")
        except LookupError:
            return self.response.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body as JSON. Raises ValueError with a sentence, CannotTell where it was cut."""
        self.need_whole_body("read as JSON")
        return read_json(self.response.body)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """Status line, chosen headers and the beginning of the body; the digest covers all of the body."""
        wanted = {*CHOSEN, *self.shown}
        lines = [f"{key}: {_masked(key, value)}" for key, value in self.response.headers if key in wanted]
        head = "\n".join([status_words(self.response.status), *lines])
        return (Evidence.of(self.subject, f"{head}\n\n{self.text}"),)

    def need_room(self) -> None:
        """Raise CannotTell where the answer is 429, so that it says nothing of what was asked."""
        if self.response.status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = self.response.header("retry-after")
            again = f" in {wait} seconds" if wait and wait.isdecimal() else ""
            message = f"{self.subject} answers 429 Too Many Requests, so that nothing is known of it"
            fix = f"look again{again}, or give what is probed a higher limit"
            raise CannotTell(message, reason=Reason.RATE_LIMITED, fix=fix)

    def need_whole_body(self, purpose: str) -> None:
        """Raise CannotTell where the body went past the bound."""
        if self.response.truncated:
            size = len(self.response.body)
            message = f"{self.subject} answers with more than {size} bytes, so that it could not be {purpose}"
            raise CannotTell(message, reason=Reason.UNAVAILABLE, fix="ask for a smaller answer")

    def say(self, what: str, *, ok: bool, expected: str, observed: str, reason: Reason = Reason.MISMATCH) -> Outcome:
        """The outcome of one assertion about `what`."""
        sentence = f"{self.subject}: {what} is {observed}"
        if ok:
            return passed(sentence, expected=expected, observed=observed, subject=self.subject, evidence=self.evidence)
        return failed(
            f"{sentence}, expected {expected}",
            reason=reason,
            expected=expected,
            observed=observed,
            subject=self.subject,
            evidence=self.evidence,
        )


def status_words(status: int) -> str:
    """``404 Not Found``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _masked(key: str, value: str) -> str:
    """A header's value, that of a cookie left out."""
    if key != "set-cookie":
        return value
    pair, separator, attributes = value.partition(";")
    return f"{pair.partition('=')[0]}=...{separator}{attributes}"
