"""The kind `dns.dmarc`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from readiness.api import Effect, Evidence, Outcome, Reads, Reason, World, failed, passed
from readiness.mail.dmarc import Discovery, DmarcRecord, Policy, alignments, destinations, discover, misplaced
from readiness.mail.names import check_domain
from readiness.mail.providers import Provider, expand

TOLD = 3
"""Problems of one record that its sentence tells."""


@dataclass(frozen=True, kw_only=True)
class DnsDmarc:
    """Mail from a domain has one valid DMARC policy, strong enough, and its own mail can pass it.

    By RFC 9989: the record stands at ``_dmarc`` of the domain, or of the domain that its DNS tree
    walk finds above; inheriting it is legal. ``t=y`` counts as one level less. An invalid ``p``,
    ``sp`` or ``np``, a second record, a version that is not exactly ``v=DMARC1;``, and reports to a
    domain that has not agreed to receive them all fail, for receivers ignore them in silence.

    Alignment: of the signing domains and the return path that are declared, one has to belong to
    the domain as ``adkim`` and ``aspf`` say.
    """

    id: ClassVar = "dns.dmarc"
    reads: ClassVar = frozenset({Reads.DNS})
    effect: ClassVar = Effect.READ

    domain: str
    """The domain of the From address."""
    minimum: Policy = Policy.NONE
    """The weakest policy that is accepted, as receivers apply it."""
    subdomain_minimum: Policy | None = None
    """The same for subdomains, those that do not exist included."""
    rua: Literal["required", "optional"] = "optional"
    """Whether aggregate reports have to be asked for; those that are have to arrive in any case."""
    dkim_domains: tuple[str, ...] = ()
    """``d=`` of the signatures; with a provider, the domain itself."""
    return_path: str | None = None
    """The domain of the envelope sender, where SPF is evaluated; wins over the provider's."""
    provider: Provider | None = None
    """Who sends the mail."""
    aligned: Literal["any", "all"] = "any"
    """Whether one of the declared domains has to be aligned, as DMARC asks, or each of them."""

    def __post_init__(self) -> None:
        for domain in (self.domain, *self.dkim_domains, *([self.return_path] if self.return_path else [])):
            check_domain(domain)

    def looks_at(self) -> Iterator[str]:
        """The first question of the walk."""
        yield f"TXT _dmarc.{self.domain}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Walk the tree, then judge policy, reports and alignment."""
        found = discover(self.domain, world.dns)
        say = _Say(found=found)
        yield self._record(world, say)
        if found.record is None or found.found_at is None:
            return
        yield self._policy(say)
        if self.subdomain_minimum is not None:
            yield self._below(say, self.subdomain_minimum)
        yield from self._reports(world, say, found.record, found.found_at)
        yield from self._alignment(world, say, found.record)

    def _record(self, world: World, say: _Say) -> Outcome:
        found, expected = say.found, "one valid DMARC record"
        hints = () if found.record else misplaced(self.domain, world.dns)
        problems = [*map(str, (*hints, *found.problems))]
        if not problems:
            where = f", inherited from {found.found_at}" if found.inherited else ""
            return say(f"{found.domain} has a valid DMARC record{where}", expected, say.text)
        reason = Reason.MISMATCH if found.record else Reason.MISSING
        return say(f"DMARC of {found.domain}: {'; '.join(problems[:TOLD])}", expected, say.text, bad=reason)

    def _policy(self, say: _Say) -> Outcome:
        found, policy = say.found, say.found.effective_policy
        expected = f"a policy of at least {self.minimum}"
        lowered = (
            f" (published is {found.policy}, but t=y lowers it)" if found.testing and policy != found.policy else ""
        )
        if policy is None:
            return say("receivers apply no policy at all to this record", expected, "no policy", bad=Reason.MISMATCH)
        if policy.strength < self.minimum.strength:
            message = f"the policy for {found.domain} is {policy}{lowered}, needed is at least {self.minimum}"
            return say(message, expected, policy, bad=Reason.MISMATCH)
        return say(f"the policy for {found.domain} is {policy}{lowered}", expected, policy)

    def _below(self, say: _Say, minimum: Policy) -> Outcome:
        below = {"sp": say.found.subdomain_policy, "np": say.found.nonexistent_policy}
        observed = ", ".join(f"{tag}: {policy or 'no policy'}" for tag, policy in below.items())
        weak = any(policy is None or policy.strength < minimum.strength for policy in below.values())
        expected = f"a policy of at least {minimum} for subdomains, existing (sp) or not (np)"
        message = f"subdomains of {say.found.domain} have the policies {observed}"
        return say(message + (f", needed is at least {minimum}" if weak else ""), expected, observed, bad=weak)

    def _reports(self, world: World, say: _Say, record: DmarcRecord, found_at: str) -> Iterator[Outcome]:
        if self.rua == "required" and not any(uri.valid for uri in record.rua):
            yield say("rua= asks for no aggregate reports", "rua=mailto:...", "none", bad=Reason.MISSING)
        for one in destinations(record, found_at, world.dns):
            expected = f"that {one.uri.domain} receives reports about {found_at}"
            message = f"aggregate reports go to {one.uri.text}"
            if not one.authorized:
                message += f", which is ignored: {one.asked} has no TXT record v=DMARC1 that agrees to it"
            yield say(message, expected, "agreed" if one.authorized else "not agreed", bad=not one.authorized)

    def _alignment(self, world: World, say: _Say, record: DmarcRecord) -> Iterator[Outcome]:
        path = expand(self.provider, self.domain, return_path=self.return_path).return_path
        signing = self.dkim_domains or ((self.domain,) if self.provider else ())
        paths = (path,) if path else ()
        good = alignments(self.domain, record, dkim_domains=signing, return_paths=paths, resolver=world.dns)
        if not good:
            return
        words = ", ".join(f"{name} {'is' if ok else 'is not'} aligned" for name, ok in good.items())
        bad = not (any if self.aligned == "any" else all)(good.values())
        modes = f"adkim={record.adkim}, aspf={record.aspf}"
        message = f"mail from {self.domain} {'cannot' if bad else 'can'} pass DMARC: {words} ({modes})"
        yield say(message, f"{self.aligned} of them aligned", words, bad=bad)


@dataclass(frozen=True, kw_only=True)
class _Say:
    """How outcomes speak of what the walk found."""

    found: Discovery

    @property
    def text(self) -> str:
        """The record that applies."""
        return self.found.record.text if self.found.record else "no record that applies"

    def __call__(self, message: str, expected: str, observed: object, *, bad: Reason | bool = False) -> Outcome:
        place = f"_dmarc.{self.found.found_at or self.found.domain}"
        seen = f"{self.text}\n(asked for {', '.join(self.found.queries)})"
        evidence = [Evidence.of(f"TXT {place} @{self.found.server}", seen)]
        if not bad:
            return passed(message, expected=expected, observed=observed, subject=place, evidence=evidence)
        reason = Reason.MISMATCH if bad is True else bad
        return failed(message, reason=reason, expected=expected, observed=observed, subject=place, evidence=evidence)
