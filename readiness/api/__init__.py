"""All that a check may import: what it reads, what it may say, and the world that it looks at.

A check is a frozen dataclass. Its fields are its options in the checklist, its docstring is its
documentation page, and ``run`` sees a :class:`World` and says what it saw::

    @dataclass(frozen=True, kw_only=True)
    class EnvKey:
        '''An environment variable is set.'''

        id: ClassVar = "env.key"
        reads: ClassVar = frozenset({Reads.ENV})
        effect: ClassVar = Effect.READ

        key: str
        '''Name of the variable.'''

        def looks_at(self) -> Iterator[str]:
            yield f"${self.key}"

        def run(self, world: World) -> Iterator[Outcome]: ...

It knows nothing of severities, waivers and verdicts. Seeing is not judging.
"""

from readiness.api.check import Check
from readiness.api.database import Database, Rows
from readiness.api.outcome import (
    EVIDENCE_LIMIT,
    CannotTell,
    Effect,
    Evidence,
    KeyRefused,
    OtherMode,
    Outcome,
    Reads,
    Reason,
    Unreachable,
    failed,
    passed,
)
from readiness.api.world import (
    CommandResult,
    Commands,
    Dns,
    DnsAnswer,
    Env,
    Http,
    HttpRequest,
    HttpResponse,
    Repo,
    Stripe,
    StripeAnswer,
    TlsInfo,
    World,
)

__all__ = [
    "EVIDENCE_LIMIT",
    "CannotTell",
    "Check",
    "CommandResult",
    "Commands",
    "Database",
    "Dns",
    "DnsAnswer",
    "Effect",
    "Env",
    "Evidence",
    "Http",
    "HttpRequest",
    "HttpResponse",
    "KeyRefused",
    "OtherMode",
    "Outcome",
    "Reads",
    "Reason",
    "Repo",
    "Rows",
    "Stripe",
    "StripeAnswer",
    "TlsInfo",
    "Unreachable",
    "World",
    "failed",
    "passed",
]
