"""What one mode of the account holds: objects as Stripe's JSON, newest last, one lock for all."""

from __future__ import annotations

import copy
import functools
import importlib.resources
import json
import threading
from collections.abc import Mapping
from typing import Any, TypeAlias

from readiness.sandbox.stripe.keys import random_text

Object: TypeAlias = dict[str, Any]


class Store:
    """Objects by kind (their ``object`` field) and id. Hold `lock` around what belongs together."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._objects: dict[str, dict[str, Object]] = {}
        self._removed: dict[str, Object] = {}
        self._secrets: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        """Which object belongs to which, where no field says so: an invoice's payment intent."""
        self.asked: dict[str, Object] = {}
        """What a session was asked to hand on to its subscription or payment, which it does not show itself."""
        self.deliveries: dict[str, bool] = {}
        """Event id -> whether every endpoint took it; False from the first refusal until the last one took it."""

    def add(self, thing: Object) -> Object:
        """Keep a new object; returns it."""
        with self.lock:
            self._objects.setdefault(thing["object"], {})[thing["id"]] = thing
        return thing

    def get(self, kind: str, id: str) -> Object | None:
        """The stored object itself, to read or to change, or None."""
        with self.lock:
            return self._objects.get(kind, {}).get(id)

    def remove(self, thing: Object) -> Object:
        """Keep it no longer; returns what Stripe answers."""
        with self.lock:
            del self._objects[thing["object"]][thing["id"]]
            self._removed[thing["id"]] = {"id": thing["id"], "object": thing["object"], "deleted": True}
            return self._removed[thing["id"]]

    def removed(self, id: str) -> Object | None:
        """What is left of an object that was removed, or None."""
        with self.lock:
            return self._removed.get(id)

    def keep_secret(self, id: str) -> str:
        """A new signing secret of an endpoint, in place of the one that it had."""
        with self.lock:
            self._secrets[id] = f"whsec_{random_text(32)}"
            return self._secrets[id]

    def secret(self, id: str) -> str:
        """The signing secret of an endpoint. Raises KeyError."""
        with self.lock:
            return self._secrets[id]

    def newest_first(self, kind: str) -> list[Object]:
        """All objects of a kind in the order of Stripe's lists."""
        with self.lock:
            return list(reversed(self._objects.get(kind, {}).values()))

    def patch(self, id: str, fields: Mapping[str, Any]) -> bool:
        """Change fields of an object of any kind; False where there is none. Raises KeyError for an unknown field."""
        with self.lock:
            thing = next((things[id] for things in self._objects.values() if id in things), None)
            if thing is not None:
                overwrite(thing, fields)
            return thing is not None


def overwrite(thing: Object, fields: Mapping[str, Any]) -> None:
    """Change fields that are there. Raises KeyError for one that is not."""
    unknown = set(fields) - set(thing)
    if unknown:
        raise KeyError(f"{thing['object']} has no field {', '.join(sorted(unknown))}")
    thing |= fields


def blank(kind: str) -> Object:
    """A new object with every field that Stripe documents for it, and the values of an account without history."""
    return copy.deepcopy(_blanks()[kind])


def new_id(prefix: str, length: int) -> str:
    """An id in the style of Stripe: ``price_1`` and random letters and digits."""
    return prefix + random_text(length)


@functools.cache
def _blanks() -> Mapping[str, Object]:
    text = importlib.resources.files(__package__ or "").joinpath("objects.json").read_text("utf-8")
    blanks: Mapping[str, Object] = json.loads(text)
    return blanks
