"""The kind `dns.mta_sts`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from readiness.address import is_loopback_host, shown
from readiness.api import Effect, Evidence, HttpRequest, Outcome, Reads, Reason, World, failed, passed
from readiness.mail.evidence import dns_evidence
from readiness.mail.hosts import look_up_host, mx_hosts
from readiness.mail.mta_sts import read_policy, sts_problems, tls_rpt_problems, uncovered
from readiness.mail.names import check_domain
from readiness.mail.tags import Problem

OK = 200
TOLD = 3


@dataclass(frozen=True, kw_only=True)
class DnsMtaSts:
    """Mail to a domain is encrypted on its way: MTA-STS (RFC 8461) and TLS reporting (RFC 8460).

    The record ``_mta-sts`` and the host ``mta-sts`` that serves the policy are looked at, and the
    record ``_smtp._tls`` that asks for reports. With `policy`, the file itself is fetched, and has
    to cover every MX host; it must not be behind a redirect.
    """

    id: ClassVar = "dns.mta_sts"
    reads: ClassVar = frozenset({Reads.DNS, Reads.NETWORK})
    effect: ClassVar = Effect.READ

    domain: str
    """The domain that receives mail."""
    mta_sts: Literal["required", "optional"] = "required"
    """Optional: a domain without the record passes, a wrong record fails."""
    tls_rpt: Literal["required", "optional"] = "required"
    """The same for the record of TLS reporting."""
    policy: bool = False
    """Whether the policy file is fetched and judged."""
    mode: Literal["testing", "enforce"] = "testing"
    """The weakest mode of the policy that is accepted."""
    policy_url: str | None = None
    """Where the policy is fetched from instead of ``https://mta-sts.<domain>/.well-known/mta-sts.txt``."""

    def __post_init__(self) -> None:
        check_domain(self.domain)
        parts = urlsplit(self.policy_url or "https://x")
        if parts.scheme != "https" and not is_loopback_host(parts.hostname or ""):
            raise ValueError("`policy_url` is an https URL: senders take a policy over nothing else")
        if not self.policy and (self.policy_url or self.mode == "enforce"):
            raise ValueError("`mode` and `policy_url` say something about the file: set `policy: true`")

    def looks_at(self) -> Iterator[str]:
        """The questions."""
        yield f"TXT _mta-sts.{self.domain}"
        yield f"TXT _smtp._tls.{self.domain}"
        if self.policy:
            yield f"GET {shown(self._url())}"

    def run(self, world: World) -> Iterator[Outcome]:
        """Look at both records, then at the policy."""
        name = f"_mta-sts.{self.domain}"
        yield self._record(world, name, "MTA-STS", self.mta_sts)
        if world.dns.query(name, "TXT").records:
            yield self._host(world)
            if self.policy:
                yield from self._policy(world)
        yield self._record(world, f"_smtp._tls.{self.domain}", "TLS reporting", self.tls_rpt)

    def _url(self) -> str:
        return self.policy_url or f"https://mta-sts.{self.domain}/.well-known/mta-sts.txt"

    def _record(self, world: World, name: str, what: str, needed: str) -> Outcome:
        answer = world.dns.query(name, "TXT")
        find = sts_problems if what == "MTA-STS" else tls_rpt_problems
        problems = [*find(answer.records)]
        evidence = [dns_evidence("TXT", name, answer)]
        if needed == "optional" and not answer.records:
            return passed(f"{name} has no record, which is accepted", subject=name, evidence=evidence)
        reason = Reason.MISMATCH if answer.records else Reason.MISSING
        return _said(f"{name}, the record of {what},", problems, subject=name, evidence=evidence, reason=reason)

    def _host(self, world: World) -> Outcome:
        name = f"mta-sts.{self.domain}"
        host = look_up_host(name, world.dns)
        evidence = [dns_evidence(rdtype, name, answer) for rdtype, answer in host.answers]
        missing = [Problem(code="host", message="has no address, so that senders cannot fetch the policy")]
        problems = [] if host.addresses else missing
        return _said(
            f"{name}, the host of the policy,", problems, subject=name, evidence=evidence, reason=Reason.MISSING
        )

    def _policy(self, world: World) -> Iterator[Outcome]:
        url = self._url()
        response = world.http.send(HttpRequest(url=url))
        evidence = [Evidence.of(f"GET {shown(url)}", response.body)]
        what = f"the policy at {shown(url)}"
        if response.status != OK:
            message = f"{what} answers {response.status}; senders follow no redirect, and take nothing but 200"
            yield failed(message, expected=OK, observed=response.status, subject=url, evidence=evidence)
            return
        policy = read_policy(response.body)
        yield _said(what, policy.problems, subject=url, evidence=evidence)
        if policy.mode == "none" or (policy.mode == "testing" and self.mode == "enforce"):
            message = f"{what} has the mode {policy.mode}, needed is {self.mode}"
            yield failed(message, expected=self.mode, observed=policy.mode, subject=url, evidence=evidence)
        hosts = [host for host in mx_hosts(world.dns.query(self.domain, "MX")) if host]
        left = uncovered(policy, hosts)
        if left:
            message = f"{what} does not cover {', '.join(left)}, the MX of {self.domain}: mail to it is refused"
            yield failed(message, expected=", ".join(hosts), observed=", ".join(policy.mx), subject=url)


def _said(
    what: str,
    problems: Iterable[Problem],
    *,
    subject: str,
    evidence: Iterable[Evidence],
    reason: Reason = Reason.MISMATCH,
) -> Outcome:
    told = "; ".join([*map(str, problems)][:TOLD])
    if told:
        message = f"{what} is wrong: {told}"
        return failed(message, reason=reason, expected="valid", observed=told, subject=subject, evidence=evidence)
    return passed(f"{what} is valid", expected="valid", observed="valid", subject=subject, evidence=evidence)
