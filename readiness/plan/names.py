"""Names that a checklist uses and that must exist: environments, gates, variables, roles, needs."""

from __future__ import annotations

from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter

from readiness.checklist.model import GATES, Checklist, Entry, Environment, Gate
from readiness.plan.mistakes import Mistakes
from readiness.plan.model import Selection
from readiness.typed import suggest

DEFAULT_GATE = "merge"
_HOMES = {"environments": "environments", "when": "vars", "by": "roles"}
"""Where the names that a field of an item uses are defined."""


def choose_environment(checklist: Checklist, selection: Selection, mistakes: Mistakes) -> tuple[str, Environment]:
    """The environment that was asked for, else the first of the file."""
    known = checklist.header.environments
    name = selection.environment or next(iter(known), "default")
    if selection.environment and name not in known:
        hint = suggest(name, known) or "the checklist names none under `environments`"
        mistakes.say(f"unknown environment `{name}`", hint)
    return name, known.get(name) or Environment()


def choose_gate(
    checklist: Checklist, selection: Selection, environment: Environment, mistakes: Mistakes
) -> tuple[str, Gate]:
    """The gate that was asked for, else the environment's, else merge."""
    name = selection.gate or environment.gate or DEFAULT_GATE
    gate = checklist.gate(name)
    if gate is None and selection.gate:
        mistakes.say(f"unknown gate `{name}`", suggest(name, [*checklist.header.gates, *GATES]))
    return name, gate or Gate()


def check_header(checklist: Checklist, mistakes: Mistakes) -> None:
    """The gates of the environments, and the root."""
    header = checklist.header
    for name, environment in header.environments.items():
        gate = environment.gate if environment else None
        if gate and checklist.gate(gate) is None:
            hint = suggest(gate, [*header.gates, *GATES])
            mistakes.fault(f"unknown gate `{gate}`", ("environments", name, "gate"), hint)
    if not checklist.root.is_dir():
        mistakes.fault(f"the root `{header.root}` is no folder", ("root",), "it is relative to the checklist")


def check_needs(checklist: Checklist, mistakes: Mistakes) -> None:
    """Every need exists, and none leads back to itself."""
    entries = checklist.by_id
    for entry in checklist.entries:
        if entry.item.sums_up and entry.item.needs:
            mistakes.fault(f"`{entry.id}` sums up all items and needs none", (*entry.path, "needs"), "remove `needs`")
        for need in entry.item.needs or ():
            if need in entries and entries[need].item.sums_up:
                message = f"`{entry.id}` needs `{need}`, which is decided after all others"
                mistakes.fault(message, (*entry.path, "needs"), "need the items that matter here")
            if need not in entries and need not in checklist.broken and not inherits(checklist, entry, "needs"):
                mistakes.fault(
                    f"`{entry.id}` needs `{need}`, which is no item",
                    (*entry.path, "needs"),
                    _near(need, entries) or "`readiness list` shows the ids; a part's begins with that of its item",
                )
    graph = {
        entry.id: {*checklist.needs_of(entry), *checklist.children.get(entry.id, ())} for entry in checklist.entries
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        loop = list(reversed(error.args[1]))
        message = f"items need each other in a circle: {' -> '.join(loop)}"
        mistakes.fault(message, (*entries[loop[0]].path, "needs"), "remove one of these needs")


def _near(need: str, known: Collection[str]) -> str | None:
    part = next((name for name in known if name.endswith(f".{need}")), None)
    return f"did you mean `{part}`?" if part else suggest(need, known)


def check_item(entry: Entry, checklist: Checklist, variables: Collection[str], mistakes: Mistakes) -> None:
    """Environments, variables and roles that an item names exist."""
    item, header = entry.item, checklist.header
    uses = (
        ("environments", item.environments, header.environments, "unknown environment `{}`"),
        ("when", item.when, variables, "`when` asks for the variable `{}`, which is not defined"),
        ("by", item.by and (item.by,), header.roles, "the role `{}` is not defined"),
    )
    for key, names, known, sentence in uses:
        if names and not inherits(checklist, entry, key):
            for name in (name for name in names if name not in known):
                hint = suggest(name, known) or f"define it under `{_HOMES[key]}`"
                mistakes.fault(sentence.format(name), (*entry.path, key), hint)


def inherits(checklist: Checklist, entry: Entry, name: str) -> bool:
    """Whether a fault in this field was already told at the parent."""
    parent = checklist.by_id.get(entry.parent or "")
    return parent is not None and getattr(parent.item, name) == getattr(entry.item, name)
