"""The plan of one run: each item with its check, or with the state that is known without running."""

from __future__ import annotations

import dataclasses
from typing import Any

from readiness.api import Reason
from readiness.catalog import Catalog
from readiness.checklist.model import Checklist, Entry, Item, State
from readiness.errors import ConfigError
from readiness.light import dataclass
from readiness.people.binding import Binder
from readiness.people.model import Standing
from readiness.people.waiving import too_long
from readiness.plan import names
from readiness.plan.filters import chosen
from readiness.plan.making import Made, Maker
from readiness.plan.mistakes import Mistakes
from readiness.plan.model import Plan, Selection, Settled, Step
from readiness.plan.settle import Policy, apart, skipped, told
from readiness.plan.values import Values

TEXTS = ("title", "manual", "fix", "why", "if_applicable")
"""Fields for people, in which variables are filled in and secrets are refused."""


def plan(checklist: Checklist, catalog: Catalog, selection: Selection, binder: Binder | None = None) -> Plan:
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
    policy = Policy(gate_name=gate_name, gate=gate, selection=selection)
    maker = Maker(checklist=checklist, catalog=catalog, values=values, policy=policy, mistakes=mistakes)
    planner = _Planner(checklist=checklist, values=values, policy=policy, maker=maker, binder=binder, mistakes=mistakes)
    steps = tuple(planner.step(entry, entry.id in looked_at) for entry in checklist.entries)
    values.check_command_line()
    if binder:
        mistakes.add(too_long(binder.people, checklist, environment, gate, binder.now))
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
class _Planner:
    checklist: Checklist
    values: Values
    policy: Policy
    maker: Maker
    binder: Binder | None
    mistakes: Mistakes

    def step(self, entry: Entry, looked_at: bool) -> Step:
        """One item; its mistakes are found whether this run looks at it or not."""
        item = self.texts(entry)
        here = dataclasses.replace(entry, item=item)
        names.check_item(entry, self.checklist, self.values.variables, self.mistakes)
        defaults = self.checklist.header.defaults
        standing = self.standing(here)
        made = self.maker.of(entry, standing)
        step = Step(
            entry=here,
            standing=standing,
            severity=item.severity or defaults.severity,
            needs=self.checklist.needs_of(entry),
            timeout=item.timeout or defaults.timeout,
            retries=defaults.retries if item.retries is None else item.retries,
            eventually=item.eventually,
            secrets=made.secrets,
        )
        settled = self.settled(here, standing, made, looked_at)
        if settled:
            return dataclasses.replace(step, settled=settled)
        return dataclasses.replace(step, check=made.check, children=self.checklist.children.get(entry.id, ()))

    def settled(self, entry: Entry, standing: Standing | None, made: Made, looked_at: bool) -> Settled | None:
        """The state that an item has without running; None for a check to run, and for a whole of parts."""
        item = entry.item
        # the parts of a whole inherit its condition, and may have one of their own
        settled = None if item.items and not item.sums_up else self.beside_the_point(entry)
        if settled is None and standing and standing.state is State.NOT_APPLICABLE:
            settled = told(item, standing)
        if settled or not looked_at:
            return settled or skipped(Reason.FILTERED, "left out by the filters of this run")
        if item.items:
            return None
        if item.check is None and not (made.kind and standing and standing.state is State.PASS):
            return told(item, standing)
        return self.refusal(made) or made.trouble

    def standing(self, entry: Entry) -> Standing | None:
        """What the newest attestation of an item comes to here."""
        if self.binder is None or entry.item.items:
            return None
        return self.binder.standing(entry.id, entry.item, self.values.environment)

    def texts(self, entry: Entry) -> Item:
        """The item with variables filled into what people read."""
        changes: dict[str, Any] = {}
        for name in TEXTS:
            text = getattr(entry.item, name)
            if text is None or "${" not in text:
                continue
            filled = self.values.fill(text, (*entry.path, name))
            if filled.secrets:
                message = f"`{name}` names a secret ({', '.join(filled.secrets)}); it would be printed"
                self.mistakes.secret(message, (*entry.path, name))
            changes[name] = str(filled.value)
        return dataclasses.replace(entry.item, **changes) if changes else entry.item

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
            message = f"`when` asks for `{name}`, which holds a secret; it would be printed"
            self.mistakes.secret(message, (*entry.path, "when"))
        return filled.value

    def refusal(self, made: Made) -> Settled | None:
        """Why this run does not look at an item that has a check, or None."""
        return self.policy.refusal(made.kind, made.check, made.secrets) if made.kind else None
