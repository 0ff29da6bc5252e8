"""readiness tells a team whether a service may go to production, and proves it."""

from __future__ import annotations

__version__ = "0.1.0"
