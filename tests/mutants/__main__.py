"""``python -m tests.mutants [NAME GLOB ...]``: how many defects the default checklist catches, and whom it accuses."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatchcase
from multiprocessing import get_context

from readiness.console import say
from tests.mutants.look import Finding, judge
from tests.mutants.model import Change, mutants, variants


def main(globs: Sequence[str]) -> int:
    """1 where a defect survives or a correct variant is accused."""
    begin = time.monotonic()
    defects, correct = _chosen(mutants(), globs), _chosen(variants(), globs)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        survivors = _tell("survived", pool.map(judge, defects))
        accused = _tell("false alarm", pool.map(judge, correct))
    score = f"killed {len(defects) - survivors}/{len(defects)}, false alarms {accused}/{len(correct)}"
    say([f"{score} in {time.monotonic() - begin:.0f} s"], sys.stdout)
    return 1 if survivors or accused else 0


def _chosen(changes: Sequence[Change], globs: Sequence[str]) -> list[Change]:
    return [change for change in changes if not globs or any(fnmatchcase(change.name, glob) for glob in globs)]


def _tell(word: str, findings: Iterable[Finding]) -> int:
    wrong = 0
    for finding in findings:
        if finding.complaint:
            wrong += 1
            say([f"{word}: {finding.name}: {finding.complaint}"], sys.stdout)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
