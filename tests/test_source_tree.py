"""Which paths are the source, and that its digest is the same on every machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.git import is_report, top_of
from readiness.source import read_source, tree_digest
from tests.engine import commit_all, git

RUN = "production/20261123T230346Z-a93cb2c665f5"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("reports/README.md", True),
        (f"reports/{RUN}/report.html", True),
        ('"reports/caf\\303\\251.md"', True),
        (f"services/shop/reports/{RUN}/report.json", True),
        (f"services/shop/reports/{RUN}/report.json.intoto.jsonl", True),
        (f'"caf\\303\\251/reports/{RUN}/report.json"', True),
        ("services/shop/reports/ledger.jsonl", True),
        ("services/shop/reports/.gitattributes", True),
        (f"services/shop/reports/{RUN}/report.py", False),
        (f"services/shop/reports/{RUN}/report.json/app.py", False),
        ("services/shop/reports/app.py", False),
        ("services/shop/reports/production/now/report.json", False),
        ("src/reports.py", False),
        ("reports.py", False),
        ('"\\"reports/app.py"', False),
    ],
)
def test_what_is_a_report(path: str, expected: bool) -> None:
    assert is_report(path) is expected


def test_the_digest_does_not_depend_on_settings(tmp_path: Path) -> None:
    (tmp_path / "café.py").write_text("1\n", "utf-8")
    commit_all(tmp_path)
    plain = tree_digest(tmp_path, "HEAD")
    git(tmp_path, "config", "core.quotePath", "false")
    assert tree_digest(tmp_path, "HEAD") == plain


def test_reports_beside_a_service_are_no_change_of_it(tmp_path: Path) -> None:
    service = tmp_path / "services" / "shop"
    for name in (f"reports/{RUN}/report.json", f"reports/{RUN}/report.json.intoto.jsonl", "reports/ledger.jsonl"):
        (service / name).parent.mkdir(parents=True, exist_ok=True)
        (service / name).write_text("{}\n", "utf-8")
    (service / "app.py").write_text("1\n", "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "services/shop/app.py")
    git(tmp_path, "commit", "-q", "-m", "app")
    assert read_source(service, service / "reports").dirty is False
    (service / "reports" / "app.py").write_text("2\n", "utf-8")
    assert read_source(service, service / "reports").dirty is True


def test_files_that_look_like_a_repository_are_none(tmp_path: Path) -> None:
    """HEAD, objects and refs may be committed in any folder; a .git may not."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "init", "-q", "--bare", "inner")
    assert top_of(tmp_path / "inner") == tmp_path
    assert read_source(tmp_path / "inner", tmp_path / "reports").commit is None
