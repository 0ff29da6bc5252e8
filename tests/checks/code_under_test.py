"""A repository of a few Python files, and what the kind `python.calls` says of it."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from checks.python_calls import PythonCalls
from readiness.redact import Redactor
from readiness.world import Outside
from readiness.world.env import Env


def complaints(root: Path, tree: dict[str, str], **options: Any) -> list[str]:
    for path, text in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(textwrap.dedent(text))
    world = Outside(environment="test", root=root, env=Env({}, None, Redactor()), redactor=Redactor())
    found = list(PythonCalls(**options).run(world))
    assert found
    return [outcome.message for outcome in found if not outcome.ok]
