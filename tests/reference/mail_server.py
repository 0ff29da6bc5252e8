"""A real mail server in the test's process: it keeps what it gets, refuses, or is slow."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.ports import free_port

WAIT = 30.0


@dataclass(kw_only=True)
class MailServer:
    """What it got, and how it answers."""

    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[LoginPassword] = field(default_factory=list)
    answer: str = "250 OK"
    silent: bool = False
    """Take a mail and do not answer before the server ends."""
    port: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)
    tried: int = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the mail."""
        with self.changed:
            self.tried += 1
            if self.answer.startswith("2"):
                content = envelope.content
                assert isinstance(content, bytes)
                mail = message_from_bytes(content, policy=policy.default)
                assert isinstance(mail, EmailMessage)
                self.mails.append(mail)
            self.changed.notify_all()
        if self.silent:
            await asyncio.sleep(WAIT)
        return self.answer

    def login(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        """Let everybody in."""
        self.logins.append(data)
        return AuthResult(success=True)

    def to(self, recipient: str) -> list[EmailMessage]:
        """The mails that somebody got."""
        return [mail for mail in self.mails if mail["To"] == recipient]

    def wait(self, recipient: str, number: int = 1) -> EmailMessage:
        """The mail with which somebody has so many."""
        self._await(lambda: len(self.to(recipient)) >= number)
        return self.to(recipient)[number - 1]

    def wait_for_tries(self, number: int) -> None:
        """Until so many mails were offered, taken or not."""
        self._await(lambda: self.tried >= number)

    def _await(self, reached: Any) -> None:
        deadline = time.monotonic() + WAIT
        with self.changed:
            while not reached():
                assert self.changed.wait(deadline - time.monotonic()), f"{len(self.mails)} mails, {self.tried} tries"

    def settings(self) -> dict[str, str]:
        """The service's variables for it."""
        return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.port), "SMTP_TLS": "none"}


@contextmanager
def mail_server(*, port: int = 0, tls: ssl.SSLContext | None = None, **changes: Any) -> Iterator[MailServer]:
    """Take mails until the end of the block; with TLS only after STARTTLS and a login."""
    server = MailServer(**changes)
    more: dict[str, Any] = {}
    if tls:
        more = {"tls_context": tls, "require_starttls": True, "authenticator": server.login, "auth_required": True}
    controller = Controller(server, hostname="127.0.0.1", port=port or free_port(), **more)
    controller.start()
    server.port = controller.port
    try:
        yield server
    finally:
        controller.stop()


def token_of(mail: EmailMessage) -> str:
    """The token in a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    (token,) = [line for line in body.get_content().splitlines() if line.startswith("kamiyo_mcp_")]
    return str(token)
