"""``${name}`` in the values of a checklist: resolved after parsing, so a value never changes structure.

``${env:NAME}`` reads the service's environment and is secret; ``$${`` stands for ``${``. There is
no expression language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from readiness.light import dataclass
from readiness.typed import suggest

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)(\})?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_BEGINS = re.compile(r"[A-Za-z_]")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ENV = "env:"
MAX_CHAIN = 20
"""Variables inside each other; more is no configuration, and recursion has an end."""
MAX_TEXT = 64 * 1024
"""Characters of a value: twenty variables that each name another twice would be a million."""
_FORMS = "write ${name}, ${env:NAME}, or $${ for the characters themselves"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A reference that makes no sense."""

    message: str
    hint: str | None = None
    owner: str | None = None
    """The variable in whose text it stands; None: in the value itself."""


@dataclass
class Resolver:
    """Fills variables into one value; what it could not fill is kept, for the caller to report."""

    variables: Mapping[str, Any]
    lookup: Callable[[str], str | None]
    """The value of an environment variable, None where it is not set."""
    faults: dict[Fault, None] = field(default_factory=dict)
    """Each reference that makes no sense, once: a mistake of the file."""
    secrets: dict[str, None] = field(default_factory=dict)
    """Environment variables that are named, in order."""
    unset: dict[str, None] = field(default_factory=dict)
    """Those that are not set: a fact about the world, no mistake of the file."""
    used: dict[str, Any] = field(default_factory=dict)
    """Variables that were filled in, with their values; each is filled once."""

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
        if whole and whole[2]:
            return self.value(whole[1], inside)
        filled = _REFERENCE.sub(lambda match: self.spelled(match, inside), text)
        if len(filled) > MAX_TEXT:
            self.fault(f"the value grows beyond {MAX_TEXT:,} characters", None, inside)
            return ""
        return filled

    def spelled(self, match: re.Match[str], inside: tuple[str, ...]) -> str:
        """One reference inside a longer text."""
        if match[1] is None:
            return "${"
        if not match[2] and not _BEGINS.match(match[1]):
            return match[0]  # a regular expression's own characters
        if not match[2]:
            self.fault(f"`{match[0][:40]}` is not closed", _FORMS, inside)
            return ""
        value = self.value(match[1], inside)
        return str(value).lower() if isinstance(value, bool) else str(value)

    def value(self, name: str, inside: tuple[str, ...]) -> Any:
        """What one reference stands for."""
        if name.startswith(ENV) and _ENV_NAME.fullmatch(name, len(ENV)):
            return self.environment(name.removeprefix(ENV))
        if name in inside:
            self.loop(inside[inside.index(name) :])
        elif len(inside) >= MAX_CHAIN:
            self.fault(f"more than {MAX_CHAIN} variables inside each other", None, inside)
        elif name in self.variables:
            if name not in self.used:
                self.used[name] = self.fill(self.variables[name], (*inside, name))
            return self.used[name]
        elif _NAME.fullmatch(name):
            hint = suggest(name, self.variables) or f"set it under `vars`, or with --var {name}=..."
            self.fault(f"the variable `{name}` is not defined", hint, inside)
        else:
            self.fault(f"`${{{name}}}` is no variable", _FORMS, inside)
        return ""

    def environment(self, name: str) -> str:
        """The value of an environment variable."""
        value = self.lookup(name)
        self.secrets[name] = None
        if value is None:
            self.unset[name] = None
        return value or ""

    def loop(self, names: tuple[str, ...]) -> None:
        """Variables that are made of each other: one fault, wherever the circle was entered."""
        first = names.index(min(names))
        circle = [*names[first:], *names[:first], names[first]]
        message = f"the variable `{names[first]}` is made of itself: {' -> '.join(circle)}"
        self.fault(message, "give one of them a value of its own", (names[first],))

    def fault(self, message: str, hint: str | None, inside: tuple[str, ...]) -> None:
        """Keep it, with the variable in whose text it stands."""
        self.faults[Fault(message=message, hint=hint, owner=inside[-1] if inside else None)] = None
