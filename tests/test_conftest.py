"""A skip is a failure where everything has to be there, however it comes about."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BY_CALL = "import pytest\ndef test_it(): pytest.skip('no browser')\n"
BY_MARK = "import pytest\n@pytest.mark.skipif(True, reason='no browser')\ndef test_it(): pass\n"
BY_MODULE = "import pytest\npytest.skip('no browser', allow_module_level=True)\n"
BY_IMPORT = "import pytest\npytest.importorskip('no_such_module', reason='no browser')\n"
EXPECTED_FAILURE = "import pytest\n@pytest.mark.xfail\ndef test_it(): assert 0\n"


def run(folder: Path, source: str, *, require_all: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    folder.joinpath("test_one.py").write_text(source + "\ndef test_other(): pass\n", encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        env={**os.environ, "READINESS_REQUIRE_ALL": require_all, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("source", [BY_CALL, BY_MARK, BY_MODULE, BY_IMPORT])
def test_a_skip_fails_where_all_is_required(tmp_path: Path, source: str) -> None:
    done = run(tmp_path, source, require_all="1")
    assert done.returncode not in (0, 5), done.stdout
    assert "no browser" in done.stdout
    assert "scripts/setup" in done.stdout


@pytest.mark.parametrize("source", [BY_CALL, BY_MARK])
def test_a_skip_is_a_skip_elsewhere(tmp_path: Path, source: str) -> None:
    done = run(tmp_path, source, require_all="")
    assert done.returncode == 0, done.stdout
    assert "1 skipped" in done.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    assert run(tmp_path, EXPECTED_FAILURE, require_all="1").returncode == 0
