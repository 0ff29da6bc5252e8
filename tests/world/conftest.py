"""What the tests share: a PostgreSQL."""

from __future__ import annotations

from tests.postgres import postgres

__all__ = ["postgres"]
