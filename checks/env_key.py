"""The kind `env.key`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import Effect, Outcome, Reads, Reason, World, failed, passed
from readiness.env_values import (
    EXPECTED,
    Format,
    Mode,
    bare,
    blank,
    describe,
    has_format,
    is_placeholder,
    stripe_mode,
    wrapping,
)
from readiness.patterns import compile_assertion


@dataclass(frozen=True, kw_only=True)
class EnvKey:
    """An environment variable is set to a real value of the right form.

    It is not empty, has no white space, line end or quotation mark at its ends, and is no
    placeholder; then format, mode, pattern and choice, as far as they are given. The value itself
    is never shown: only a known prefix and the length.
    """

    id: ClassVar = "env.key"
    reads: ClassVar = frozenset({Reads.ENV})
    effect: ClassVar = Effect.READ

    key: str
    """Name of the variable."""
    format: Format | None = None
    """What the value must look like. Stripe's forms: https://docs.stripe.com/keys."""
    mode: Mode | None = None
    """Mode that a key of Stripe must belong to."""
    pattern: str | None = None
    """RE2 pattern that the whole value must match."""
    one_of: tuple[str, ...] = ()
    """The values that are allowed."""

    def __post_init__(self) -> None:
        if not self.key.strip() or "=" in self.key:
            raise ValueError(f"{self.key!r} is no name of an environment variable")
        if self.mode and self.format not in (None, "stripe-secret", "stripe-publishable"):
            raise ValueError(f"a {self.format} value does not show a mode: leave `mode` out")
        if self.pattern is not None:
            compile_assertion(self.pattern)

    def looks_at(self) -> Iterator[str]:
        """The variable."""
        yield f"${self.key}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Look at the variable, from the outside to the inside."""
        value = world.env.get(self.key, secret=self.format in ("stripe-secret", "stripe-webhook-secret"))
        origin = world.env.origin(self.key)
        if value is None:
            yield failed(f"{self.key} is not set", reason=Reason.MISSING, observed=origin, subject=self.key)
            return
        if blank(value):
            yield failed(f"{self.key} is empty", reason=Reason.MISSING, observed=origin, subject=self.key)
            return
        seen = f"{describe(value)} from {origin}"
        for holds, good, bad, expected in self._assertions(value):
            if holds:
                yield passed(f"{self.key} {good}", expected=expected, observed=seen, subject=self.key)
            else:
                yield failed(f"{self.key} {bad}", expected=expected, observed=seen, subject=self.key)

    def _assertions(self, value: str) -> Iterator[tuple[bool, str, str, str]]:
        """Whether it holds, what to say if it does, what to say if not, and what was expected."""
        around = wrapping(value)
        text = bare(value)
        yield not around, "has nothing around its value", f"has {around} at an end or inside", "the value alone"
        if text not in self.one_of:
            yield not is_placeholder(text), "is no placeholder", "is still a placeholder", "a real value"
        if self.format:
            expected = EXPECTED[self.format]
            yield has_format(text, self.format), f"is {self.format}", f"is not of the form {self.format}", expected
        if self.mode:
            mode = stripe_mode(text)
            bad = f"is a {mode} key" if mode else "is no key of Stripe, so it has no mode"
            yield mode == self.mode, f"is a {self.mode} key", bad, f"a {self.mode} key"
        if self.pattern is not None:
            matches = compile_assertion(self.pattern).fullmatch(text) is not None
            yield matches, "matches the pattern", "does not match the pattern", self.pattern
        if self.one_of:
            expected = "one of " + ", ".join(self.one_of)
            yield text in self.one_of, "is one of the allowed values", "is none of the allowed values", expected
