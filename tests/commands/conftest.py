"""The release in which the commands of sign-off are run."""

from __future__ import annotations

import pytest

from tests.commands.signing_office import Office
from tests.signoff.conftest import scene, template
from tests.signoff.scene import Scene

__all__ = ["scene", "template"]


@pytest.fixture
def office(scene: Scene, capsys: pytest.CaptureFixture[str]) -> Office:
    """Its people, at the command line."""
    return Office(scene, capsys)
