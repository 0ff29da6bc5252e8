"""Optional parts of the installation, and how to get one that is missing."""

from __future__ import annotations

from importlib.util import find_spec

from readiness.errors import Problem, UsageError

EXTRAS = {
    "pdf": ("weasyprint",),
    "postgres": ("psycopg",),
    "reference": (
        "aiohttp",
        "aiosmtpd",
        "aiosmtplib",
        "aiosqlite",
        "alembic",
        "asyncpg",
        "fastapi",
        "limits",
        "prometheus_client",
        "pydantic_settings",
        "redis",
        "sentry_sdk",
        "sqlalchemy",
        "structlog",
        "uvicorn",
    ),
}
"""Modules that each extra brings."""


def install_command(extra: str) -> str:
    """What to type."""
    return f"pip install 'readiness[{extra}]'"


def require(extra: str, purpose: str) -> None:
    """Raises UsageError with the install command where an extra is missing."""
    absent = [module for module in EXTRAS[extra] if find_spec(module) is None]
    if absent:
        verb = "is" if len(absent) == 1 else "are"
        message = f"{purpose} needs the extra [{extra}]: {', '.join(absent)} {verb} not installed"
        raise UsageError([Problem(message=message, hint=install_command(extra))])
