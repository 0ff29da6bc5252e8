"""The rules that a domain's own record is held to, whatever it includes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from readiness.mail.evidence import is_alias
from readiness.mail.names import is_below
from readiness.mail.spf.absent import why_absent
from readiness.mail.spf.findings import Demands, Finding, Rule
from readiness.mail.spf.mistakes import MECHANISMS
from readiness.mail.spf.syntax import Directive, Mechanism
from readiness.mail.spf.tree import Policy, Tree

ORDER = ("+all", "?all", "~all", "-all")
TOLD = 3
"""Faults that one sentence tells."""
OVERHEAD = 28
"""Octets of a DNS answer with one record, without the name and the record's text (RFC 1035 4.1)."""


def lint_record(tree: Tree, demands: Demands) -> Iterator[Finding]:
    """What the domain's own record shows, without its includes."""
    top = tree.top
    if len(top.selected.found) != 1:
        yield _number(tree, demands)
        return
    if demands.alias and is_alias(top.domain, top.answer):
        yield _alias(top, demands.alias)
    yield _sound(top)
    yield from _policy(tree, demands)
    for policy in own(tree):
        yield _ignored(policy)
        yield _ptr(policy)
        yield _duplicates(policy)
        yield _size(policy, demands)


def own(tree: Tree) -> list[Policy]:
    """The domain's own record and those that it keeps below itself or redirects to; an alias is somebody else's."""
    found, chain = [], redirects(tree)
    for policy in tree.policies.values():
        foreign = is_alias(policy.domain, policy.answer)
        if policy.record and not foreign and (is_below(policy.domain, tree.domain) or policy in chain):
            found.append(policy)
    return found


def redirects(tree: Tree) -> list[Policy]:
    """The domain's own policy and where its redirects lead, the last one last."""
    chain = [tree.top]
    while True:
        target = next((step.next for step in chain[-1].steps if step.directive is None), None)
        policy = tree.policies.get(target or "")
        if policy is None or policy in chain:
            return chain
        chain.append(policy)


def _number(tree: Tree, demands: Demands) -> Finding:
    count = len(tree.top.selected.found)
    cname = f"publish the provider's CNAME to {demands.alias}; " if demands.alias else ""
    message = (
        f"{tree.domain} has no SPF record: {cname}{why_absent(tree)}"
        if not count
        else f"{tree.domain} has {count} SPF records, so receivers use none (permerror): merge them into one"
    )
    missing = {"nxdomain": "no such name", "nodata": "no TXT record"}.get(
        tree.top.answer.status, f"{count} SPF records"
    )
    return Finding(
        rule=Rule.RECORD, ok=False, message=message, expected="one SPF record", observed=missing, domain=tree.domain
    )


def _alias(top: Policy, wanted: str) -> Finding:
    end = top.answer.canonical.rstrip(".").lower()
    ok = is_below(end, wanted)
    message = f"{top.domain} is an alias of {end}"
    if not ok:
        message += f", which is not in {wanted}: the provider asks for a CNAME to a name of its own"
    return Finding(rule=Rule.ALIAS, ok=ok, message=message, expected=f"in {wanted}", observed=end, domain=top.domain)


def _sound(top: Policy) -> Finding:
    faults = top.record.faults if top.record else ()
    told = "; ".join(map(str, faults[:TOLD])) or top.selected.trouble
    return Finding(
        rule=Rule.SYNTAX,
        ok=told is None,
        message=f"{top.domain} has one SPF record, and it is well made"
        if told is None
        else f"the SPF record of {top.domain} is void (permerror), {told}",
        expected="one SPF record after the grammar of RFC 7208",
        observed=told or (top.record.text if top.record else ""),
        domain=top.domain,
    )


def _policy(tree: Tree, demands: Demands) -> Iterator[Finding]:
    policy = redirects(tree)[-1]
    record = policy.record
    if record is None or record.followed:  # a redirect that leads nowhere is told with the targets
        return
    ends = f"{record.last.qualifier}all" if record.last else "?all"
    ok = ORDER.index(ends) >= ORDER.index(demands.require_all)
    what = {
        "+all": "ends in `+all`: everybody may send in its name",
        "?all": "ends in `?all`: it says nothing about those who are not listed",
        "~all": "ends in `~all`",
        "-all": "ends in `-all`",
    }[ends]
    if not record.last:
        what = "does not end in `all`: it says nothing about those who are not listed"
    yield Finding(
        rule=Rule.POLICY,
        ok=ok,
        message=f"the SPF record of {policy.domain} {what}" + ("" if ok else f"; end it in {demands.require_all}"),
        expected="-all" if demands.require_all == "-all" else "~all or -all",
        observed=ends if record.last else "no all",
        domain=policy.domain,
    )


def _ignored(policy: Policy) -> Finding:
    record = policy.record
    wrong = []
    if record and record.last:
        behind = [one.text for one in record.directives[len(record.reached) :]]
        behind += [f"redirect={record.redirect.text}"] if record.redirect else []
        wrong += [f"`{record.last.text}` decides before {' '.join(behind)}"] if behind else []
    odd = [f"{name}=" for name in (record.modifiers if record else ()) if name in MECHANISMS]
    wrong += [f"{' '.join(odd)} is no mechanism: those are written with `:`"] if odd else []
    return _style(policy, Rule.IGNORED, "; ".join(wrong), "no terms that do nothing", "terms that do nothing")


def _ptr(policy: Policy) -> Finding:
    directives = policy.record.reached if policy.record else ()
    used = [one.text for one in directives if one.mechanism is Mechanism.PTR or _letters(one) & {"p"}]
    return _style(
        policy, Rule.PTR, " ".join(used), "neither ptr nor %{p}", "terms that should not be used (RFC 7208 5.5)"
    )


def _letters(directive: Directive) -> frozenset[str]:
    return directive.target.letters if directive.target else frozenset()


def _duplicates(policy: Policy) -> Finding:
    terms = [one.text.lower().removeprefix("+") for one in (policy.record.directives if policy.record else ())]
    twice = [term for term, count in Counter(terms).items() if count > 1]
    return _style(policy, Rule.DUPLICATES, " ".join(twice), "every term once", "terms more than once")


def _size(policy: Policy, demands: Demands) -> Finding:
    text = policy.record.text if policy.record else ""
    octets = OVERHEAD + len(policy.domain) + 2 + len(text) + (len(text) + 254) // 255
    much = f"its answer has {octets}" if octets > demands.max_bytes else ""
    return _style(policy, Rule.SIZE, much, "room in an answer over UDP", f"more than {demands.max_bytes} octets")


def _style(policy: Policy, rule: Rule, wrong: str, right: str, but: str) -> Finding:
    has = f"the SPF record of {policy.domain} has"
    message = f"{has} {but}: {wrong}" if wrong else f"{has} {right}"
    return Finding(
        rule=rule, ok=not wrong, message=message, expected=right, observed=wrong or right, domain=policy.domain
    )
