"""Checklist to steps: names become typed checks, variables become values, every mistake surfaces here.

Nothing is contacted and no file of the root is read. What is settled before running (an item that
does not concern this environment, that was filtered out, that only a person can decide) is settled
here, with its reason.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any
from urllib.parse import urlsplit

from readiness.address import is_loopback_host
from readiness.api import Check, Effect, Reads, Reason
from readiness.catalog import Catalog
from readiness.checklist.model import GATES, Checklist, Entry, Environment, Gate, Item, Severity, State
from readiness.errors import ConfigError, Problem
from readiness.typed import suggest, validate
from readiness.variables import Resolver

OUTSIDE = frozenset({Reads.DNS, Reads.NETWORK, Reads.STRIPE, Reads.DB, Reads.BROWSER})
"""What ``--offline`` does not look at."""
DEFAULT_GATE = "merge"
TEXTS = ("title", "manual", "fix", "why")
"""Fields for people, in which variables are filled in and secrets are refused."""
_SECRET = re.compile(r"\$\{env:([^{}]*)\}")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What the operator asked for."""

    environment: str | None = None
    gate: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    """Items, sections, or beginnings of section ids such as ``1``."""
    tags: tuple[str, ...] = ()
    offline: bool = False
    allow: frozenset[str] = frozenset()
    """Effects beyond reading."""
    bind: Mapping[str, str] = field(default_factory=dict)
    """Secret variables and the one origin that each may be sent to."""
    timeout: float | None = None
    """Seconds for one attempt of every item, in place of the checklist's."""
    lookup: Callable[[str], str | None] = dict[str, str]().get
    """Secret environment variables of the service."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A state that is known without running anything."""

    state: State
    reason: Reason
    message: str
    fix: str | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One item of this run: exactly one of `check`, `settled` and `children` decides it."""

    entry: Entry
    severity: Severity
    check: Check | None = None
    settled: Settled | None = None
    children: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    timeout: float
    """Seconds for one attempt."""
    retries: int
    eventually: float | None = None
    """Seconds for which a contradiction is looked at again."""

    @property
    def id(self) -> str:
        """The item's full id."""
        return self.entry.id

    @property
    def item(self) -> Item:
        """What the checklist says, variables filled in."""
        return self.entry.item


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All steps of a run, in file order."""

    environment: str
    gate_name: str
    gate: Gate
    partial: bool
    """Filters left items out."""
    steps: tuple[Step, ...]

    def step(self, identity: str) -> Step | None:
        """The step of an item."""
        return next((step for step in self.steps if step.id == identity), None)


def plan(checklist: Checklist, catalog: Catalog, selection: Selection) -> Plan:
    """Raises ConfigError with every mistake of the checklist and of the selection at once."""
    planner = _Planner(checklist, catalog, selection)
    made = planner.make()
    if planner.problems:
        order = {problem: index for index, problem in enumerate(planner.problems)}
        raise ConfigError(
            sorted(
                order,
                key=lambda problem: (problem.place is None, problem.place.line if problem.place else 0, order[problem]),
            )
        )
    return made


class _Planner:
    def __init__(self, checklist: Checklist, catalog: Catalog, selection: Selection) -> None:
        self.checklist = checklist
        self.catalog = catalog
        self.selection = selection
        self.problems = list(checklist.problems)
        self.entries = {entry.id: entry for entry in checklist.entries}
        self.children: dict[str, list[str]] = {}
        for entry in checklist.entries:
            if entry.parent:
                self.children.setdefault(entry.parent, []).append(entry.id)
        self.environment, self.settings = self.choose_environment()
        self.variables = {**checklist.header.vars, **self.settings.vars, **selection.variables}
        self.gate_name = selection.gate or self.settings.gate or DEFAULT_GATE
        self.gate = self.choose_gate()

    def make(self) -> Plan:
        self.check_header()
        self.check_needs()
        chosen = self.chosen()
        steps = tuple(self.step(entry, chosen) for entry in self.checklist.entries)
        return Plan(
            environment=self.environment,
            gate_name=self.gate_name,
            gate=self.gate,
            partial=len(chosen) < len(self.entries),
            steps=steps,
        )

    # --- names that the whole run hangs on --------------------------------------------------------

    def choose_environment(self) -> tuple[str, Environment]:
        known = self.checklist.header.environments
        name = self.selection.environment or next(iter(known), "default")
        if self.selection.environment and name not in known:
            self.problems.append(
                Problem(
                    message=f"unknown environment `{name}`",
                    hint=suggest(name, known) or "the checklist names none under `environments`",
                )
            )
        return name, known.get(name) or Environment()

    def choose_gate(self) -> Gate:
        gate = self.checklist.gate(self.gate_name)
        if gate is None:
            hint = suggest(self.gate_name, [*self.checklist.header.gates, *GATES])
            if self.selection.gate:
                self.problems.append(Problem(message=f"unknown gate `{self.gate_name}`", hint=hint))
        return gate or Gate()

    def check_header(self) -> None:
        """Names inside the header that must exist."""
        header = self.checklist.header
        for name, environment in header.environments.items():
            gate = environment.gate if environment else None
            if gate and self.checklist.gate(gate) is None:
                self.fault(
                    f"unknown gate `{gate}`", ("environments", name, "gate"), suggest(gate, [*header.gates, *GATES])
                )
        if not self.checklist.root.is_dir():
            self.fault(f"the root `{header.root}` is no folder", ("root",), "it is relative to the checklist")
        for name in self.variables:
            self.fill(f"${{{name}}}", ("vars",))

    def check_needs(self) -> None:
        """Every need exists, and none leads back to itself."""
        graph = {entry.id: {*self.needs(entry), *self.children.get(entry.id, ())} for entry in self.checklist.entries}
        for entry in self.checklist.entries:
            for need in entry.item.needs or ():
                if need not in self.entries and need not in self.checklist.broken and not self.inherits(entry, "needs"):
                    self.fault(
                        f"`{entry.id}` needs `{need}`, which is no item",
                        (*entry.path, "needs"),
                        suggest(need, self.entries),
                    )
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            loop = list(reversed(error.args[1]))
            self.fault(
                f"items need each other in a circle: {' -> '.join(loop)}",
                (*self.entries[loop[0]].path, "needs"),
                "remove one of these needs",
            )

    def needs(self, entry: Entry) -> tuple[str, ...]:
        return tuple(need for need in entry.item.needs or () if need in self.entries)

    def inherits(self, entry: Entry, name: str) -> bool:
        """Whether a fault in this field was already told at the parent."""
        parent = self.entries.get(entry.parent or "")
        return parent is not None and getattr(parent.item, name) == getattr(entry.item, name)

    # --- which items this run looks at ------------------------------------------------------------

    def chosen(self) -> frozenset[str]:
        """Ids that the filters leave, with what they need, their parts and the items that they are part of."""
        if not self.selection.only and not self.selection.tags:
            return frozenset(self.entries)
        wanted = [entry.id for entry in self.checklist.entries if self.selected(entry)]
        self.unknown_filters()
        if not wanted and not self.problems:
            self.problems.append(
                Problem(
                    message="nothing is selected: no item matches the filters",
                    hint="`readiness list` shows ids, sections and tags",
                )
            )
        found: set[str] = set()
        while wanted:
            name = wanted.pop()
            if name not in found:
                found.add(name)
                wanted += [*self.needs(self.entries[name]), *self.children.get(name, ())]
        return frozenset(found | {parent for name in found if (parent := self.entries[name].parent)})

    def selected(self, entry: Entry) -> bool:
        parent = self.entries.get(entry.parent or "")
        tags = {*entry.item.tags, *(parent.item.tags if parent else ())}
        by_name = not self.selection.only or any(_names(only, entry) for only in self.selection.only)
        return by_name and (not self.selection.tags or bool(tags & set(self.selection.tags)))

    def unknown_filters(self) -> None:
        for only in self.selection.only:
            if not any(_names(only, entry) for entry in self.checklist.entries):
                hint = (
                    suggest(only, [*self.entries, *self.checklist.sections])
                    or "`readiness list` shows ids and sections"
                )
                self.problems.append(Problem(message=f"--only {only}: no item and no section has this id", hint=hint))
        tags = {tag for entry in self.checklist.entries for tag in entry.item.tags}
        for tag in self.selection.tags:
            if tag not in tags:
                self.problems.append(Problem(message=f"--tag {tag}: no item has this tag", hint=suggest(tag, tags)))

    # --- one item ---------------------------------------------------------------------------------

    def step(self, entry: Entry, chosen: frozenset[str]) -> Step:
        item = self.texts(entry)
        self.check_names(entry)
        defaults = self.checklist.header.defaults
        kind, check, unset = self.kind(entry)
        step = Step(
            entry=dataclasses.replace(entry, item=item),
            severity=item.severity or defaults.severity,
            needs=self.needs(entry),
            timeout=self.selection.timeout or item.timeout or defaults.timeout,
            retries=defaults.retries if item.retries is None else item.retries,
            eventually=item.eventually,
        )
        settled = self.beside_the_point(item) or (
            None if entry.id in chosen else _skipped(Reason.FILTERED, "left out by the filters of this run")
        )
        if settled:
            return dataclasses.replace(step, settled=settled)
        if item.items:
            return dataclasses.replace(step, children=tuple(self.children.get(entry.id, ())))
        settled = self.not_looked_at(entry, kind, check) or unset or _waiting(item)
        return dataclasses.replace(step, settled=settled, check=None if settled else check)

    def texts(self, entry: Entry) -> Item:
        """The item with variables filled into what people read."""
        changes: dict[str, Any] = {}
        for name in TEXTS:
            text = getattr(entry.item, name)
            if text is None or "${" not in text:
                continue
            if _SECRET.search(text):
                self.fault(
                    f"`{name}` names a secret; it would be printed",
                    (*entry.path, name),
                    "use a variable of `vars` instead",
                )
            else:
                changes[name] = str(self.fill(text, (*entry.path, name))[0])
        return dataclasses.replace(entry.item, **changes) if changes else entry.item

    def check_names(self, entry: Entry) -> None:
        """Environments, variables and roles that an item names exist."""
        item, header = entry.item, self.checklist.header
        for name in item.environments or ():
            if name not in header.environments and not self.inherits(entry, "environments"):
                self.fault(
                    f"unknown environment `{name}`", (*entry.path, "environments"), suggest(name, header.environments)
                )
        for name in item.when or {}:
            if name not in self.variables and not self.inherits(entry, "when"):
                self.fault(
                    f"`when` asks for the variable `{name}`, which is not defined",
                    (*entry.path, "when"),
                    suggest(name, self.variables),
                )
        if item.by and item.by not in header.roles and not self.inherits(entry, "by"):
            self.fault(
                f"the role `{item.by}` is not defined",
                (*entry.path, "by"),
                suggest(item.by, header.roles) or "define it under `roles`",
            )

    def kind(self, entry: Entry) -> tuple[type[Check] | None, Check | None, Settled | None]:
        """The item's check kind, the check itself, and the error where a secret that it needs is not set."""
        if entry.item.check is None:
            if entry.item.with_:
                self.fault("`with` belongs to a `check`, and there is none", (*entry.path, "with"), None)
            return None, None, None
        try:
            kind = self.catalog.find(entry.item.check)
        except ConfigError as error:
            self.problems += [
                dataclasses.replace(self.checklist.document.problem(p.message, (*entry.path, "check")), hint=p.hint)
                if p.place is None
                else p
                for p in error.problems
            ]
            return None, None, None
        options, unset = self.fill(entry.item.with_, (*entry.path, "with"))
        if unset:
            names = " and ".join(f"`{name}`" for name in dict.fromkeys(unset))
            error_state = Settled(
                state=State.ERROR,
                reason=Reason.MISSING,
                message=f"the environment variable {names} is not set, so this cannot be checked",
                fix=f"set {names} for this run",
            )
            return kind, None, error_state
        check, problems = validate(kind, options, self.checklist.document, (*entry.path, "with"))
        self.problems.extend(problems)
        return kind, check, None

    def beside_the_point(self, item: Item) -> Settled | None:
        """Why an item does not concern this run, or None."""
        if item.environments is not None and self.environment not in item.environments:
            return _apart(Reason.ENVIRONMENT, f"only for {', '.join(item.environments)}")
        for name, value in (item.when or {}).items():
            found = self.fill(f"${{{name}}}", ())[0] if name in self.variables else None
            if str(found).lower() != str(value).lower():
                return _apart(Reason.WHEN, f"only when {name} is {value}; it is {found}")
        return None

    def not_looked_at(self, entry: Entry, kind: type[Check] | None, check: Check | None) -> Settled | None:
        """Why this run does not look at an item that has a check, or None."""
        if kind is None:
            return None
        if self.gate.scope and not kind.reads <= {Reads(part) for part in self.gate.scope}:
            return _skipped(
                Reason.OUT_OF_SCOPE,
                f"reads {_words(kind.reads)}; the gate `{self.gate_name}` looks at {', '.join(self.gate.scope)} alone",
            )
        if self.selection.offline and kind.reads & OUTSIDE:
            return _skipped(Reason.OFFLINE, f"reads {_words(kind.reads & OUTSIDE)}, and this run is offline")
        if check is None:
            return None
        if check.effect is not Effect.READ and check.effect.value not in self.selection.allow:
            return _skipped(
                Reason.EFFECT_REFUSED,
                f"has the effect `{check.effect.value}`, which was not allowed",
                f"run with --allow {check.effect.value}",
            )
        return self.secret_elsewhere(entry, check)

    def secret_elsewhere(self, entry: Entry, check: Check) -> Settled | None:
        """A secret of the checklist goes only to loopback, or where the operator bound it."""
        names = sorted(set(secrets_of(entry.item.with_)))
        for origin in _origins(check) if names else ():
            for name in names:
                if not is_loopback_host(urlsplit(origin).hostname or "") and self.selection.bind.get(name) != origin:
                    return _skipped(
                        Reason.EFFECT_REFUSED,
                        f"would send the secret {name} to {origin}, which was not allowed",
                        f"run with --bind {name}={origin}",
                    )
        return None

    def fill(self, value: Any, at: tuple[str | int, ...]) -> tuple[Any, list[str]]:
        """A value with its variables, and the environment variables that are not set."""
        resolver = Resolver(variables=self.variables, lookup=self.selection.lookup)
        filled = resolver.fill(value)
        for message, hint in dict.fromkeys(resolver.faults):
            self.fault(message, _deepest(value, at), hint)
        return filled, resolver.unset

    def fault(self, message: str, at: tuple[str | int, ...], hint: str | None) -> None:
        problem = self.checklist.document.problem(message, at, hint=hint)
        if problem not in self.problems:
            self.problems.append(problem)


