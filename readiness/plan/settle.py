"""States that are known before anything runs: what does not concern this run, and what it does not look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, urlsplit

from readiness.address import is_loopback_host
from readiness.api import Check, Effect, Reads, Reason
from readiness.checklist.model import Gate, Item, State
from readiness.light import dataclass
from readiness.people.model import Standing
from readiness.plan.model import Selection, Settled

OUTSIDE = frozenset({Reads.DNS, Reads.NETWORK, Reads.STRIPE, Reads.DB, Reads.BROWSER})
"""What ``--offline`` does not look at."""
SHORT = 4
"""Shorter values are found by chance; they hide nothing."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What this run looks at."""

    gate_name: str
    gate: Gate
    selection: Selection

    def refusal(self, kind: type[Check], check: Check | None, secrets: Sequence[str]) -> Settled | None:
        """Why this run does not look at an item with a check, or None; the check is None where it could not be made."""
        if self.gate.scope and not kind.reads <= {Reads(part) for part in self.gate.scope}:
            return skipped(
                Reason.OUT_OF_SCOPE,
                f"reads {_words(kind.reads)}; the gate `{self.gate_name}` looks at {', '.join(self.gate.scope)} alone",
            )
        if self.selection.offline and kind.reads & OUTSIDE:
            return skipped(Reason.OFFLINE, f"reads {_words(kind.reads & OUTSIDE)}, and this run is offline")
        if check is None:
            return None
        if check.effect is not Effect.READ and check.effect.value not in self.selection.allow:
            return skipped(
                Reason.EFFECT_REFUSED,
                f"has the effect `{check.effect.value}`, which was not allowed",
                f"run with --allow {check.effect.value}",
            )
        return self.secret_elsewhere(check, secrets)

    def secret_elsewhere(self, check: Check, secrets: Sequence[str]) -> Settled | None:
        """A secret of the checklist goes only to loopback, or where the operator bound it."""
        for url in _urls(check) if secrets else ():
            origin = _origin(url)
            for name in secrets:
                bound = self.selection.bind.get(name)
                if not is_loopback_host(url.hostname or "") and (not bound or _origin(_split(bound)) != origin):
                    return skipped(
                        Reason.EFFECT_REFUSED,
                        f"would send the secret {name} to {origin}, which was not allowed",
                        f"run with --bind {name}={origin}",
                    )
        return None

    def told_to_strangers(self, kind: type[Check], check: Check, secrets: Sequence[str]) -> str | None:
        """The secret that would become part of a host or of a DNS question, which nobody can take back."""
        hosts = [url.hostname or "" for url in _urls(check)] if secrets else []
        questions = [line for line in check.looks_at() if "://" not in line] if Reads.DNS in kind.reads else []
        text = "\n".join([*hosts, *questions]).lower()
        for name in secrets:
            value = (self.selection.lookup(name) or "").strip().lower()
            if len(value) >= SHORT and value in text:
                return name
        return None


def skipped(reason: Reason, message: str, fix: str | None = None) -> Settled:
    """Applies, but this run does not look."""
    return Settled(state=State.SKIPPED, reason=reason, message=message, fix=fix)


def apart(reason: Reason, message: str) -> Settled:
    """Does not concern this environment or configuration."""
    return Settled(state=State.NOT_APPLICABLE, reason=reason, message=message)


def told(item: Item, standing: Standing | None) -> Settled:
    """What people said of an item that only they can decide."""
    if standing is None:
        message = "a person must say; nobody has yet"
        return Settled(state=State.PENDING, reason=Reason.NEVER_ATTESTED, message=message, fix=item.manual)
    fix = item.manual if standing.state is State.PENDING else None
    return Settled(state=standing.state, reason=standing.reason, message=standing.message, fix=fix)


def unset(names: Sequence[str]) -> Settled | None:
    """Environment variables that an item's options take are not set."""
    if not names:
        return None
    words = " and ".join(f"`{name}`" for name in names)
    return Settled(
        state=State.ERROR,
        reason=Reason.MISSING,
        message=f"the environment variable {words} is not set, so this cannot be checked"
        if len(names) == 1
        else f"the environment variables {words} are not set, so this cannot be checked",
        fix=f"set {words} for this run",
    )


def _words(reads: frozenset[Reads]) -> str:
    return ", ".join(sorted(reads))


def _urls(check: Check) -> Iterator[SplitResult]:
    for line in check.looks_at():
        for word in line.split():
            if word.lower().startswith(("http://", "https://")):
                yield _split(word)


def _split(url: str) -> SplitResult:
    """The parts of a URL; of one that has none, such as ``http://[``, nothing, which is no loopback host."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is none is a ValueError too
    except ValueError:
        return urlsplit("")
    return parts


def _origin(url: SplitResult) -> str:
    """Scheme, host and port (RFC 6454, 4), without the port that goes without saying."""
    host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname or ""
    port = "" if url.port in {None, _DEFAULT_PORTS.get(url.scheme)} else f":{url.port}"
    return f"{url.scheme}://{host}{port}"
