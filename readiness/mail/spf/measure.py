"""What a tree of records amounts to: lookups, loops, lookups that find nothing, addresses that pass."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from readiness.mail.spf.syntax import Directive, IPNetwork, Mechanism
from readiness.mail.spf.tree import Step, Tree

EVERYBODY: tuple[IPNetwork, ...] = (ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("::/0"))


def lookups(tree: Tree, domain: str | None = None) -> int:
    """Terms that cause lookups (4.6.4) where nothing matches before the last of them: the worst case.

    Of the whole tree, or of the part below one of its domains. A loop counts once; :func:`loop` tells it.
    """
    known: dict[str, int] = {}

    def cost(domain: str) -> int:
        if domain not in known:
            known[domain] = 0
            steps = tree.policies[domain].steps if domain in tree.policies else ()
            known[domain] = len(steps) + sum(cost(step.next) for step in steps if step.next)
        return known[domain]

    return cost(domain or tree.domain)


def loop(tree: Tree) -> tuple[str, ...]:
    """A chain of domains that comes back to its beginning; empty where there is none."""
    done: set[str] = set()

    def follow(domain: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if domain in path:
            return (*path[path.index(domain) :], domain)
        if domain in done or domain not in tree.policies:
            return ()
        done.add(domain)
        inner = (follow(step.next, (*path, domain)) for step in tree.policies[domain].steps if step.next)
        return next(filter(None, inner), ())

    return follow(tree.domain, ())


def void(tree: Tree) -> list[Step]:
    """Terms whose lookups find nothing, whatever the sender's address. Raises CannotTell."""
    return [step for step in tree.steps if step.target and not _finds(tree, step)]


def _finds(tree: Tree, step: Step) -> bool:
    if step.mechanism is Mechanism.EXISTS:
        return bool(tree.records(step.target, "A"))
    return step.mechanism not in (Mechanism.A, Mechanism.MX) or bool(tree.addresses(step))


def networks(tree: Tree) -> list[IPNetwork]:
    """What passes by the domain's own record and by all that it includes, but for the domain's own ``+all``.

    Raises CannotTell.
    """
    return list(_networks(tree, tree.domain, set()))


def _networks(tree: Tree, domain: str, seen: set[str]) -> Iterator[IPNetwork]:
    policy = tree.policies.get(domain)
    if domain in seen or policy is None or policy.record is None:
        return
    seen.add(domain)
    for directive in policy.record.reached:
        if directive.qualifier == "+" and directive.network is not None:
            yield directive.network
    for step in policy.steps:
        if step.directive is None:
            yield from _networks(tree, step.next or "", seen)
        elif step.directive.qualifier == "+":
            yield from _of_addresses(tree, step, step.directive)
            yield from _included(tree, step, seen)


def _of_addresses(tree: Tree, step: Step, directive: Directive) -> Iterator[IPNetwork]:
    four, six = directive.lengths
    for address in tree.addresses(step):
        ip = ipaddress.ip_address(address.decode())
        yield ipaddress.ip_network((ip, four if isinstance(ip, ipaddress.IPv4Address) else six), strict=False)


def _included(tree: Tree, step: Step, seen: set[str]) -> Iterator[IPNetwork]:
    included = tree.policies.get(step.next or "")
    if included and included.record and included.record.last and included.record.last.qualifier == "+":
        yield from EVERYBODY
    yield from _networks(tree, step.next or "", seen)


def boundaries(tree: Tree) -> list[IPNetwork]:
    """Every network that any term names, whatever becomes of it: results change at their ends only.

    Raises CannotTell.
    """
    records = [policy.record for policy in tree.policies.values() if policy.record]
    written = [one.network for record in records for one in record.directives if one.network]
    named = [network for step in tree.steps if step.directive for network in _of_addresses(tree, step, step.directive)]
    return [*written, *named]


def width(found: Iterable[IPNetwork]) -> tuple[int, int]:
    """Numbers of IPv4 and of IPv6 addresses, each address counted once."""
    every = tuple(found)
    four = ipaddress.collapse_addresses(one for one in every if isinstance(one, ipaddress.IPv4Network))
    six = ipaddress.collapse_addresses(one for one in every if isinstance(one, ipaddress.IPv6Network))
    return sum(one.num_addresses for one in four), sum(one.num_addresses for one in six)
