"""Looking without privileges, also where root runs the tests: root reads every file, whatever its mode."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def without_privileges(folder: Path) -> Iterator[None]:
    """Root becomes nobody for a moment, who may list `folder` and get to it; anybody else stays who they are."""
    if os.geteuid() != 0:
        yield
        return
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode & 0o7777
        if mode & 0o055 != 0o055:
            place.chmod(mode | (0o055 if place == folder else 0o011))
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
