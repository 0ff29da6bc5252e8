"""The client that checks ask: each question once a run, nothing written where it may not be."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from readiness.api import CannotTell, Env, Reason, StripeAnswer
from readiness.world.memo import Memo
from readiness.world.stripe.credentials import Credentials
from readiness.world.stripe.refusals import Refusals
from readiness.world.stripe.wire import Connection, connect, source

if TYPE_CHECKING:
    import stripe

RETRIES = 2
"""Repetitions after a conflict, a 5xx or a broken connection; the SDK's own default is none."""
MOST = 1_000
"""Objects of a list that are looked at."""
PAGE = 100
"""Objects a page: Stripe's bound."""

Found = Iterable[Any]


@dataclass(frozen=True, kw_only=True)
class StripeClient:
    """:class:`readiness.api.Stripe` over ``stripe.StripeClient``."""

    env: Env = field(kw_only=False)
    live_writes: bool = False
    """The operator allowed changes in live mode."""
    retries: int = RETRIES
    answers: Memo[str, StripeAnswer] = field(default_factory=Memo)
    connections: Memo[tuple[str, str], Connection] = field(default_factory=Memo)

    @functools.cached_property
    def credentials(self) -> Credentials:
        """The key, and where it goes."""
        return Credentials(self.env)

    def attempt(self, timeout: float, *, fresh: bool) -> Self:  # noqa: ARG002 - the SDK's client has its own
        """The same client; `fresh` forgets what was answered."""
        return replace(self, answers=Memo()) if fresh else self

    def close(self) -> None:
        """End all connections."""
        for connection in self.connections.known():
            connection.session.close()

    def source(self) -> str:
        """``https://api.stripe.com, test mode``."""
        return self.credentials.place()

    def mode(self) -> str:
        """``test`` or ``live``, as the key says."""
        return self.credentials.mode()

    def retrieve(self, resource: str, id: str | None = None, *, expand: Sequence[str] = ()) -> StripeAnswer:
        """One object."""
        params = {"expand": sorted(expand)} if expand else {}

        def ask(service: Any) -> Found:
            if id is not None:
                return [service.retrieve(id, params=params)]
            return [service.retrieve_current() if resource == "accounts" else service.retrieve()]

        return self._once(resource, ask, id or "", params, may_miss=True)

    def list(self, resource: str, *, most: int = MOST, **params: Any) -> StripeAnswer:
        """All pages of a list, up to `most` objects."""
        asked = {"limit": min(most, PAGE), **params}

        def ask(service: Any) -> Found:
            return itertools.islice(service.list(params=asked).auto_paging_iter(), most)

        return self._once(resource, ask, f"list of at most {most}", asked)

    def allow_writing(self) -> None:
        """Return where this run may change something at Stripe."""
        if self.mode() == "live" and not self.live_writes:
            message = f"{self.credentials.key_name} is a live mode key, and changes in live mode were not allowed"
            fix = "check with a test mode key, or run with --allow live-writes"
            raise CannotTell(message, reason=Reason.EFFECT_REFUSED, fix=fix)

    def write(self, call: str, id: str) -> StripeAnswer:
        """Change an object, each time anew."""
        self.allow_writing()
        resource, _, method = call.rpartition(".")
        return self._ask(resource, lambda service: [getattr(service, method)(id)], id)

    def _once(
        self,
        resource: str,
        ask: Callable[[Any], Found],
        what: str,
        params: Mapping[str, Any],
        *,
        may_miss: bool = False,
    ) -> StripeAnswer:
        question = json.dumps([resource, what, params], sort_keys=True)
        return self.answers.get(question, lambda: self._ask(resource, ask, what, may_miss=may_miss))

    def _ask(self, resource: str, ask: Callable[[Any], Found], what: str, *, may_miss: bool = False) -> StripeAnswer:
        import stripe

        key, base = self.credentials.key(), self.credentials.base()
        connection = self.connections.get((key, base), lambda: connect(key, base, self.retries))
        words = Refusals(
            what=f"{resource} {what}".strip(), base=base, key_name=self.credentials.key_name, mode=self.mode()
        )
        connection.begin()
        try:
            found = tuple(_plain(thing) for thing in ask(_service(connection.client, resource)))
        except stripe.StripeError as error:
            refusal = words.of(error)
            if refusal or not may_miss:
                raise refusal or words.unusable(error.http_status) from error
            found = ()
        except (AttributeError, TypeError, AssertionError) as error:  # JSON, but of another shape than Stripe's
            raise words.unusable() from error
        return StripeAnswer(objects=found, source=source(connection.sent(), self.credentials.place()))


def _service(client: stripe.StripeClient, resource: str) -> Any:
    """The SDK's service of a dotted name, below v1 where it names no version."""
    names = resource.split(".")
    path = names if names[0] in {"v1", "v2"} else ["v1", *names]
    return functools.reduce(getattr, path, client)


def _plain(thing: Any) -> dict[str, Any]:
    found: dict[str, Any] = thing.to_dict(for_json=True)
    if "object" not in found:
        raise TypeError("no object of Stripe says nothing of what it is")
    return found
