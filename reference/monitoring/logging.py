"""The log: one JSON object a line on standard output, without secrets.

A record's message is the name of an event; what belongs to it goes into ``context``::

    log.info("checkout_session_created", extra={"context": {"tier": "team"}})

The redaction is in the formatter. A filter on the root logger would not see the records of child
loggers, and nothing before the formatter sees a traceback.
"""

import json
import logging
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime

from monitoring.redaction import Redactor

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Names the request that is being answered, in the log and in the answer."""

QUIET = ("stripe", "asyncio", "aiohttp", "aiosqlite", "sqlalchemy", "alembic")
"""Libraries that log requests or statements with their data below WARNING, or each look of the health."""


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self.redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """The record with time (UTC), level, logger, event, request id, context and traceback."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self.redactor.text(record.getMessage()),
            "request_id": request_id.get(),
        }
        context = self.redactor.value(getattr(record, "context", {}))
        line |= {key: value for key, value in context.items() if key not in line}
        if record.exc_info:
            line["exception"] = self.redactor.text(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = self.redactor.text(record.stack_info)
        return json.dumps(line, ensure_ascii=True)


def configure_logging(level: str, secrets: Iterable[str]) -> None:
    """Send every logger's records through the one redacting handler; the secrets are known by value."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(Redactor.knowing(secrets)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        _adopt(logging.getLogger(name))
    # its lines hold the query string, and the service writes its own line for each request
    logging.getLogger("uvicorn.access").handlers = []
    logging.getLogger("uvicorn.access").propagate = False
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _adopt(logger: logging.Logger) -> None:
    logger.handlers = []
    logger.propagate = True
