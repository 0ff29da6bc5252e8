"""Facts to a verdict: pure, and the only place that knows what blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from readiness import __version__
from readiness.api import Reason
from readiness.checklist.model import Checklist, Gate, State
from readiness.errors import ExitCode
from readiness.facts import Fact, Facts, roll_up
from readiness.light import dataclass
from readiness.people.bench import Bench
from readiness.people.model import People
from readiness.plan import Plan, Step
from readiness.records import attestation_record, outcome_record
from readiness.report.model import (
    SCHEMA,
    ChecklistRef,
    FileRef,
    Report,
    Result,
    Score,
    SectionRecord,
    Source,
    Tool,
    Verdict,
    VerdictRecord,
)
from readiness.timestamps import timestamp
from readiness.verdict import VERDICTS, Rules, Run, conditions, decide
from readiness.whole import UNSATISFIED, group_of, sum_of


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a report says of the run besides its items."""

    source: Source
    checklist: str | None = None
    """The checklist's path from the top of its repository."""
    resolver: str | None
    allowed: tuple[str, ...]


NOBODY = People()


def judge(
    checklist: Checklist, plan: Plan, facts: Facts, circumstances: Circumstances, people: People = NOBODY
) -> Report:
    """The report of a run; its verdict follows from facts, people, gate, source and the run's own clock alone."""
    bench = Bench(people=people, environment=plan.environment, now=facts.finished)
    results = tuple(_results(plan, facts, bench))
    document = checklist.header.document
    return Report(
        schema=SCHEMA,
        tool=Tool(name="readiness", version=__version__),
        service=checklist.header.service,
        title=checklist.header.title,
        document=document,
        environment=plan.environment,
        gate=plan.gate_name,
        rules=plan.gate,
        partial=plan.partial or facts.interrupted,
        interrupted=facts.interrupted,
        commit=circumstances.source.commit,
        dirty=circumstances.source.dirty,
        source_digest=circumstances.source.source_digest,
        checklist=ChecklistRef(
            path=circumstances.checklist or checklist.path.name,
            sha256=checklist.sha256,
            version=document.version if document else None,
        ),
        people=tuple(FileRef(path=file.path, sha256=file.sha256) for file in people.files),
        started=timestamp(facts.started),
        finished=timestamp(facts.finished),
        resolver=circumstances.resolver,
        allowed=circumstances.allowed,
        verdict=_verdict(plan, facts, results, circumstances.source),
        waivers=bench.records(facts.by_id.values()),
        sections=tuple(_sections(checklist, results)),
        results=results,
        contacts=checklist.header.contacts,
        notes=checklist.header.notes,
    )


def _rules(gate: Gate) -> Rules:
    return Rules(**vars(gate))


def _verdict(plan: Plan, facts: Facts, results: tuple[Result, ...], source: Source) -> VerdictRecord:
    deciding = [result for result in results if not result.whole]
    counts = Counter(result.state for result in deciding)
    rules = _rules(plan.gate)
    blocking = [result for result in deciding if result.blocking]
    waived = [result for result in deciding if result.waiver and rules.blocks(result.state, result.severity)]
    run = Run(
        interrupted=facts.interrupted,
        partial=plan.partial,
        passed=counts[State.PASS],
        commit=source.commit,
        dirty=source.dirty,
    )
    unmet = dict(conditions(plan.gate_name, rules, run))
    code = decide((result.state for result in blocking), unmet.values())
    applicable = len(deciding) - counts[State.NOT_APPLICABLE]
    return VerdictRecord(
        state=Verdict(VERDICTS[code]),
        exit_code=ExitCode.INTERRUPTED if facts.interrupted else code,
        because=_because(code, blocking, tuple(unmet), counts, waived),
        blocking=tuple(result.id for result in blocking),
        conditions=tuple(unmet),
        counts={state.value: counts[state] for state in State},
        waived=len(waived),
        attested=sum(1 for result in deciding if _attested(result)),
        score=Score(
            passed=counts[State.PASS],
            applicable=applicable,
            unknown=applicable - counts[State.PASS] - counts[State.FAIL],
        ),
    )


