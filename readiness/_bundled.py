"""Where the default check kinds, the default checklist and the reference service are.

In a wheel they lie inside the package (``readiness/_bundled``), in a checkout beside it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_WHEEL = _PACKAGE / "_bundled"
ROOT = _WHEEL if _WHEEL.is_dir() else _PACKAGE.parent

CHECKS = ROOT / "checks"
CHECKLIST = ROOT / "checklist.yaml"
REFERENCE = ROOT / "reference"
