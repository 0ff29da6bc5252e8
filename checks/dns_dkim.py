"""The kind `dns.dkim`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from readiness.api import CannotTell, DnsAnswer, Effect, Outcome, Reads, Reason, World, failed, passed
from readiness.mail.dkim import DkimKey, inspect_key
from readiness.mail.evidence import dns_evidence, is_alias
from readiness.mail.names import check_domain
from readiness.mail.providers import MIN_BITS, Expectations, Provider, expand

TOLD = 3
"""Problems of one key that its sentence tells."""


@dataclass(frozen=True, kw_only=True)
class DnsDkim:
    """Every DKIM selector of a sending domain publishes a key that receivers can use.

    DKIM has no list of its selectors: declare them, or name the provider that made them. An item
    with neither is an error, never a pass. Each selector must have exactly one TXT record with a
    whole public key, RSA of `min_bits` or more or Ed25519 (RFC 6376, RFC 8301, RFC 8463): not
    revoked, not in test mode, for email and sha256, not cut at 255 characters, without quotes of a
    zone file in it. A CNAME that leads to nothing fails.

    A provider with an older way to set up (Mailgun: `pdk1` and `pdk2`, before that `k1`, `mx` or
    `smtp`) is held to the first set of selectors of which anything is published.
    """

    id: ClassVar = "dns.dkim"
    reads: ClassVar = frozenset({Reads.DNS})
    effect: ClassVar = Effect.READ

    domain: str
    """The domain that signs, ``d=`` in the signature: mostly the From domain."""
    selectors: tuple[str, ...] = ()
    """``s=`` in the signature, each of which must be there; wins over the provider's: ``[20251028pm]``."""
    provider: Provider | None = None
    """Whose selectors are meant. Amazon SES and Postmark make them up for each customer: declare them."""
    min_bits: int = MIN_BITS
    """The least size of an RSA key; receivers refuse less than 1024."""
    allow_testing: bool = False
    """Whether ``t=y`` is accepted, with which receivers ignore the signature."""

    def __post_init__(self) -> None:
        check_domain(self.domain)
        if self.min_bits < MIN_BITS:
            raise ValueError(f"`min_bits` is at least {MIN_BITS}: receivers refuse smaller keys (RFC 8301)")
        for selector in self.selectors:
            if "_domainkey" in selector:
                raise ValueError(f"{selector!r} is more than a selector: write what stands before ._domainkey")
            check_domain(self._name(selector))

    def looks_at(self) -> Iterator[str]:
        """The question for each selector that may be in use."""
        for selectors in self._expected().selectors:
            yield from (f"TXT {self._name(selector)}" for selector in selectors)

    def run(self, world: World) -> Iterator[Outcome]:
        """Ask for each selector, and inspect what is there."""
        expected = self._expected()
        if not expected.selectors:
            hint = f": {expected.selectors_hint}" if expected.selectors_hint else ", or the provider"
            message = f"nothing says which DKIM selectors {self.domain} uses, and the DNS cannot be asked for them"
            raise CannotTell(message, reason=Reason.NOT_FOUND, fix=f"declare the selector under `selectors`{hint}")
        trouble: CannotTell | None = None
        for selector in self._in_use(world, expected):
            try:
                yield self._judge(world, self._name(selector))
            except CannotTell as error:
                trouble = error
        if trouble:
            raise trouble

    def _expected(self) -> Expectations:
        return expand(self.provider, self.domain, selectors=self.selectors)

    def _name(self, selector: str) -> str:
        return f"{selector}._domainkey.{self.domain}"

    def _in_use(self, world: World, expected: Expectations) -> tuple[str, ...]:
        """The first set of selectors of which something is published, else the first."""
        sets = expected.selectors
        if len(sets) == 1:
            return sets[0]
        return next((one for one in sets if any(self._is_there(world, selector) for selector in one)), sets[0])

    def _is_there(self, world: World, selector: str) -> bool:
        name = self._name(selector)
        answer = world.dns.query(name, "TXT")
        return answer.status == "ok" or is_alias(name, answer)

    def _judge(self, world: World, name: str) -> Outcome:
        answer = world.dns.query(name, "TXT")
        key = inspect_key(answer.records, min_bits=self.min_bits)
        expected = f"one DKIM key: RSA of at least {self.min_bits} bits, or Ed25519"
        evidence = [dns_evidence("TXT", name, answer, secret=key.private)]
        observed = _observed(answer, key)
        if not answer.records:
            why = self._missing(world, name, answer)
            return failed(
                f"{name} {why}",
                reason=Reason.MISSING,
                expected=expected,
                observed=observed,
                subject=name,
                evidence=evidence,
            )
        problems = [*map(str, key.problems[:TOLD])]
        if key.testing and not self.allow_testing:
            problems.append("t=y: receivers treat mail with this signature as unsigned; take the flag away")
        if problems:
            message = f"{name} cannot be used: {'; '.join(problems)}"
            return failed(message, expected=expected, observed=observed, subject=name, evidence=evidence)
        return passed(f"{name} has {observed}", expected=expected, observed=observed, subject=name, evidence=evidence)

    def _missing(self, world: World, name: str, answer: DnsAnswer) -> str:
        if is_alias(name, answer):
            gone = "does not exist" if answer.status == "nxdomain" else "has no TXT record"
            return f"is an alias of {answer.canonical}, which {gone}: ask the provider for the present record"
        if answer.status == "nodata":
            return "is there, but has no TXT record: publish the provider's record with the type that it says"
        twice = f"{name}.{self.domain}"
        with contextlib.suppress(CannotTell):  # a hint alone: that the record is missing is known
            if world.dns.query(twice, "TXT").records:
                return f"does not exist; the record stands at {twice}: the panel added the domain a second time"
        return "does not exist: publish the record that the provider shows for this selector"


def _observed(answer: DnsAnswer, key: DkimKey) -> str:
    if not answer.records:
        return "no such name" if answer.status == "nxdomain" else "no TXT record"
    if key.revoked:
        return "a revoked key"
    kind = {"rsa": "RSA", "ed25519": "Ed25519"}.get(key.key_type or "", key.key_type)
    return f"a key of {kind} with {key.bits} bits" if key.bits else "no key that can be read"
