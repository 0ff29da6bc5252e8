"""Everything of the demo that is looked at from outside, in one run, beside the slowest single probe of that run.

What a run adds to its slowest probe is waiting for room, for other items and for other threads.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Contest, Figures, Program, once

OUTSIDE = ("dns", "http", "stripe", "webhook")
"""Families of check kinds that look at what runs, not at files."""
DEFECT = "spf-missing"
ALL, SLOWEST = "all probes of the run", "its slowest probe"


def contest(readiness: str, folder: Path, *, at_most: float) -> Contest:
    """Whole runs of the demo; both figures are taken from the report that each writes."""
    folder.mkdir(parents=True, exist_ok=True)
    argv = (readiness, "demo", "--reports", str(folder / "reports"))
    demo = Program(name=ALL, argv=argv, cwd=folder)
    slowest = Program(name=SLOWEST, argv=argv, cwd=folder, at_most=at_most)
    title = "outside: the demo's probes of Stripe, webhook, DNS and HTTP"
    return Contest(title=title, ours=demo, peers=(slowest,), rounds=3, figures=lambda rounds: _figures(demo, rounds))


def _figures(demo: Program, rounds: int) -> Mapping[str, Figures]:
    figures = {ALL: Figures(), SLOWEST: Figures()}
    for _ in range(rounds):
        trouble = _measure_once(demo, figures)
        if trouble:
            return {name: Figures(trouble=trouble) for name in figures}
    broken = Program(name=ALL, argv=(*demo.argv, "--break", DEFECT), cwd=demo.cwd)
    if once(broken).exit_code == 0:
        return {name: Figures(trouble="did not see the planted defect") for name in figures}
    return figures


def _measure_once(demo: Program, figures: Mapping[str, Figures]) -> str | None:
    """One run into the figures, or why there is none."""
    with tempfile.TemporaryDirectory(dir=demo.cwd) as reports:
        run = once(Program(name=demo.name, argv=(*demo.argv[:-1], reports), cwd=demo.cwd))
        found = list(Path(reports).rglob("report.json"))
        if run.exit_code or len(found) != 1:
            return f"ended with {run.exit_code}: {run.last_line}"
        probes = [one for one in json.loads(found[0].read_bytes())["results"] if _is_outside(one)]
    if not probes:
        return "looked at nothing outside"
    figures[ALL].seconds.append(max(map(_end, probes)) - min(map(_start, probes)))
    figures[SLOWEST].seconds.append(max(one["duration_ms"] for one in probes) / 1000)
    figures[ALL].peak = max(figures[ALL].peak, run.peak)
    return None


def _is_outside(result: Mapping[str, Any]) -> bool:
    return bool(result["attempts"]) and (result["check"] or "").partition(".")[0] in OUTSIDE


def _start(result: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(result["started"]).timestamp()


def _end(result: Mapping[str, Any]) -> float:
    return _start(result) + float(result["duration_ms"]) / 1000
