"""From names and options of a checklist to checks, with every mistake at its place."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from readiness.api import Check, Reason
from readiness.catalog import Catalog
from readiness.checklist.model import Checklist, Entry, State
from readiness.errors import ConfigError
from readiness.light import dataclass
from readiness.people.binding import given
from readiness.people.model import Standing
from readiness.plan.mistakes import Mistakes
from readiness.plan.model import Settled
from readiness.plan.settle import Policy, unset
from readiness.plan.values import Values
from readiness.strict_yaml import Path as DataPath
from readiness.typed import validate

SAMPLES = {"url": "https://evidence.example/", "file": "evidence", "note": "evidence"}
"""Evidence to try the options of an `evidence_check` with, before a person brought some."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What became of a kind and its options."""

    kind: type[Check] | None = None
    check: Check | None = None
    secrets: tuple[str, ...] = ()
    trouble: Settled | None = None
    """Why there is none, though the file is right: a variable that is not set, evidence that does not fit."""


@dataclass(frozen=True, kw_only=True)
class Maker:
    """Makes the checks of one plan."""

    checklist: Checklist
    catalog: Catalog
    values: Values
    policy: Policy
    mistakes: Mistakes

    def of(self, entry: Entry, standing: Standing | None) -> Made:
        """The check that decides an item, or that looks at the evidence which a person brought; or nothing."""
        item = entry.item
        if item.check is None and item.with_:
            self.mistakes.fault(
                "`with` belongs to a `check`, and there is none",
                (*entry.path, "with"),
                "name the `check` that these are the options of, or remove them",
            )
        if item.evidence_check is not None:
            return self.of_evidence(entry, standing)
        return self.make(item.check, item.with_, entry.path) if item.check else Made()

    def of_evidence(self, entry: Entry, standing: Standing | None) -> Made:
        """The check of evidence; it is tried with a sample where there is none yet, so that mistakes are told."""
        item, at = entry.item, (*entry.path, "evidence_check")
        if item.evidence_check is None or item.evidence is None or item.manual is None:
            hint = "say `manual: ...` and `evidence: url`, `file` or `note`"
            self.mistakes.fault("`evidence_check` looks at what a person brings, and nothing is asked for", at, hint)
            return Made()
        kind, options = item.evidence_check.check, item.evidence_check.with_
        if "${evidence}" not in str(options):
            self.mistakes.fault("`evidence_check` does not use ${evidence}", at, "put ${evidence} into its options")
        sample = self.make(kind, options, at, evidence=SAMPLES[item.evidence])
        brought = given(standing.attestation, item.evidence) if standing and standing.state is State.PASS else None
        if brought is None or sample.check is None:
            return sample if sample.trouble else Made()
        place = self.from_root(brought) if item.evidence == "file" else brought
        return self.with_evidence(kind, options, at, place)

    def from_root(self, file: str) -> str:
        """A file that is named from the checklist's folder, as checks see it: from the root."""
        return os.path.relpath(self.checklist.path.parent.resolve() / file, self.checklist.root)

    def with_evidence(self, kind: str, options: Any, at: DataPath, brought: str) -> Made:
        """The check of this very evidence; what is wrong with it is no mistake of the checklist."""
        apart = dataclasses.replace(self, mistakes=Mistakes(self.checklist.document))
        made = apart.make(kind, options, at, evidence=brought)
        if not apart.mistakes.found:
            return made
        message = f"the evidence {brought!r} cannot be looked at: {apart.mistakes.found[0].message}"
        trouble = Settled(state=State.PENDING, reason=Reason.NO_EVIDENCE, message=message)
        return dataclasses.replace(made, trouble=trouble)

    def make(self, name: str, options: Any, at: DataPath, **more: str) -> Made:
        """A check of this kind with these options, which stand below `at`."""
        kind = self.kind(name, at)
        filled = self.values.fill(options, (*at, "with"), **more)
        if kind is None or not filled.sound:
            return Made()
        made = Made(kind=kind, secrets=filled.secrets, trouble=unset(filled.unset))
        return made if made.trouble else dataclasses.replace(made, check=self.check(kind, filled.value, at, made))

    def kind(self, name: str, at: DataPath) -> type[Check] | None:
        """The kind of that name, or None and a mistake."""
        try:
            return self.catalog.find(name)
        except ConfigError as error:
            for problem in error.problems:
                if problem.place:
                    self.mistakes.add([problem])
                else:
                    self.mistakes.fault(problem.message, (*at, "check"), problem.hint)
        return None

    def check(self, kind: type[Check], options: Any, at: DataPath, made: Made) -> Check | None:
        """The check with its options, or None and the mistakes in them."""
        quote = self.policy.selection.redact if made.secrets else str
        check, problems = validate(kind, options, self.checklist.document, (*at, "with"), quote=quote)
        self.mistakes.add(problems)
        told = self.policy.told_to_strangers(kind, check, made.secrets) if check and not problems else None
        if told:
            message = f"the secret {told} would become part of a host name, which others see"
            self.mistakes.secret(message, (*at, "with"))
        return check
