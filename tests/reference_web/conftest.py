"""The pages on a running server, and a browser to look at them."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reference_web.scripted_site import Server, Site
from tests.reference_web.webdriver import Browser

REFERENCE = Path(__file__).resolve().parents[2] / "reference"

# Without Node and the packages there is nothing to build with; test_export.py compares digests instead.
CAN_BUILD = shutil.which("node") and (REFERENCE / "node_modules").is_dir()
collect_ignore = [] if CAN_BUILD else ["test_rebuild.py"]


@pytest.fixture
def site() -> Iterator[Site]:
    """A running site on a free port."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.site
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def chromedriver() -> Iterator[str]:
    """The address of a running chromedriver."""
    program = shutil.which("chromedriver")
    if program is None:
        pytest.skip("chromedriver is not installed")
    with subprocess.Popen([program, "--port=0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = (re.search(r"started successfully on port (\d+)", line) for line in process.stdout)
        port = next(match[1] for match in found if match)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture(scope="session")
def chromium(chromedriver: str) -> Iterator[Browser]:
    """One browser for all tests."""
    browser = Browser(chromedriver)
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The browser with a desktop's viewport; its storage belongs to the port of the test's own site."""
    chromium.viewport(1280, 900)
    chromium.console()
    yield chromium
    chromium.open("about:blank")
