"""The bytes that are signed: an in-toto Statement v1 with the predicate sign-off/v1.

See in-toto attestation framework v1, spec/v1/statement.md and spec/v1/digest_set.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from readiness.signoff import strict_json
from readiness.signoff.fields import Fields
from readiness.signoff.model import (
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    SUBJECTS,
    Change,
    Code,
    Decision,
    Predicate,
    Role,
    SignOffError,
    Statement,
)

MAX_BYTES = 1024 * 1024
Subjects = Mapping[str, Mapping[str, str]]
_REPORT, _, _CHECKLIST = SUBJECTS


def encode(subjects: Subjects, predicate: Predicate) -> bytes:
    """Compact JSON; what is None is left out. Raises ValueError for a time without a zone."""
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": dict(digest)} for name, digest in subjects.items()],
        "predicateType": PREDICATE_TYPE,
        "predicate": _predicate(predicate),
    }
    return json.dumps(statement, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8")


def say_time(moment: datetime) -> str:
    """RFC 3339 in UTC with Z. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _predicate(made: Predicate) -> dict[str, Any]:
    fields = {
        "role": made.role.value,
        "decision": made.decision.value,
        "signer": made.signer,
        "signedOn": say_time(made.signed_on),
        "expiresOn": made.expires_on and say_time(made.expires_on),
        "environment": made.environment,
        "plannedDeployment": made.planned_deployment and say_time(made.planned_deployment),
        "commit": made.commit,
        "dirty": made.dirty,
        "sourceDigest": made.source_digest,
        "checklistDigest": {"sha256": made.checklist_sha256},
        "base": made.base,
        "policyDigest": made.policy_sha256 and {"sha256": made.policy_sha256},
        "allowedSignersDigest": {"sha256": made.allowed_signers_sha256},
        "tool": made.tool,
        "verdict": made.verdict,
        "waivers": list(made.waivers),
        "change": _present(
            {
                "ref": made.change.ref,
                "reason": made.change.reason,
                "securityImpact": made.change.security_impact,
                "rollback": made.change.rollback,
            }
        ),
        "reviewed": made.reviewed,
        "ledgerHeads": list(made.ledger_heads),
        "comment": made.comment,
    }
    return _present(fields)


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def is_ours(payload: bytes) -> bool:
    """Whether it claims to be a sign-off, of this version or another; raises SignOffError(MALFORMED) for no JSON."""
    data = strict_json.loads(payload, "the payload", limit=MAX_BYTES)
    kind = data.get("predicateType") if isinstance(data, dict) else None
    family = PREDICATE_TYPE.rpartition("/")[0]
    return isinstance(kind, str) and (kind == family or kind.startswith(f"{family}/"))


def decode(payload: bytes) -> Statement:
    """The statement in the signed bytes.

    Raises SignOffError: MALFORMED where it is no statement of these versions or a field is missing
    or wrongly typed, HASH_ALG where a subject has no sha256. Unknown fields are ignored.
    """
    top = Fields.of(strict_json.loads(payload, "the payload", limit=MAX_BYTES), "the statement")
    for name, wanted in (("_type", STATEMENT_TYPE), ("predicateType", PREDICATE_TYPE)):
        found = top.text(name)
        if found != wanted:
            raise SignOffError(Code.MALFORMED, f"the statement's {name} is {found[:100]!r}; expected {wanted}")
    return Statement(subjects=_subjects(top), predicate=_decoded(top.inner("predicate")), payload=payload)


def _subjects(top: Fields) -> Subjects:
    found: dict[str, Mapping[str, str]] = {}
    for row in top.rows("subject"):
        name, digest = row.text("name"), row.inner("digest")
        if name in found:
            raise SignOffError(Code.MALFORMED, f"the subject {name[:100]!r} stands twice")
        if name in {_REPORT, _CHECKLIST} and "sha256" not in digest.data:
            raise SignOffError(Code.HASH_ALG, f"the subject {name} has no sha256, only {_words(digest)}")
        found[name] = {kind: digest.sha256(kind) if kind == "sha256" else digest.text(kind) for kind in digest.data}
    absent = [name for name in SUBJECTS if name not in found]
    if absent:
        raise SignOffError(Code.MALFORMED, f"the statement has no subject {absent[0]}")
    return found


def _words(digest: Fields) -> str:
    return ", ".join(sorted(str(kind)[:20] for kind in digest.data)[:5]) or "nothing"


def _decoded(said: Fields) -> Predicate:
    return Predicate(
        role=_member(said, "role", Role),
        decision=_member(said, "decision", Decision),
        signer=said.text("signer"),
        signed_on=said.time("signedOn"),
        expires_on=said.maybe("expiresOn", said.time),
        environment=said.text("environment"),
        planned_deployment=said.maybe("plannedDeployment", said.time),
        commit=said.text("commit"),
        dirty=said.flag("dirty"),
        source_digest=said.text("sourceDigest"),
        checklist_sha256=said.inner("checklistDigest").sha256("sha256"),
        base=said.maybe("base", said.commit),
        policy_sha256=policy.sha256("sha256") if (policy := said.maybe("policyDigest", said.inner)) else None,
        allowed_signers_sha256=said.inner("allowedSignersDigest").sha256("sha256"),
        tool=said.text("tool"),
        verdict=said.text("verdict"),
        waivers=said.texts("waivers"),
        change=_change(said),
        reviewed=said.maybe("reviewed", said.sha256),
        ledger_heads=said.texts("ledgerHeads"),
        comment=said.maybe("comment", said.text),
    )


def _member(said: Fields, name: str, kind: Any) -> Any:
    value = said.text(name)
    if value not in [member.value for member in kind]:
        words = " or ".join(member.value for member in kind)
        raise SignOffError(Code.MALFORMED, f"{said.at}.{name} is {value[:60]!r}; expected {words}")
    return kind(value)


def _change(said: Fields) -> Change:
    change = said.maybe("change", said.inner)
    if change is None:
        return Change()
    return Change(
        ref=change.maybe("ref", change.text),
        reason=change.maybe("reason", change.text),
        security_impact=change.maybe("securityImpact", change.text),
        rollback=change.maybe("rollback", change.text),
    )
