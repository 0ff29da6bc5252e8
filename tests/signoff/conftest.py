"""The release that the tests of verification begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.signoff.scene import Scene, build, copy_of


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Made once; nobody changes it."""
    return build(tmp_path_factory.mktemp("release"))


@pytest.fixture
def scene(template: Scene, tmp_path: Path) -> Scene:
    """A release with a report that nobody has signed."""
    return copy_of(template, tmp_path)


@pytest.fixture(scope="session")
def signed(template: Scene, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The release, completed by alice and approved by carol; made once, nobody changes it."""
    return copy_of(template, tmp_path_factory.mktemp("signed")).signed()
