"""The kind `env.modes`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import Effect, Outcome, Reads, Reason, World, failed, passed
from readiness.env_values import Mode, blank, describe, stripe_mode


@dataclass(frozen=True, kw_only=True)
class EnvModes:
    """Stripe keys do not mix test and live mode.

    The mode is read from the value (``sk_test_``, ``rk_live_``, ``pk_live_`` ...). A variable that
    is not set, or empty, is left out; at least one must be set. What is set and shows no mode
    (a placeholder, an id) fails.
    """

    id: ClassVar = "env.modes"
    reads: ClassVar = frozenset({Reads.ENV})
    effect: ClassVar = Effect.READ

    keys: tuple[str, ...]
    """Names of the variables that hold a secret, restricted or publishable key of Stripe."""
    mode: Mode | None = None
    """Mode that all of them must have; left out, they must only agree."""

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("`keys` is empty, so nothing would be checked")
        if not self.mode and len(set(self.keys)) == 1:
            raise ValueError("one key always agrees with itself: name a second one in `keys`, or give a `mode`")

    def looks_at(self) -> Iterator[str]:
        """The variables."""
        yield from (f"${key}" for key in self.keys)

    def run(self, world: World) -> Iterator[Outcome]:
        """Read the modes and compare them."""
        values = {key: world.env.get(key, secret=True) for key in self.keys}
        filled = {key: value for key, value in values.items() if value is not None and not blank(value)}
        if not filled:
            yield failed(
                f"none of {', '.join(self.keys)} is set",
                reason=Reason.MISSING,
                expected=f"{self.mode or 'Stripe'} keys",
                observed=world.env.origin(self.keys[0]),
            )
            return
        modes = {key: stripe_mode(value) for key, value in filled.items()}
        if self.mode:
            yield from (_has_mode(key, modes[key], self.mode, describe(filled[key])) for key in modes)
            return
        yield from (_no_mode(key, describe(filled[key])) for key, mode in modes.items() if mode is None)
        if found := {key: mode for key, mode in modes.items() if mode}:
            yield _agree(found)


def _has_mode(key: str, mode: str | None, wanted: str, seen: str) -> Outcome:
    if mode is None:
        return _no_mode(key, seen)
    say = passed if mode == wanted else failed
    return say(f"{key} is a {mode} key", expected=f"a {wanted} key", observed=seen, subject=key)


def _no_mode(key: str, seen: str) -> Outcome:
    expected = "a key that begins with sk_, rk_ or pk_ and test_ or live_"
    return failed(f"{key} is no key of Stripe, so its mode is unknown", expected=expected, observed=seen, subject=key)


def _agree(modes: dict[str, str]) -> Outcome:
    observed = ", ".join(f"{key}: {mode}" for key, mode in modes.items())
    if len(set(modes.values())) == 1:
        return passed("the Stripe keys are of one mode", expected="one mode", observed=observed)
    return failed("the Stripe keys mix test and live mode", expected="one mode", observed=observed)
