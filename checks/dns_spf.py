"""The kind `dns.spf`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from readiness.api import Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.mail.evidence import dns_evidence
from readiness.mail.names import ascii_name, check_domain
from readiness.mail.providers import Expectations, Provider, expand
from readiness.mail.spf.findings import Demands, Finding, Rule
from readiness.mail.spf.lint import lint_record
from readiness.mail.spf.lint_tree import lint_tree
from readiness.mail.spf.senders import Sender, refused
from readiness.mail.spf.tree import Tree, grow

SHOWN = 12
"""Records that the evidence of one assertion shows."""


@dataclass(frozen=True, kw_only=True)
class DnsSpf:
    """The return path has one sound SPF record, and it lets the declared hosts send (RFC 7208).

    Receivers evaluate SPF at the domain of the envelope sender, the return path, which with many
    providers is not the From domain: declare it under `return_path`, or name the provider.

    Every declared sender is evaluated as a receiver would, `pass` being the only good result. Beyond
    that the record is read as a whole, the parts too that no declared sender reaches: exactly one
    record, no syntax error, an end in `-all` or `~all`, at most ten lookups and two that find nothing
    in the worst case, sound records wherever it includes or redirects to, no terms that do nothing
    or are there twice, no `ptr`, room in an answer over UDP, and no large part of the internet.

    A name or record that is not there fails; a resolver that does not answer is an error, also where
    it is an included domain that cannot be told.
    """

    id: ClassVar = "dns.spf"
    reads: ClassVar = frozenset({Reads.DNS})
    effect: ClassVar = Effect.READ

    domain: str
    """The From domain: ``kamiyo.ai``."""
    return_path: str | None = None
    """The domain of the envelope sender, where the record has to be: the provider's, else `domain`."""
    provider: Provider | None = None
    """Who sends: gives the return path, and what the record has to include."""
    spf_include: str | None = None
    """What the record includes for the provider; wins over what is known of it."""
    senders: tuple[str | Sender, ...] = ()
    """Addresses and networks that send: ``[192.0.2.1, {ip: 198.51.100.0/24, helo: mail.kamiyo.ai}]``."""
    includes: tuple[str, ...] | None = None
    """Domains that the record includes beside the provider's; where it is written, all of them: another one fails."""
    require_all: Literal["~all", "-all"] = "~all"
    """The least that the record may end in."""
    max_lookups: int = 10
    """Terms that cause DNS lookups; receivers stop after 10."""
    max_void: int = 2
    """Lookups that find nothing; receivers stop after 2."""
    max_bytes: int = 512
    """Octets of the DNS answer that holds the record; what every resolver takes over UDP."""
    allow: tuple[Literal["ignored", "ptr", "duplicates", "size", "void", "width"], ...] = ()
    """What is accepted: terms without effect or written twice, ptr, a long record, void lookups, many addresses."""

    def __post_init__(self) -> None:
        for name in (self.domain, self.return_path, self.spf_include, *(self.includes or ())):
            if name is not None:
                check_domain(name)
        expected = self._expected()
        if expected.return_path is None and expected.return_path_hint:
            raise ValueError(
                f"`return_path` is missing, for it differs from customer to customer: {expected.return_path_hint}"
            )
        if min(self.max_lookups, self.max_void, self.max_bytes) < 0:
            raise ValueError("a limit cannot be negative")
        self._hosts()

    def looks_at(self) -> Iterator[str]:
        """The first question; the record says which ones follow."""
        yield f"TXT {self._name()}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Read the record, then all that it leads to, then evaluate each sender."""
        tree = grow(self._name(), world.dns)
        demands = self._demands()
        yield from (_lint(tree, one) for one in lint_record(tree, demands) if one.rule not in self.allow)
        if tree.top.trouble:
            return
        yield from (_lint(tree, one) for one in lint_tree(tree, demands) if one.rule not in self.allow)
        yield from (_evaluate(tree, host) for host in self._hosts())

    def _expected(self) -> Expectations:
        return expand(self.provider, self.domain, return_path=self.return_path, spf_include=self.spf_include)

    def _name(self) -> str:
        return ascii_name(self._expected().return_path or self.domain)

    def _hosts(self) -> list[Sender]:
        return [Sender(ip=one) if isinstance(one, str) else one for one in self.senders]

    def _demands(self) -> Demands:
        provider = self._expected()
        return Demands(
            require_all=self.require_all,
            max_lookups=self.max_lookups,
            max_void=self.max_void,
            max_bytes=self.max_bytes,
            alias=provider.return_path_cname,
            includes=(*([provider.spf_include] if provider.spf_include else []), *(self.includes or ())),
            complete=self.includes is not None,
        )


def _lint(tree: Tree, finding: Finding) -> Outcome:
    missing = finding.rule is Rule.RECORD and not tree.top.selected.found
    said: dict[str, Any] = {
        "expected": finding.expected,
        "observed": finding.observed,
        "subject": finding.domain,
        "evidence": _evidence(tree, None if finding.whole else finding.domain),
    }
    if finding.ok:
        return passed(finding.message, **said)
    return failed(finding.message, reason=Reason.MISSING if missing else Reason.MISMATCH, **said)


def _evaluate(tree: Tree, host: Sender) -> Outcome:
    no = refused(tree, host)
    said: dict[str, Any] = {"expected": "pass", "subject": host.ip, "evidence": _evidence(tree, None)}
    if no is None:
        return passed(f"{host.ip} may send with the return path {tree.domain}", observed="pass", **said)
    message = f"mail with the return path {tree.domain} from {no}; let it send, or correct `senders`"
    return failed(message, observed=no.result.result, **said)


def _evidence(tree: Tree, domain: str | None) -> list[Evidence]:
    """The record of one domain, or those of the whole tree."""
    policies = [tree.policies[domain]] if domain else list(tree.policies.values())[:SHOWN]
    return [dns_evidence("TXT", policy.domain, policy.answer) for policy in policies]
