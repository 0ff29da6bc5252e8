"""What the service itself tells of a session that was just made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from readiness.api import HttpRequest, Outcome, World
from readiness.expect.expectation import Expect
from readiness.expect.request import Request

PLACEHOLDER = "{session}"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Where the service tells of a session, and what it must say."""

    request: Request
    """``{session}`` in its URL stands for the session's id; its method is GET where nothing is said."""
    expect: Expect
    """In the words of the kind `http`."""

    def __post_init__(self) -> None:
        if PLACEHOLDER not in (self.request.url or ""):
            raise ValueError(f"the URL of `read` must say where the session's id belongs: {PLACEHOLDER}")
        if not any(True for _ in self.expect.parts()):
            raise ValueError("`expect` of `read` is empty, so nothing would be asserted")
        self.of("cs_test_0")

    def of(self, session: str) -> HttpRequest:
        """The request for one session."""
        return replace(self.request, url=(self.request.url or "").replace(PLACEHOLDER, session)).build()

    def judge(self, world: World, session: str, name: str) -> Iterator[Outcome]:
        """Ask, and one outcome for each assertion."""
        yield from self.expect.judge(world, self.of(session), name=f"{name}, read again" if name else "read again")
