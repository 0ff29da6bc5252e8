"""What a class must have to be a kind of check."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol, runtime_checkable

from readiness.api.outcome import Effect, Outcome, Reads
from readiness.api.world import World


@runtime_checkable
class Check(Protocol):
    """One way to verify an item; see the module's docstring."""

    id: ClassVar[str]
    reads: ClassVar[frozenset[Reads]]

    @property
    def effect(self) -> Effect:
        """What it does to the world; a class variable, or a property where the options decide."""
        ...

    def looks_at(self) -> Iterable[str]:
        """What `run` will read or contact, for ``readiness plan``.

        ``GET https://...``, ``TXT kamiyo.ai``, ``$STRIPE_SECRET_KEY``, ``api/**/*.py``. Told before
        anything runs, so it looks at the options alone.
        """
        ...

    def run(self, world: World) -> Iterable[Outcome]:
        """Look, and say what was seen. Yielding nothing is an error, never a pass."""
        ...
