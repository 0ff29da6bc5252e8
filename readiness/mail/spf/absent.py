"""Why a domain has no SPF record: what was meant to be one, and where it stands instead."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.api import CannotTell
from readiness.mail.evidence import is_alias
from readiness.mail.spf.mistakes import almost
from readiness.mail.spf.records import select
from readiness.mail.spf.tree import Tree

SHOWN = 60
"""Characters of a record that a sentence shows."""


def why_absent(tree: Tree) -> str:
    """What to do about it, in a sentence. Never raises: it is a hint."""
    return "; ".join([*_near(tree), *_elsewhere(tree)]) or "publish a TXT record that begins with v=spf1"


def _near(tree: Tree) -> Iterator[str]:
    answer = tree.top.answer
    if is_alias(tree.domain, answer):
        gone = "does not exist" if answer.status == "nxdomain" else "has none"
        yield f"it is an alias of {answer.canonical}, which {gone}"
    for record in tree.top.answer.records:
        text = record.decode("utf-8", "replace")
        why = almost(text)
        if why:
            yield f"{shown(text)!r} is none: {why}"
    for record in _records(tree, tree.domain, "SPF"):
        text = record.decode("utf-8", "replace")
        yield f"{shown(text)!r} is of type SPF (99), which nobody asks for: publish it as TXT"


def _elsewhere(tree: Tree) -> Iterator[str]:
    domain = tree.domain
    above = domain.partition(".")[2]
    doubled = f"{domain}.{above}" if above.count(".") else ""
    for name in (f"{domain}.{domain}", doubled, f"_spf.{domain}", f"spf.{domain}"):
        if name and select(_records(tree, name, "TXT")).found:
            yield f"the record stands at {name}: move it to {domain}"
    if "." in above and select(_records(tree, above, "TXT")).found:
        yield f"{above} has a record, but names below it do not inherit it"


def _records(tree: Tree, name: str, rdtype: str) -> tuple[bytes, ...]:
    try:
        return tree.records(name, rdtype)
    except CannotTell:  # the record is missing in any case
        return ()


def shown(text: str) -> str:
    """The beginning of a record."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