def _names(only: str, entry: Entry) -> bool:
    return only in {entry.id, entry.parent, entry.section} or entry.section.startswith(f"{only}.")


def _skipped(reason: Reason, message: str, fix: str | None = None) -> Settled:
    return Settled(state=State.SKIPPED, reason=reason, message=message, fix=fix)


def _apart(reason: Reason, message: str) -> Settled:
    return Settled(state=State.NOT_APPLICABLE, reason=reason, message=message)


def _waiting(item: Item) -> Settled | None:
    if item.manual is None or item.check is not None:
        return None
    return Settled(
        state=State.PENDING, reason=Reason.NEVER_ATTESTED, message="a person must say; nobody has yet", fix=item.manual
    )


def _words(reads: frozenset[Reads]) -> str:
    return ", ".join(sorted(reads))


def secrets_of(value: Any) -> Iterator[str]:
    """Names of the environment variables that options take as secrets."""
    match value:
        case str():
            yield from (name for name in _SECRET.findall(value))
        case Mapping():
            for part in value.values():
                yield from secrets_of(part)
        case list() | tuple():
            for part in value:
                yield from secrets_of(part)


def _origins(check: Check) -> Iterator[str]:
    for line in check.looks_at():
        for word in line.split():
            if word.startswith(("http://", "https://")):
                url = urlsplit(word)
                yield f"{url.scheme}://{url.netloc.rpartition('@')[2]}"


def _deepest(value: Any, at: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The first string with a reference inside a value: where a fault of its variables is shown."""
    parts = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list | tuple) else ()
    for name, part in parts:
        if "${" in str(part):
            return _deepest(part, (*at, name))
    return at