def _attested(result: Result) -> bool:
    """Whether a person decided it, and not a filter or its environment."""
    if result.attestation is None or not result.attestation.valid:
        return False
    return result.reason is Reason.ATTESTED or result.state is State.PASS


def _because(
    code: ExitCode,
    blocking: list[Result],
    unmet: tuple[str, ...],
    counts: Counter[State],
    waived: list[Result],
) -> str:
    if code is ExitCode.READY:
        left = counts - Counter(result.state for result in waived)
        rest = [f"{left[state]} {state.value}" for state in UNSATISFIED if left[state]]
        through = [f"the gate lets {', '.join(rest)} through"] if rest else []
        return "; ".join(["nothing blocks", *_waived(waived), *through])
    states = Counter(result.state for result in blocking)
    parts = [f"{states[state]} {_item(states[state])} {_says(state)}" for state in State if states[state]]
    return "; ".join([*parts, *unmet])


def _waived(results: list[Result]) -> list[str]:
    names = dict.fromkeys(result.waiver.id for result in results if result.waiver)
    return [f"{len(results)} waived ({', '.join(names)})"] if results else []


def _item(count: int) -> str:
    return "item" if count == 1 else "items"


def _says(state: State) -> str:
    words = {
        State.FAIL: "failed",
        State.ERROR: "could not be verified",
        State.PENDING: "waiting for a person",
        State.SKIPPED: "not looked at",
    }
    return words[state]


def _sections(checklist: Checklist, results: tuple[Result, ...]) -> Iterable[SectionRecord]:
    for name, title in checklist.sections.items():
        yield SectionRecord(
            id=name, title=title, state=roll_up([result.state for result in results if result.section == name])
        )


def _results(plan: Plan, facts: Facts, bench: Bench) -> Iterable[Result]:
    """In file order; what sums up all others is decided last, wherever it stands."""
    single = [step for step in plan.steps if step.settled or not step.whole]
    decided = {step.id: _result(step, facts.by_id[step.id], plan.gate, bench) for step in single}
    for step in plan.steps:
        if step.id in decided:
            yield decided[step.id]
        elif step.children:
            yield _result(step, group_of(step, facts), plan.gate, bench)
        else:
            yield _result(step, sum_of(step, decided.values(), plan.gate), plan.gate, bench)


def _result(step: Step, fact: Fact, gate: Gate, bench: Bench) -> Result:
    bad, whole = fact.state in UNSATISFIED, bool(step.item.items)
    waiver = None if whole or not bad else bench.waiver(fact)
    return Result(
        id=step.id,
        title=step.item.title,
        section=step.entry.section,
        seed=step.item.seed,
        severity=step.severity,
        check=step.item.check,
        manual=None if step.item.check or whole else step.item.manual,
        state=fact.state,
        reason=fact.reason,
        message=fact.message,
        fix=_fix(step, fact) if bad else None,
        blocking=not whole and waiver is None and _rules(gate).blocks(fact.state, step.severity),
        attempts=fact.attempts,
        flaky=fact.flaky,
        started=timestamp(fact.started) if fact.started else None,
        duration_ms=round(fact.duration * 1000),
        outcomes=tuple(outcome_record(outcome) for outcome in fact.outcomes),
        attestation=attestation_record(step.standing, fact) if step.standing else None,
        waiver=waiver,
        controls=step.item.controls,
        owner=step.item.owner,
        parent=step.entry.parent,
        whole=whole,
    )


def _fix(step: Step, fact: Fact) -> str | None:
    """The item's cure where it failed; how to get the instrument back where nothing could be seen."""
    if fact.state is State.FAIL:
        return step.item.fix
    return fact.fix or (step.item.fix if fact.reason is Reason.MISSING else None)
