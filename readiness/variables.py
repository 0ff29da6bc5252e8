"""``${name}`` in the values of a checklist: resolved after parsing, so a value never changes structure.

``${env:NAME}`` reads the service's environment and is secret; ``$${`` stands for ``${``. There is
no expression language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from readiness.typed import suggest

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
ENV = "env:"


@dataclass
class Resolver:
    """Fills variables in; what it could not fill is kept, for the caller to report."""

    variables: Mapping[str, Any]
    lookup: Callable[[str], str | None]
    """The value of an environment variable, None where it is not set."""
    faults: list[tuple[str, str | None]] = field(default_factory=list)
    """Sentence and hint of each reference that makes no sense: a mistake of the file."""
    unset: list[str] = field(default_factory=list)
    """Environment variables that are named and not set: a fact about the world, no mistake of the file."""

    def fill(self, value: Any, inside: tuple[str, ...] = ()) -> Any:
        """`value` with every reference in its strings replaced; `inside` is the chain of variables so far."""
        match value:
            case str():
                return self.text(value, inside)
            case Mapping():
                return {key: self.fill(part, inside) for key, part in value.items()}
            case list() | tuple():
                return [self.fill(part, inside) for part in value]
            case _:
                return value

    def text(self, text: str, inside: tuple[str, ...]) -> Any:
        """A string; one that is a single reference keeps the type of the variable."""
        if "${" not in text:
            return text
        whole = _REFERENCE.fullmatch(text)
        if whole and whole[1] is not None:
            return self.value(whole[1], inside)
        return _REFERENCE.sub(lambda match: "${" if match[1] is None else _spell(self.value(match[1], inside)), text)

    def value(self, name: str, inside: tuple[str, ...]) -> Any:
        """What one reference stands for."""
        if name.startswith(ENV):
            return self.environment(name.removeprefix(ENV))
        if name in inside:
            self.faults.append((f"the variable `{name}` is made of itself: {' -> '.join([*inside, name])}", None))
        elif name in self.variables:
            return self.fill(self.variables[name], (*inside, name))
        elif _NAME.fullmatch(name):
            self.faults.append(
                (
                    f"the variable `{name}` is not defined",
                    suggest(name, self.variables) or f"set it under `vars`, or with --var {name}=...",
                )
            )
        else:
            self.faults.append(
                (f"`${{{name}}}` is no variable", "write ${name}, ${env:NAME}, or $${ for the characters themselves")
            )
        return ""

    def environment(self, name: str) -> str:
        """The value of an environment variable."""
        value = self.lookup(name)
        if value is None:
            self.unset.append(name)
        return value or ""


def _spell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
