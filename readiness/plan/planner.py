"""The plan of one run: each item with its check, or with the state that is known without running."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from readiness.api import Check, Reason
from readiness.catalog import Catalog
from readiness.checklist.model import Checklist, Entry, Item
from readiness.errors import ConfigError
from readiness.plan import names
from readiness.plan.filters import chosen
from readiness.plan.mistakes import Mistakes
from readiness.plan.model import Plan, Selection, Settled, Step
from readiness.plan.settle import Policy, apart, skipped, unset, waiting
from readiness.plan.values import Values
from readiness.typed import validate

TEXTS = ("title", "manual", "fix", "why")
"""Fields for people, in which variables are filled in and secrets are refused."""


def plan(checklist: Checklist, catalog: Catalog, selection: Selection) -> Plan:
    """Raises ConfigError with every mistake of the checklist and of the selection at once."""
    mistakes = Mistakes(checklist.document)
    mistakes.add(checklist.problems)
    environment, settings = names.choose_environment(checklist, selection, mistakes)
    gate_name, gate = names.choose_gate(checklist, selection, settings, mistakes)
    values = Values(
        checklist=checklist, selection=selection, environment=environment, settings=settings, mistakes=mistakes
    )
    names.check_header(checklist, mistakes)
    names.check_needs(checklist, mistakes)
    values.check_all()
    looked_at = chosen(checklist, selection, mistakes)
    planner = _Planner(
        checklist=checklist,
        catalog=catalog,
        values=values,
        policy=Policy(gate_name=gate_name, gate=gate, selection=selection),
        mistakes=mistakes,
    )
    steps = tuple(planner.step(entry, entry.id in looked_at) for entry in checklist.entries)
    values.check_command_line()
    if mistakes.found:
        raise ConfigError(mistakes.in_order())
    return Plan(
        environment=environment,
        gate_name=gate_name,
        gate=gate,
        partial=len(looked_at) < len(checklist.entries),
        steps=steps,
    )


@dataclass(frozen=True, kw_only=True)
class _Made:
    """What became of `check` and `with`."""

    kind: type[Check] | None = None
    check: Check | None = None
    secrets: tuple[str, ...] = ()
    unset: Settled | None = None


@dataclass(frozen=True, kw_only=True)
class _Planner:
    checklist: Checklist
    catalog: Catalog
    values: Values
    policy: Policy
    mistakes: Mistakes

    def step(self, entry: Entry, looked_at: bool) -> Step:
        """One item; its mistakes are found whether this run looks at it or not."""
        item = self.texts(entry)
        names.check_item(entry, self.checklist, self.values.variables, self.mistakes)
        defaults = self.checklist.header.defaults
        made = self.made(entry)
        step = Step(
            entry=dataclasses.replace(entry, item=item),
            severity=item.severity or defaults.severity,
            needs=self.checklist.needs_of(entry),
            timeout=item.timeout or defaults.timeout,
            retries=defaults.retries if item.retries is None else item.retries,
            eventually=item.eventually,
            secrets=made.secrets,
        )
        settled = self.settled(entry, made, looked_at)
        if settled:
            return dataclasses.replace(step, settled=settled)
        return dataclasses.replace(step, check=made.check, children=self.checklist.children.get(entry.id, ()))

    def settled(self, entry: Entry, made: _Made, looked_at: bool) -> Settled | None:
        """The state that an item has without running; None for a check to run, and for a whole of parts."""
        item = entry.item
        # the parts of a whole inherit its condition, and may have one of their own
        settled = None if item.items else self.beside_the_point(entry)
        if settled or not looked_at:
            return settled or skipped(Reason.FILTERED, "left out by the filters of this run")
        return None if item.items else self.refusal(made) or made.unset or waiting(item)

    def texts(self, entry: Entry) -> Item:
        """The item with variables filled into what people read."""
        changes: dict[str, Any] = {}
        for name in TEXTS:
            text = getattr(entry.item, name)
            if text is None or "${" not in text:
                continue
            filled = self.values.fill(text, (*entry.path, name))
            if filled.secrets:
                self.secret(f"`{name}` names a secret ({', '.join(filled.secrets)}); it would be printed", entry, name)
            changes[name] = str(filled.value)
        return dataclasses.replace(entry.item, **changes) if changes else entry.item

    def made(self, entry: Entry) -> _Made:
        """The item's check from its kind and its options."""
        if entry.item.check is None:
            if entry.item.with_:
                self.mistakes.fault(
                    "`with` belongs to a `check`, and there is none",
                    (*entry.path, "with"),
                    "name the `check` that these are the options of, or remove them",
                )
            return _Made()
        kind = self.kind(entry, entry.item.check)
        filled = self.values.fill(entry.item.with_, (*entry.path, "with"))
        if kind is None or not filled.sound:
            return _Made()
        made = _Made(kind=kind, secrets=filled.secrets, unset=unset(filled.unset))
        return made if made.unset else dataclasses.replace(made, check=self.check(entry, kind, filled.value, made))

    def kind(self, entry: Entry, name: str) -> type[Check] | None:
        """The kind of that name, or None and a mistake."""
        try:
            return self.catalog.find(name)
        except ConfigError as error:
            for problem in error.problems:
                if problem.place:
                    self.mistakes.add([problem])
                else:
                    self.mistakes.fault(problem.message, (*entry.path, "check"), problem.hint)
        return None

    def check(self, entry: Entry, kind: type[Check], options: Any, made: _Made) -> Check | None:
        """The check with its options, or None and the mistakes in them."""
        at = (*entry.path, "with")
        check, problems = validate(
            kind, options, self.checklist.document, at, quote=self.policy.selection.redact if made.secrets else str
        )
        self.mistakes.add(problems)
        told = self.policy.told_to_strangers(kind, check, made.secrets) if check and not problems else None
        if told:
            self.secret(f"the secret {told} would become part of a host name, which others see", entry, "with")
        return check

    def secret(self, message: str, entry: Entry, name: str) -> None:
        """A secret where none may be."""
        self.mistakes.fault(message, (*entry.path, name), "use a variable of `vars` or --var instead")

    def beside_the_point(self, entry: Entry) -> Settled | None:
        """Why an item does not concern this run, or None."""
        item, environment = entry.item, self.values.environment
        found = {name: self.variable(name, entry) for name in item.when or {} if name in self.values.variables}
        if item.environments is not None and environment not in item.environments:
            return apart(Reason.ENVIRONMENT, f"only for {', '.join(item.environments)}")
        for name, value in (item.when or {}).items():
            if str(found.get(name)).lower() != str(value).lower():
                return apart(Reason.WHEN, f"only when {name} is {value}; it is {found.get(name)}")
        return None

    def variable(self, name: str, entry: Entry) -> Any:
        """What a variable that `when` asks for is in this run."""
        filled = self.values.fill(f"${{{name}}}", (*entry.path, "when"))
        if filled.secrets and not names.inherits(self.checklist, entry, "when"):
            self.secret(f"`when` asks for `{name}`, which holds a secret; it would be printed", entry, "when")
        return filled.value

    def refusal(self, made: _Made) -> Settled | None:
        """Why this run does not look at an item that has a check, or None."""
        return self.policy.refusal(made.kind, made.check, made.secrets) if made.kind else None
