"""The policy of an environment: its defaults, and every fault of the file at once."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from readiness.checklist.model import GATES as MODEL
from readiness.checklist.model import Severity, State
from readiness.errors import ConfigError
from readiness.signoff.model import Role
from readiness.signoff.outline import _as_rules
from readiness.signoff.policy import Match, Policies, parse_policies
from readiness.verdict import GATES, SEVERITIES, STATES


def problems(text: str) -> list[tuple[int, str, str | None]]:
    with pytest.raises(ConfigError) as refused:
        parse_policies(text.encode(), "policy.yaml")
    return [(one.place.line if one.place else 0, one.message, one.hint) for one in refused.value.problems]


def test_without_a_file() -> None:
    policy = Policies().of("production", "release")
    assert policy.require == {Role.COMPLETER: 1, Role.APPROVER: 1}
    assert policy.approver_not_author
    assert policy.max_age == timedelta(days=3)
    assert policy.match is Match.COMMIT
    assert Policies().of("staging", "merge").require == {Role.COMPLETER: 1, Role.APPROVER: 0}
    assert Policies().sha256 is None


def test_what_is_written() -> None:
    raw = b"production: {require: {approver: 2}, approver_not_author: false, max_age: 12h, match: tree}\nstaging: {}\n"
    policies = parse_policies(raw, "policy.yaml")
    policy = policies.of("production", "merge")
    assert policy.require == {Role.COMPLETER: 1, Role.APPROVER: 2}
    assert (policy.approver_not_author, policy.max_age, policy.match) == (False, timedelta(hours=12), Match.TREE)
    assert policies.of("staging", "release") == Policies().of("elsewhere", "release")
    assert policies.sha256 == hashlib.sha256(raw).hexdigest()


def test_every_fault_at_once_with_its_line_and_cure() -> None:
    text = """\
production:
  require: {completer: 0, aprover: 1, approver: -1}
  max_age: 3
  match: commits
  approver_not_auther: true
staging:
  approver_not_author: "no"
  require: 2
"""
    found = problems(text)
    assert sorted(line for line, _, _ in found) == [2, 2, 2, 3, 4, 5, 7, 8]
    hints = {hint for _, _, hint in found}
    assert {"did you mean `approver`?", "did you mean `approver_not_author`?", "did you mean `commit`?"} <= hints
    assert any("write a number with a unit" in message for _, message, _ in found)


@pytest.mark.parametrize(
    "text",
    ["[]", "production: []", "production:", "a: 1\na: 2", "production: {require: {completer: true}}", "x: !!y 1"],
)
def test_other_shapes(text: str) -> None:
    assert problems(text)


def test_no_text() -> None:
    with pytest.raises(ConfigError, match="UTF-8"):
        parse_policies(b"production: \xff", "policy.yaml")


def test_the_rule_knows_the_gates_of_the_checklist() -> None:
    """readiness.verdict has them in plain words, for it must not import the model."""
    assert {name: _as_rules(gate) for name, gate in MODEL.items()} == dict(GATES)
    assert tuple(Severity) == SEVERITIES
    assert tuple(State) == STATES
