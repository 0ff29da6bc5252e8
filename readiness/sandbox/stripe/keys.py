"""API keys: made at run time, recognised by Bearer or Basic, restricted, revoked, and never shown."""

from __future__ import annotations

import base64
import binascii
import secrets
import string
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from readiness.sandbox.stripe import errors

ALPHABET = string.ascii_letters + string.digits
SHOWN = 4
"""Last characters of a key that Stripe's messages show."""


class Kind(StrEnum):
    """What a key may be used for."""

    SECRET = "sk"  # noqa: S105 - the prefix that everybody knows
    RESTRICTED = "rk"
    PUBLISHABLE = "pk"


@dataclass(frozen=True, kw_only=True)
class Key:
    """What is known about a key, without the key."""

    kind: Kind
    livemode: bool
    permissions: frozenset[str] = frozenset()
    """``rak_..._read`` and ``rak_..._write`` of a restricted key; write includes read."""
    masked: str
    """As Stripe's messages show it."""
    revoked: bool = False

    def may(self, permission: str) -> bool:
        """Whether the key has a permission."""
        if self.kind is Kind.SECRET:
            return True
        return bool({permission, permission.replace("_read", "_write")} & self.permissions)


class Keyring:
    """The account's keys."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}
        self._lock = threading.Lock()

    def make(self, kind: Kind, *, livemode: bool, permissions: Iterable[str] = ()) -> str:
        """A new random key."""
        value = f"{kind}_{'live' if livemode else 'test'}_51{random_text(97)}"
        key = Key(kind=kind, livemode=livemode, permissions=frozenset(permissions), masked=mask(value))
        with self._lock:
            self._keys[value] = key
        return value

    def revoke(self, value: str) -> None:
        """The key exists no longer. Raises KeyError for one that is not ours."""
        with self._lock:
            self._keys[value] = replace(self._keys[value], revoked=True)

    def authenticate(self, authorization: str | None) -> Key:
        """The key of an Authorization header. Raises ApiError 401, and 403 for a publishable key."""
        value = _value(authorization)
        if not value:
            raise errors.no_key()
        with self._lock:
            key = self._keys.get(value)
        if key is None:
            raise errors.invalid_key(mask(value))
        if key.revoked:
            raise errors.expired_key(key.masked)
        if key.kind is Kind.PUBLISHABLE:
            raise errors.publishable_key()
        return key


def mask(value: str) -> str:
    """A key as Stripe's messages show it: its prefix and its last four characters."""
    kind, _, rest = value.partition("_")
    mode, _, body = rest.partition("_")
    if kind in set(Kind) and mode in {"test", "live"} and len(body) > 2 * SHOWN:
        return f"{kind}_{mode}_{'*' * (len(body) - SHOWN)}{body[-SHOWN:]}"
    return "*" * len(value) if len(value) <= 2 * SHOWN else f"{'*' * (len(value) - SHOWN)}{value[-SHOWN:]}"


def random_text(length: int) -> str:
    """Letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _value(authorization: str | None) -> str:
    scheme, _, credentials = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return decoded.partition(":")[0]
