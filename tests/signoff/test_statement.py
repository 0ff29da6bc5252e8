"""The signed bytes: what is written is read back, by us and by the in-toto library, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.signoff.model import (
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Change,
    Code,
    Decision,
    Predicate,
    Role,
    SignOffError,
)
from readiness.signoff.statement import decode, encode, is_ours

SHA = "0123456789abcdef" * 4
SUBJECTS = {
    "report.json": {"sha256": SHA},
    "source": {"gitCommit": "a" * 40, "gitTree": "b" * 40},
    "checklist.yaml": {"sha256": SHA},
}
PREDICATE = Predicate(
    role=Role.APPROVER,
    decision=Decision.APPROVE,
    signer="carol@kamiyo.ai",
    signed_on=datetime(2026, 11, 23, 22, 11, 19, tzinfo=UTC),
    environment="production",
    commit="a" * 40,
    dirty=False,
    source_digest=SHA,
    checklist_sha256=SHA,
    policy_sha256=None,
    allowed_signers_sha256=SHA,
    tool="readiness 0.1.0",
    verdict="ready",
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
PREDICATES = st.builds(
    Predicate,
    role=st.sampled_from(Role),
    decision=st.sampled_from(Decision),
    signer=TEXTS,
    signed_on=TIMES,
    expires_on=st.none() | TIMES,
    environment=TEXTS,
    planned_deployment=st.none() | TIMES,
    commit=TEXTS,
    dirty=st.booleans(),
    source_digest=TEXTS,
    checklist_sha256=DIGESTS,
    policy_sha256=st.none() | DIGESTS,
    allowed_signers_sha256=DIGESTS,
    tool=TEXTS,
    verdict=TEXTS,
    waivers=st.lists(TEXTS, max_size=3).map(tuple),
    change=st.builds(
        Change,
        ref=st.none() | TEXTS,
        reason=st.none() | TEXTS,
        security_impact=st.none() | TEXTS,
        rollback=st.none() | TEXTS,
    ),
    reviewed=st.none() | DIGESTS,
    ledger_heads=st.lists(DIGESTS, max_size=2).map(tuple),
    comment=st.none() | TEXTS,
)


@given(PREDICATES)
def test_what_is_written_is_read_back(predicate: Predicate) -> None:
    payload = encode(SUBJECTS, predicate)
    found = decode(payload)
    assert (found.predicate, found.subjects, found.payload) == (predicate, SUBJECTS, payload)


def test_the_in_toto_library_reads_it() -> None:
    from google.protobuf import json_format  # type: ignore[import-untyped]  # it has no types
    from in_toto_attestation.v1 import statement_pb2  # type: ignore[import-untyped]  # it has no types

    made = statement_pb2.Statement()  # pyright: ignore[reportAttributeAccessIssue] - it is made at run time
    found = json_format.Parse(encode(SUBJECTS, PREDICATE), made)
    assert found.type == STATEMENT_TYPE
    assert found.predicate_type == PREDICATE_TYPE
    assert [subject.name for subject in found.subject] == list(SUBJECTS)
    assert dict(found.subject[0].digest) == {"sha256": SHA}
    assert found.predicate["signedOn"] == "2026-11-23T22:11:19Z"


def test_keys_and_order() -> None:
    fields = json.loads(encode(SUBJECTS, replace(PREDICATE, change=Change(security_impact="none"))))
    assert list(fields) == ["_type", "subject", "predicateType", "predicate"]
    assert fields["predicate"]["checklistDigest"] == {"sha256": SHA}
    assert fields["predicate"]["change"] == {"securityImpact": "none"}
    assert "policyDigest" not in fields["predicate"]


def test_a_time_without_a_zone_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match="zone"):
        encode(SUBJECTS, replace(PREDICATE, signed_on=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point


def test_times_are_told_in_utc() -> None:
    east = PREDICATE.signed_on.astimezone(timezone(timedelta(hours=9)))
    assert encode(SUBJECTS, replace(PREDICATE, signed_on=east)) == encode(SUBJECTS, PREDICATE)


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda fields: fields["predicate"].pop(name)


def with_(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda fields: fields["predicate"].update({name: value})


REQUIRED = ["role", "decision", "signer", "signedOn", "environment", "commit", "dirty", "sourceDigest"]
REQUIRED += ["checklistDigest", "allowedSignersDigest", "tool", "verdict", "waivers", "ledgerHeads"]


@pytest.mark.parametrize(
    "change",
    [
        *(without(name) for name in REQUIRED),
        with_("signedOn", "2026-11-23T22:11:19"),
        with_("signedOn", "2026-11-23 22:11:19Z"),
        with_("signedOn", "2026-13-23T22:11:19Z"),
        with_("signedOn", "0001-01-01T00:00:00+09:00"),
        with_("signedOn", "20261123T221119Z"),
        with_("signedOn", 1795471879),
        with_("expiresOn", "tomorrow"),
        with_("dirty", 0),
        with_("dirty", "false"),
        with_("role", "owner"),
        with_("decision", "maybe"),
        with_("commit", None),
        with_("comment", "x" * 10_001),
        with_("waivers", "W-1"),
        with_("waivers", ["x"] * 10_001),
        with_("waivers", [1]),
        with_("reviewed", "abc"),
        with_("checklistDigest", SHA),
        with_("checklistDigest", {"sha256": SHA.upper()}),
        with_("change", []),
        lambda fields: fields.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda fields: fields.update(predicateType="https://readiness.dev/sign-off/v0"),
        lambda fields: fields.update(predicate=[]),
        lambda fields: fields.update(subject={}),
        lambda fields: fields["subject"].pop(),
        lambda fields: fields["subject"].append(fields["subject"][0]),
        lambda fields: fields["subject"][0].update(digest={"sha256": "00"}),
    ],
)
def test_what_is_no_statement(change: Callable[[dict[str, Any]], Any]) -> None:
    fields = json.loads(encode(SUBJECTS, PREDICATE))
    change(fields)
    with pytest.raises(SignOffError) as refused:
        decode(json.dumps(fields).encode())
    assert refused.value.code is Code.MALFORMED


@pytest.mark.parametrize("digest", [{}, {"sha1": "0" * 40}, {"md5": "0" * 32, "gitBlob": "0" * 40}])
@pytest.mark.parametrize("subject", [0, 2])
def test_a_subject_has_a_strong_digest(digest: dict[str, str], subject: int) -> None:
    fields = json.loads(encode(SUBJECTS, PREDICATE))
    fields["subject"][subject]["digest"] = digest
    with pytest.raises(SignOffError) as refused:
        decode(json.dumps(fields).encode())
    assert refused.value.code is Code.HASH_ALG


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b'{"_type":1,"_type":1}', b"\xff"])
def test_no_json_object(raw: bytes) -> None:
    with pytest.raises(SignOffError) as refused:
        decode(raw)
    assert refused.value.code is Code.MALFORMED


def test_unknown_fields_and_offsets_are_accepted() -> None:
    fields = json.loads(encode(SUBJECTS, PREDICATE))
    fields["more"] = fields["predicate"]["more"] = {"any": 1}
    fields["predicate"]["signedOn"] = "2026-11-24T07:11:19+09:00"
    fields["subject"].append({"name": "image", "digest": {"sha512": "x"}})
    assert decode(json.dumps(fields).encode()).predicate == PREDICATE


@pytest.mark.parametrize(
    ("kind", "ours"),
    [(PREDICATE_TYPE, True), ("https://readiness.dev/sign-off/v2", True), ("https://slsa.dev/provenance/v1", False)],
)
def test_another_version_is_ours_and_another_predicate_is_not(kind: str, ours: bool) -> None:
    assert is_ours(json.dumps({"predicateType": kind}).encode()) is ours
