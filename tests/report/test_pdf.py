"""The PDF: on paper what the page says, with the signed files inside."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from readiness.report import pdf
from readiness.report.json import render as as_json
from readiness.signoff.model import BUNDLE
from tests.engine import ROOT
from tests.report.hostile import hostile
from tests.report.pages import SIGNED_OFF, of_states, report

pytest.importorskip("weasyprint")
if shutil.which("pdftotext") is None:
    pytest.skip("poppler's tools are not installed", allow_module_level=True)


pytestmark = pytest.mark.slow


def poppler(tool: str, *arguments: str | Path) -> str:
    return subprocess.run([tool, *map(str, arguments)], capture_output=True, check=True).stdout.decode("utf-8")


def test_it_reads_as_the_page_does(tmp_path: Path) -> None:
    place = tmp_path / "report.pdf"
    place.write_bytes(pdf.render(of_states(), SIGNED_OFF))
    text = " ".join(poppler("pdftotext", "-layout", place, "-").split())
    for words in ("NOT READY", "Carol Example", "Two persons", "Could not be verified (1)", "expired 217 days ago"):
        assert words in text
    facts = poppler("pdfinfo", place)
    assert re.search(r"Title: +NOT READY: Checkout production readiness, production\n", facts)
    assert re.search(r"Tagged: +yes\n", facts)
    assert re.search(r"JavaScript: +no\n", facts)
    assert re.search(r"Page size: .*A4", facts)
    assert "1 of " in text


def test_the_signed_files_are_inside(tmp_path: Path) -> None:
    place = tmp_path / "report.pdf"
    files = {"report.json": as_json(report()).encode(), BUNDLE: b'{"payload": ""}\n'}
    place.write_bytes(pdf.render(report(), SIGNED_OFF, files))
    poppler("pdfdetach", "-saveall", "-o", tmp_path, place)
    assert {name: (tmp_path / name).read_bytes() for name in files} == files


def test_it_is_the_same_document_every_time(tmp_path: Path) -> None:
    """In another process too, with another hash seed and an hour later."""
    files = {"report.json": as_json(report()).encode()}
    script = (
        "import sys; from readiness.report import json, pdf; from pathlib import Path\n"
        "raw = Path(sys.argv[1]).read_bytes()\n"
        "Path(sys.argv[2]).write_bytes(pdf.render(json.read(raw, 'x'), None, {'report.json': raw}))"
    )
    tmp_path.joinpath("report.json").write_bytes(files["report.json"])
    command = [sys.executable, "-c", script, str(tmp_path / "report.json"), str(tmp_path / "other.pdf")]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    subprocess.run(command, check=True, env=env)
    assert tmp_path.joinpath("other.pdf").read_bytes() == pdf.render(report(), None, files)


@pytest.mark.parametrize("text", ["\udcff \ufffe \x00 x", "<img src='file:///etc/passwd'>", "W" * 2000, "\u202e"])
def test_strangers_text_is_printed_as_text(tmp_path: Path, text: str) -> None:
    place = tmp_path / "report.pdf"
    place.write_bytes(pdf.render(*hostile(text)))
    assert "INVALID" in poppler("pdftotext", place, "-")
    assert "root:" not in poppler("pdftotext", place, "-")
