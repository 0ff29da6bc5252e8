"""Variables filled into the values of a checklist, with each fault at the place where it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from readiness.checklist.model import Checklist, Environment
from readiness.light import dataclass
from readiness.plan.mistakes import Mistakes
from readiness.plan.model import Selection
from readiness.strict_yaml import Path as DataPath
from readiness.typed import suggest
from readiness.variables import Fault, Resolver


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A value without references."""

    value: Any
    secrets: tuple[str, ...]
    """Names of the environment variables in it, through variables too."""
    unset: tuple[str, ...]
    """Those of them that are not set."""
    sound: bool
    """Every reference made sense."""


@dataclass(frozen=True, kw_only=True)
class Values:
    """The variables of one run: the file's, then the environment's, then the command line's."""

    checklist: Checklist
    selection: Selection
    environment: str
    settings: Environment
    mistakes: Mistakes
    used: set[str] = field(default_factory=set)

    @property
    def variables(self) -> Mapping[str, Any]:
        """By name, the strongest of each."""
        return {**self.checklist.header.vars, **self.settings.vars, **self.selection.variables}

    def fill(self, value: Any, at: DataPath, **more: str) -> Filled:
        """`value`, which stands at `at`, with its variables and with `more` that only it may use."""
        literal = {name: text.replace("${", "$${") for name, text in more.items()}
        resolver = Resolver(variables={**self.variables, **literal}, lookup=self.selection.lookup)
        filled = resolver.fill(value)
        self.used.update(resolver.used)
        for fault in resolver.faults:
            self._tell(fault, value, at)
        return Filled(
            value=filled,
            secrets=tuple(resolver.secrets),
            unset=tuple(resolver.unset),
            sound=not resolver.faults,
        )

    def check_all(self) -> None:
        """Every variable is well made, whether it is used or not."""
        for name in self.variables:
            self.fill(f"${{{name}}}", ("vars",))
        self.used.clear()

    def check_command_line(self) -> None:
        """Every ``--var`` is one that the checklist knows or uses: a misspelt one would change nothing, unseen."""
        known = {*self.checklist.header.vars, *self.used}
        for environment in self.checklist.header.environments.values():
            known |= (environment or Environment()).vars.keys()
        for name in self.selection.variables:
            if name not in known:
                hint = suggest(name, known) or "define it under `vars`, or leave it out"
                self.mistakes.say(f"--var {name}: the checklist has no such variable", hint)

    def _tell(self, fault: Fault, value: Any, at: DataPath) -> None:
        if fault.owner in self.selection.variables:
            self.mistakes.say(f"--var {fault.owner}: {fault.message}", fault.hint)
            return
        where = _deepest(value, at) if fault.owner is None else self._home(fault.owner)
        self.mistakes.fault(fault.message, where, fault.hint)

    def _home(self, name: str) -> DataPath:
        """Where a variable is defined."""
        if name in self.settings.vars:
            return ("environments", self.environment, "vars", name)
        return ("vars", name)


def _deepest(value: Any, at: DataPath) -> DataPath:
    """The first string with a reference inside a value: where a fault of its variables is shown."""
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list | tuple) else ()
    for name, part in parts:
        if "${" in str(part):
            return _deepest(part, (*at, name))
    return at
