"""The rules that a record and all that it includes are held to together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from readiness.mail.names import is_below
from readiness.mail.spf.evaluate import Result, check_host
from readiness.mail.spf.findings import Demands, Finding, Rule
from readiness.mail.spf.lint import own
from readiness.mail.spf.measure import lookups, loop, networks, void, width
from readiness.mail.spf.mistakes import hint
from readiness.mail.spf.syntax import Mechanism
from readiness.mail.spf.tree import Step, Tree

MAX_MX = 10
"""Hosts of one `mx` that may be looked up (4.6.4)."""
MAX_FOUR, MAX_SIX = 1 << 24, 1 << 104
"""Addresses that a domain may let send: a /8 of IPv4, a /24 of IPv6."""
TOLD = 5
"""Faults that one sentence tells."""
STRANGERS = ("240.0.0.1", "100::1")
"""Addresses that no mail comes from (RFC 1112 4, RFC 6666)."""


def lint_tree(tree: Tree, demands: Demands) -> Iterator[Finding]:
    """Every rule. Raises CannotTell where a part of the tree is not known."""
    if tree.trouble:
        raise tree.trouble
    yield _targets(tree)
    yield _lookups(tree, demands)
    yield _void(tree, demands)
    yield _width(tree)
    yield from _includes(tree, demands)


def _targets(tree: Tree) -> Finding:
    wrong = [told for step in tree.steps for told in _broken(tree, step)]
    circle = loop(tree)
    wrong += [f"{' -> '.join(circle)} never ends"] if circle else []
    told, count = "; ".join(wrong[:TOLD]), len({step.next for step in tree.steps if step.next})
    message = f"the SPF record of {tree.domain} leads to {count} other records, all of them sound"
    if wrong:
        message = f"the SPF record of {tree.domain} leads to errors (permerror): {told}"
    expected = "one sound record wherever it leads"
    return _finding(
        tree, Rule.TARGETS, ok=not wrong, message=message, expected=expected, observed=told or f"{count} sound records"
    )


def _broken(tree: Tree, step: Step) -> Iterator[str]:
    where = "" if step.domain == tree.domain else f" of {step.domain}"
    policy = tree.policies.get(step.next or "")
    if policy and policy.trouble:
        why = hint(step.text)
        yield f"{step.text}{where}: {policy.domain} {policy.trouble}" + (f" ({why})" if why else "")
    hosts = len(tree.hosts(step)) if step.mechanism is Mechanism.MX else 0
    if hosts > MAX_MX:
        yield f"{step.text}{where}: {step.target} has {hosts} MX records, more than {MAX_MX}"


def _lookups(tree: Tree, demands: Demands) -> Finding:
    found = lookups(tree)
    parts = {step.text: 1 + lookups(tree, step.next) for step in tree.top.steps[: demands.max_lookups] if step.next}
    ok = found <= demands.max_lookups
    message = f"the SPF record of {tree.domain} causes {found} of at most {demands.max_lookups} DNS lookups"
    if not ok:
        message += ", and receivers stop after 10 (permerror)" + (f"; of these {_counted(parts)}" if parts else "")
    expected = f"at most {demands.max_lookups}"
    return _finding(tree, Rule.LOOKUPS, ok=ok, message=message, expected=expected, observed=str(found))


def _counted(parts: Mapping[str, int]) -> str:
    return ", ".join(f"{text} {number}" for text, number in parts.items())


def _void(tree: Tree, demands: Demands) -> Finding:
    found = void(tree)
    terms = ", ".join(step.text if step.domain == tree.domain else f"{step.text} of {step.domain}" for step in found)
    ok = len(found) <= demands.max_void
    message = f"{len(found)} DNS lookups of the SPF record of {tree.domain} find nothing, of at most {demands.max_void}"
    if not ok:
        message += f"; receivers stop after 2 (permerror): {terms}"
    expected = f"at most {demands.max_void}"
    observed = f"{len(found)}: {terms}" if found else "0"
    return _finding(tree, Rule.VOID, ok=ok, message=message, expected=expected, observed=observed)


def _width(tree: Tree) -> Finding:
    four, six = width(networks(tree))
    results = [check_host(ip, tree.domain, "", tree.domain, tree.questions) for ip in STRANGERS]
    open_ = [one.matched for one in results if one.result is Result.PASS and one.matched.lstrip("+").lower() != "all"]
    wide = four > MAX_FOUR or six > MAX_SIX
    observed = f"{four} IPv4 addresses, {six} IPv6 addresses"
    message = f"the SPF record of {tree.domain} lets {observed} send"
    if open_:
        message = f"the SPF record of {tree.domain} lets everybody send: `{open_[0]}` matches an address of nobody's"
    elif wide:
        message += ": that is a large part of the internet, any of whose customers may use the domain's name"
    expected = "at most a /8 of IPv4 and a /24 of IPv6"
    return _finding(tree, Rule.WIDTH, ok=not wide and not open_, message=message, expected=expected, observed=observed)


def _includes(tree: Tree, demands: Demands) -> Iterator[Finding]:
    there = {step.next for step in tree.steps if step.next and (not step.directive or step.directive.qualifier == "+")}
    wanted = [name.rstrip(".").lower() for name in demands.includes]
    for name in wanted:
        ok = name in there or name == tree.domain
        message = f"the SPF record of {tree.domain} includes {name}"
        if not ok:
            message = f"the SPF record of {tree.domain} does not include {name}: add include:{name}"
        observed = ", ".join(sorted(filter(None, there))) or "no include"
        yield _finding(tree, Rule.INCLUDES, ok=ok, message=message, expected=f"include:{name}", observed=observed)
    if demands.complete:
        yield _others(tree, wanted)


def _others(tree: Tree, wanted: list[str]) -> Finding:
    steps = [step for policy in own(tree) for step in policy.steps if step.next]
    others = [step.text for step in steps if step.next not in wanted and not is_below(step.next or "", tree.domain)]
    listed = ", ".join(wanted) or "nobody"
    message = f"the SPF record of {tree.domain} includes {listed} and nobody else"
    if others:
        message = f"the SPF record of {tree.domain} has {' '.join(others)}, which is not declared: declare or remove it"
    observed = " ".join(others) or "nobody else"
    return _finding(tree, Rule.INCLUDES, ok=not others, message=message, expected=f"only {listed}", observed=observed)


def _finding(tree: Tree, rule: Rule, *, ok: bool, message: str, expected: str, observed: str) -> Finding:
    return Finding(
        rule=rule, ok=ok, message=message, expected=expected, observed=observed, domain=tree.domain, whole=True
    )
