"""The log: one JSON object a line on standard output, without secrets.

A record's message is the name of an event; what belongs to it goes into ``context``::

    log.info("checkout_session_created", extra={"context": {"tier": "team"}})

The service, its libraries and the server all write through the standard library's loggers, and
structlog renders what they wrote (https://www.structlog.org/en/stable/standard-library.html). The
redaction is the last processor before the renderer: a filter on the root logger would not see the
records of child loggers, and nothing before the renderer sees a traceback.
"""

import json
import logging
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from monitoring.redaction import Redactor

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Names the request that is being answered, in the log and in the answer."""

QUIET = (
    "stripe", "asyncio", "aiohttp", "aiosqlite", "sqlalchemy", "alembic", "sentry_sdk", "urllib3", "redis", "limits"
)  # fmt: skip
"""Libraries that log requests or statements with their data below WARNING, or each look of the health."""
SERVER = ("uvicorn", "uvicorn.error", "uvicorn.asgi")
OF_STRUCTLOG = {"_record", "_from_structlog", "event", "exc_info", "stack_info", "stack", "exception"}


def configure_logging(level: str, secrets: Iterable[str]) -> None:
    """Send every logger's records through the one redacting handler; the secrets are known by value."""
    structlog.configure(
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = Handler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=processors(Redactor.knowing(secrets))))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for name in SERVER:
        _adopt(logging.getLogger(name))
    # its lines hold the query string, and the service writes its own line for each request
    logging.getLogger("uvicorn.access").handlers = []
    logging.getLogger("uvicorn.access").propagate = False
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def processors(redactor: Redactor) -> list[Processor]:
    """From a record to its line."""

    def redact(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        clean: EventDict = redactor.value(dict(line))
        return clean

    return [
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        line_of,
        redact,  # nothing may come between this and the renderer
        structlog.processors.JSONRenderer(ensure_ascii=True),
    ]


def line_of(_logger: WrappedLogger, _method: str, written: EventDict) -> EventDict:
    """The line: time (UTC), level, logger, event, request id, then context, traceback and stack.

    A context cannot replace what the line says of itself.
    """
    record: logging.LogRecord = written["_record"]
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": written["event"],
        "request_id": request_id.get(),
    }
    bound = {name: value for name, value in written.items() if name not in OF_STRUCTLOG}
    context = {**bound, **getattr(record, "context", {})}
    line |= {str(name): value for name, value in context.items() if name not in line}
    traces = ("exception", "stack")
    return line | {name: written[name] for name in traces if written.get(name)}


class Handler(logging.StreamHandler[Any]):
    """Writes lines; a record that cannot be rendered is reported without what it held."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """The standard library would write the record's arguments to standard error."""
        line = {"level": "error", "logger": __name__, "event": "unloggable", "line": record.lineno}
        self.stream.write(json.dumps(line) + "\n")


def _adopt(logger: logging.Logger) -> None:
    logger.handlers = []
    logger.propagate = True
