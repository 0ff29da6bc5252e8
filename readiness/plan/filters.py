"""Which items a run looks at: ``--only`` and ``--tag``."""

from __future__ import annotations

from readiness.checklist.model import Checklist, Entry
from readiness.plan.mistakes import Mistakes
from readiness.plan.model import Selection
from readiness.typed import suggest


def chosen(checklist: Checklist, selection: Selection, mistakes: Mistakes) -> frozenset[str]:
    """Ids that the filters leave, with what they need, their parts and the items that they are part of."""
    entries = checklist.by_id
    if not selection.only and not selection.tags:
        return frozenset(entries)
    known = _known_filters(checklist, selection, mistakes)
    wanted = [entry.id for entry in checklist.entries if _selected(entry, checklist, selection)]
    if not wanted and known:
        hint = "an item must match one --only and one --tag; `readiness list` shows ids, sections and tags"
        mistakes.say("nothing is selected: no item matches the filters", hint)
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += [*checklist.needs_of(entries[name]), *checklist.children.get(name, ())]
    return frozenset(found | {parent for name in found if (parent := entries[name].parent)})


def _selected(entry: Entry, checklist: Checklist, selection: Selection) -> bool:
    parent = checklist.by_id.get(entry.parent or "")
    tags = {*entry.item.tags, *(parent.item.tags if parent else ())}
    by_name = not selection.only or any(_names(only, entry) for only in selection.only)
    return by_name and (not selection.tags or bool(tags & set(selection.tags)))


def _names(only: str, entry: Entry) -> bool:
    return only in {entry.id, entry.parent, entry.section} or entry.section.startswith(f"{only}.")


def _known_filters(checklist: Checklist, selection: Selection, mistakes: Mistakes) -> bool:
    """Whether every filter names something; a mistake for each that does not."""
    before = len(mistakes.found)
    for only in selection.only:
        if not any(_names(only, entry) for entry in checklist.entries):
            near = suggest(only, [*checklist.by_id, *checklist.sections])
            hint = near or "`readiness list` shows ids and sections"
            mistakes.say(f"--only {only}: no item and no section has this id", hint)
    tags = {tag for entry in checklist.entries for tag in entry.item.tags}
    for tag in selection.tags:
        if tag not in tags:
            mistakes.say(f"--tag {tag}: no item has this tag", suggest(tag, tags) or "no item has a tag")
    return len(mistakes.found) == before
