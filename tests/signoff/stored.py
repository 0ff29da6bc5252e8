"""A report to sign, and processes that sign it."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

from readiness.signoff import ledger, store
from readiness.signoff.ledger import Kind, Record
from readiness.signoff.model import Decision, Role
from tests.engine import ROOT, unmeasured

AT = datetime(2026, 11, 23, 22, 15, tzinfo=UTC)


def record(signer: str = "carol@kamiyo.ai") -> Record:
    return Record(
        kind=Kind.SIGN_OFF,
        at=AT,
        environment="production",
        report="a" * 64,
        commit="c" * 40,
        statement="b" * 64,
        role=Role.COMPLETER,
        decision=Decision.APPROVE,
        signer=signer,
    )


def make_report(folder: Path, run: str = "20261123T221115Z-0123456789ab") -> Path:
    place = folder / "reports" / "production" / run
    place.mkdir(parents=True)
    (place / "report.json").write_text("{}\n", "utf-8")
    return place / "report.json"


def signers(report: Path) -> tuple[list[str], list[str]]:
    """Who is in the bundle, and who in the ledger."""
    stored = store.load(report)
    entries = ledger.read(stored.ledger or b"").entries
    return [json.loads(line)["by"] for line in stored.bundle.splitlines()], [str(entry.signer) for entry in entries]


def sign(report: Path, name: str) -> None:
    store.append(report, record(name), json.dumps({"by": name}).encode())


def script(source: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A process that runs `source` with this module's helpers."""
    head = "import sys\nfrom pathlib import Path\nfrom tests.signoff.stored import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + textwrap.dedent(source), *map(str, arguments)],
        env=unmeasured(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    return out
