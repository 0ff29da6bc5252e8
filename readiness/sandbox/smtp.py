"""A mail server that delivers to nobody: what it accepts lies in an inbox that people and checks can read."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any, Self

from readiness.extras import require
from readiness.sandbox.listener import LOOPBACK
from readiness.sandbox.web import Answer, Asked, WebSandbox

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

SIZE_LIMIT = 1 << 20
"""Bytes of a message (RFC 1870); a longer one is refused with 552."""
INBOX_LIMIT = 1_000
"""Messages that are kept; the oldest goes first."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One message that was accepted."""

    number: int
    """Counts from 1 and is never used again."""
    sender: str
    """Of the envelope: the return path."""
    recipients: tuple[str, ...]
    """Of the envelope."""
    at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Decoded."""
        return str(self.message.get("subject", ""))

    def body(self, kind: str) -> str:
        """The text of the part of that subtype, ``plain`` or ``html``; empty where there is none."""
        part = self.message.get_body((kind,))
        return part.get_content().replace("\r\n", "\n") if isinstance(part, EmailMessage) else ""

    def as_json(self) -> Mapping[str, Any]:
        """As the inbox shows it."""
        return {
            "number": self.number,
            "at": self.at.isoformat(timespec="milliseconds"),
            "from": self.sender,
            "to": list(self.recipients),
            "subject": self.subject,
            "headers": [[name, str(value)] for name, value in self.message.items()],
            "text": self.body("plain"),
            "html": self.body("html"),
        }


class Inbox(WebSandbox):
    """The messages so far, in Python and as JSON.

    ``GET /messages`` (``?to=ADDRESS`` for one recipient's), ``GET /messages/NUMBER``, ``DELETE /messages``.
    """

    def __init__(self, *, port: int = 0) -> None:
        super().__init__(port=port)
        self._changed = threading.Condition()
        self._mails: list[Mail] = []
        self._count = 0

    @property
    def mails(self) -> tuple[Mail, ...]:
        """Oldest first."""
        with self._changed:
            return tuple(self._mails)

    def keep(self, sender: str, recipients: tuple[str, ...], raw: bytes) -> None:
        """Take a message in."""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        if not isinstance(message, EmailMessage):  # the policy makes them so
            raise TypeError(type(message).__name__)
        with self._changed:
            self._count += 1
            mail = Mail(number=self._count, sender=sender, recipients=recipients, at=datetime.now(UTC), message=message)
            self._mails = [*self._mails[-INBOX_LIMIT + 1 :], mail]
            self._changed.notify_all()

    def wait(self, count: int, *, timeout: float = 10.0) -> tuple[Mail, ...]:
        """The messages, as soon as there are so many. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._mails) >= count, timeout):
                raise TimeoutError(f"{len(self._mails)} of {count} messages came within {timeout:g} s")
            return tuple(self._mails)

    def clear(self) -> None:
        """Throw them away."""
        with self._changed:
            self._mails = []

    def answer(self, asked: Asked) -> Answer:
        """As JSON."""
        path, _, query = asked.path.partition("?")
        if asked.method == "DELETE" and path == "/messages":
            self.clear()
            return Answer.json({})
        found = re.fullmatch(r"/messages(?:/(\d+))?", path)
        if asked.method != "GET" or found is None:
            return Answer.json({"error": "GET /messages, GET /messages/NUMBER or DELETE /messages"}, 404)
        mails = [mail.as_json() for mail in self.mails if found[1] in {None, str(mail.number)}]
        if found[1]:
            return Answer.json(mails[0]) if mails else Answer.json({"error": f"no message {found[1]}"}, 404)
        wanted = _value(query, "to")
        return Answer.json([mail for mail in mails if wanted is None or wanted in mail["to"]])


def _value(query: str, name: str) -> str | None:
    from urllib.parse import parse_qs

    values = parse_qs(query).get(name)
    return values[0] if values else None


class SmtpSandbox:
    """SMTP on 127.0.0.1 while the context is open (RFC 5321), and its inbox beside it.

    ``refuse`` makes it answer every message with that line, such as ``451 4.3.0 try again later``.
    Needs the extra ``reference``, which brings aiosmtpd.
    """

    def __init__(self, *, port: int = 0, inbox_port: int = 0) -> None:
        require("reference", "the SMTP sandbox")
        self.inbox = Inbox(port=inbox_port)
        self.refuse: str | None = None
        self._wanted = port
        self._started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="sandbox-smtp", daemon=True)
        self._server: asyncio.Server | None = None
        self._error: OSError | None = None
        self._sessions: weakref.WeakSet[SMTP] = weakref.WeakSet()

    @property
    def port(self) -> int:
        """Where it listens."""
        if self._server is None:
            raise RuntimeError("the SMTP sandbox is not started; use it as a context manager")
        return int(self._server.sockets[0].getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        if self._error is not None:
            self._thread.join()
            raise self._error
        self.inbox.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self.inbox.__exit__()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's name
        """What aiosmtpd calls with a whole message."""
        if self.refuse:
            return self.refuse
        raw = envelope.content or b""
        recipients = tuple(str(one) for one in envelope.rcpt_tos)
        self.inbox.keep(envelope.mail_from or "", recipients, raw if isinstance(raw, bytes) else raw.encode())
        return "250 2.0.0 kept in the inbox"

    def _serve(self) -> None:
        try:
            self._server = self._loop.run_until_complete(self._listen())
        except OSError as error:
            self._error = error
        finally:
            self._started.set()
        if self._server is not None:
            self._loop.run_forever()
            self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        from aiosmtpd.smtp import SMTP

        def session() -> SMTP:
            made = SMTP(self, data_size_limit=SIZE_LIMIT, hostname="sandbox", ident="readiness sandbox", timeout=30)
            self._sessions.add(made)
            return made

        return await self._loop.create_server(session, LOOPBACK, self._wanted)

    async def _end(self) -> None:
        """Listen no more, and leave no session behind."""
        if self._server is not None:
            self._server.close()
        for session in list(self._sessions):
            if session.transport is not None:
                session.transport.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
