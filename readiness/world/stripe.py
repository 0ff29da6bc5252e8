"""Stripe's API through the real SDK, read only, with the errors said as an engineer needs them.

The key goes to Stripe's own host, or to a simulator on this machine; nowhere else. What the SDK
says of a failed connection may quote the key, so nothing of it is passed on.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from readiness.address import is_loopback_host
from readiness.api import CannotTell, Env, OtherMode, Reason
from readiness.world.memo import Memo

if TYPE_CHECKING:
    import requests
    import stripe

LIVE_BASE = "https://api.stripe.com"
TIMEOUT = 10.0
RETRIES = 2
"""Repetitions after a conflict, a 5xx or a broken connection; the SDK's own default is none."""
KEY = re.compile(r"(?:sk|rk)_(test|live)_[0-9A-Za-z_]{8,}")
"""A secret or restricted key (https://docs.stripe.com/keys)."""
PERMISSION = re.compile(r"\brak_[a-z_]+")

Found = Mapping[str, Any] | None
Question = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class StripeClient:
    """:class:`readiness.api.Stripe` over ``stripe.StripeClient``."""

    env: Env = field(kw_only=False)
    key_name: str = "STRIPE_SECRET_KEY"
    """Variable that holds the key."""
    base_name: str = "STRIPE_API_BASE"
    """Variable that may name a simulator on a loopback address instead of Stripe."""
    retries: int = RETRIES
    objects: Memo[Question, Found] = field(default_factory=Memo)
    connections: Memo[tuple[str, str], _Connection] = field(default_factory=Memo)

    def attempt(self, timeout: float, *, fresh: bool) -> Self:  # noqa: ARG002 - the SDK's client has its own
        """The same client; `fresh` forgets the objects that were fetched."""
        return replace(self, objects=Memo()) if fresh else self

    def close(self) -> None:
        """End all connections."""
        for connection in self.connections.known():
            connection.session.close()

    def source(self) -> str:
        """``https://api.stripe.com, test mode``. Raises CannotTell where no usable key is set."""
        return f"{self._base()}, {_mode(self._key())} mode"

    def retrieve(self, resource: str, id: str, *, expand: Sequence[str] = ()) -> Found:
        """The object, fetched once a run. Raises as the protocol says."""
        question = resource, id, tuple(sorted(expand))
        return self.objects.get(question, lambda: self._fetch(*question))

    def _fetch(self, resource: str, identity: str, expand: tuple[str, ...]) -> Found:
        """Ask Stripe; `resource` is a dotted path below ``client.v1``."""
        import stripe

        key, base = self._key(), self._base()
        connection = self.connections.get((key, base), lambda: _connect(key, base, self.retries))
        service: Any = functools.reduce(getattr, resource.split("."), connection.client.v1)
        what = f"{resource} {identity}"
        try:
            found: dict[str, Any] = service.retrieve(identity, params={"expand": list(expand)}).to_dict(for_json=True)
        except stripe.InvalidRequestError as error:
            self._refuse_unless_missing(error, what, base)
            return None
        except stripe.APIConnectionError as error:
            cause = type(error.__cause__).__name__ if error.__cause__ else "no answer"
            raise CannotTell(
                f"{base} is out of reach: {cause}", fix="check the network, and status.stripe.com"
            ) from error
        except stripe.StripeError as error:
            raise self._refusal(error, what, base) from error
        return found

    def _refuse_unless_missing(self, error: stripe.InvalidRequestError, what: str, base: str) -> None:
        """Return where Stripe says that the object is not there; anything else that it refuses is an error."""
        words = error.user_message or ""
        if error.code != "resource_missing":
            raise CannotTell(
                f"{base} refuses to show {what}: {error.code or 'invalid request'} ({error.http_status})"
            ) from error
        found = re.search(r"exists in (live|test) mode", words)
        if found:
            mode = _mode(self._key())
            raise OtherMode(f"{what} exists in {found[1]} mode, but {self.key_name} is a {mode} mode key") from error

    def _refusal(self, error: stripe.StripeError, what: str, base: str) -> CannotTell:
        name = self.key_name
        match error.http_status:
            case 401:
                fix = f"set {name} to a key of this account that is neither expired nor rolled"
                return CannotTell(f"Stripe does not accept the key in {name} (401)", reason=Reason.DENIED, fix=fix)
            case 403:
                return _forbidden(error.user_message or "", name, what)
            case 429:
                message = f"Stripe limits the rate of requests with the key in {name} (429)"
                return CannotTell(message, reason=Reason.RATE_LIMITED, fix="run again later, or with fewer --jobs")
            case status:
                message = f"{base} gave no usable answer for {what} ({status or 'no status'})"
                return CannotTell(message, fix="run again later; see status.stripe.com")

    def _key(self) -> str:
        value = self.env.get(self.key_name)
        if not value:
            message = f"{self.key_name} is not set, so Stripe cannot be asked"
            raise CannotTell(message, reason=Reason.MISSING, fix=f"set {self.key_name} to a secret or restricted key")
        if not KEY.fullmatch(value):
            message = f"{self.key_name} does not hold a secret or restricted key of Stripe, so it was not sent"
            fix = "it must begin with sk_test_, sk_live_, rk_test_ or rk_live_ and have nothing around it"
            raise CannotTell(message, reason=Reason.DENIED, fix=fix)
        return value

    def _base(self) -> str:
        given = self.env.get(self.base_name) or LIVE_BASE
        base = LIVE_BASE if given.rstrip("/") == LIVE_BASE else _loopback_base(given)
        if base is None:
            message = f"{self.base_name} is neither {LIVE_BASE} nor a loopback address, so no key was sent to it"
            raise CannotTell(message, reason=Reason.DENIED, fix=f"unset {self.base_name}")
        return base


def _loopback_base(text: str) -> str | None:
    """A simulator's address, made anew from its checked parts; None for anything but a loopback origin."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    bare = parts.path in {"", "/"} and not parts.query and "@" not in parts.netloc
    if parts.scheme not in {"http", "https"} or not bare or not is_loopback_host(host):
        return None
    address = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{address}:{port}" if port else f"{parts.scheme}://{address}"


@dataclass(frozen=True, kw_only=True)
class _Connection:
    """The SDK's client, and the session that it sends with."""

    client: stripe.StripeClient
    session: requests.Session


def _connect(key: str, base: str, retries: int) -> _Connection:
    import requests
    import stripe

    # else the first request writes a file into the user's configuration and sends data about the platform
    stripe.enable_telemetry = False
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    http_client = stripe.RequestsClient(timeout=TIMEOUT, session=session)
    client = stripe.StripeClient(
        key, base_addresses={"api": base}, max_network_retries=retries, http_client=http_client
    )
    return _Connection(client=client, session=session)


def _forbidden(words: str, name: str, what: str) -> CannotTell:
    missing = ", ".join(dict.fromkeys(PERMISSION.findall(words)))
    if not missing:
        return CannotTell(
            f"the key in {name} may not read {what} (403)", reason=Reason.DENIED, fix=f"use a key that may read {what}"
        )
    message = f"the key in {name} lacks the permission {missing}, so {what} cannot be read (403)"
    return CannotTell(message, reason=Reason.DENIED, fix=f"add {missing} to the restricted key in Stripe's dashboard")


def _mode(key: str) -> str:
    found = KEY.fullmatch(key)
    return found[1] if found else "unknown"
