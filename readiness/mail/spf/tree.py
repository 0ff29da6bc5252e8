"""A domain's record and every record that it leads to, whoever sends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import cached_property
from itertools import islice

from readiness.api import CannotTell, DnsAnswer
from readiness.light import dataclass
from readiness.mail.resolver import AnyResolver, as_resolver
from readiness.mail.spf.macros import MacroString
from readiness.mail.spf.names import to_ascii, to_question, truncate
from readiness.mail.spf.questions import Questions
from readiness.mail.spf.records import Selected, select
from readiness.mail.spf.session import host_of_mx
from readiness.mail.spf.syntax import Directive, Mechanism, Record, parse

MOST = 100
"""Records that are looked at: far more than any evaluation would."""
STATIC = frozenset("do")
"""Macro letters that are the same for every sender of the domain."""
MOST_STEPS = 1000
"""Terms of one record that are looked at; receivers stop after ten."""
TYPES = {Mechanism.A: ("A", "AAAA"), Mechanism.EXISTS: ("A",), Mechanism.MX: ("MX",)}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A term that causes lookups."""

    domain: str
    """Whose record it is in."""
    text: str
    target: str | None
    """Where it leads; None where that depends on the sender."""
    directive: Directive | None
    """None for a redirect."""

    @cached_property
    def mechanism(self) -> Mechanism | None:
        """None for a redirect."""
        return self.directive.mechanism if self.directive else None

    @cached_property
    def next(self) -> str | None:
        """The domain whose record is evaluated next; None for `a`, `mx` and the like."""
        return self.target if self.mechanism in (None, Mechanism.INCLUDE) else None


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What one domain publishes."""

    domain: str
    answer: DnsAnswer
    selected: Selected
    record: Record | None
    """None where there is no single readable one."""
    steps: tuple[Step, ...]
    """The terms that cause lookups, as far as they are evaluated."""

    @property
    def trouble(self) -> str | None:
        """Why an evaluation that comes here ends in an error, or finds nothing."""
        if self.selected.trouble:
            return f"has {self.selected.trouble}"
        if self.record is None:
            missing = {"nxdomain": "does not exist", "nodata": "has no TXT record"}
            return missing.get(self.answer.status, "has no SPF record among its TXT records")
        return f"has a syntax error, {self.record.faults[0]}" if self.record.faults else None


@dataclass(kw_only=True)
class Tree:
    """The policies below one domain, its own first, in the order in which they were found."""

    domain: str
    questions: Questions
    policies: dict[str, Policy] = field(default_factory=dict)
    trouble: CannotTell | None = None
    """The first question below the domain's own record that got no answer."""

    @property
    def top(self) -> Policy:
        """The domain's own."""
        return self.policies[self.domain]

    @property
    def steps(self) -> tuple[Step, ...]:
        """Of every record."""
        return tuple(step for policy in self.policies.values() for step in policy.steps)

    def records(self, name: str | None, rdtype: str) -> tuple[bytes, ...]:
        """What the DNS holds. Raises CannotTell."""
        question = to_question(name) if name else None
        return self.questions.query(question, rdtype).records if question else ()

    def hosts(self, step: Step) -> list[str]:
        """The names whose addresses `a` and `mx` look up. Raises CannotTell."""
        if step.mechanism is Mechanism.MX:
            return [host_of_mx(record) for record in self.records(step.target, "MX")]
        return [step.target] if step.target and step.mechanism is Mechanism.A else []

    def addresses(self, step: Step) -> list[bytes]:
        """What `a` and `mx` find, for any sender. Raises CannotTell."""
        return [one for host in self.hosts(step) for rdtype in ("A", "AAAA") for one in self.records(host, rdtype)]


def grow(domain: str, resolver: AnyResolver = None) -> Tree:
    """Ask for a domain's record, and for all that it leads to, level by level.

    Raises CannotTell where the domain's own record cannot be told; what cannot be told below it is
    the tree's trouble.
    """
    root = (to_ascii(domain) or domain).lower()
    tree = Tree(domain=root, questions=Questions(as_resolver(resolver)))
    tree.policies[root] = _policy(tree, root)
    level = [root]
    while level and len(tree.policies) < MOST:
        found = (step.next for name in level for step in tree.policies[name].steps)
        fresh = [name for name in dict.fromkeys(found) if name and name not in tree.policies]
        tree.questions.ask_all(_askable((name, "TXT") for name in fresh))
        level = [name for name in fresh if _add(tree, name)]
    _ask_addresses(tree)
    return tree


def _add(tree: Tree, name: str) -> bool:
    try:
        tree.policies[name] = _policy(tree, name)
    except CannotTell as trouble:
        tree.trouble = tree.trouble or trouble
        return False
    return True


def _policy(tree: Tree, domain: str) -> Policy:
    question = to_question(domain) if "." in domain else None
    nothing = DnsAnswer(status="nxdomain", records=(), ttl=0, server="unknown", canonical=domain)
    answer = tree.questions.query(question, "TXT") if question else nothing
    selected = select(answer.records)
    record = parse(selected.text) if selected.text is not None else None
    steps = tuple(islice(_steps(domain, tree.domain, record), MOST_STEPS)) if record else ()
    return Policy(domain=domain, answer=answer, selected=selected, record=record, steps=steps)


def _steps(domain: str, root: str, record: Record) -> Iterator[Step]:
    for one in record.reached:
        if one.mechanism.asks:
            target = _static(one.target, domain, root) if one.target else domain
            yield Step(domain=domain, text=one.text, target=target, directive=one)
    if record.followed:
        target = _static(record.followed, domain, root)
        yield Step(domain=domain, text=f"redirect={record.followed.text}", target=target, directive=None)


def _static(spec: MacroString, domain: str, root: str) -> str | None:
    if spec.letters - STATIC:
        return None
    return truncate(spec.expand(lambda letter: domain if letter == "d" else root).removesuffix(".")).lower()


def _ask_addresses(tree: Tree) -> None:
    """All names of `a` and `mx` at the same time, then all hosts of `mx`."""
    first = [(step.target, rdtype) for step in tree.steps if step.mechanism for rdtype in TYPES.get(step.mechanism, ())]
    tree.questions.ask_all(_askable(first))
    try:
        hosts = [host for step in tree.steps for host in tree.hosts(step)]
        then = [(host, rdtype) for host in hosts for rdtype in ("A", "AAAA")]
        tree.questions.ask_all(_askable(then))
        for name, rdtype in (*first, *then):
            tree.records(name, rdtype)
    except CannotTell as trouble:
        tree.trouble = tree.trouble or trouble


def _askable(pairs: Iterable[tuple[str | None, str]]) -> Iterator[tuple[str, str]]:
    for name, rdtype in pairs:
        question = to_question(name) if name else None
        if question:
            yield question, rdtype
