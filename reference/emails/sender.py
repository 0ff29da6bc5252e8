"""Writes the mail from its templates and hands it to the mail server."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path

import aiosmtplib
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from api.settings import Settings, SmtpTls
from emails.outbox import Letter

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).with_name("templates")
SUPPORT = "support@kamiyo.ai"
SUBJECT = "Your KAMIYO MCP token"
STEP_SECONDS = 10.0
TOTAL_SECONDS = 30.0
"""From the first packet to the server's last word."""


class MailServerFailed(Exception):
    """The mail was not taken; its text is the name of the fault, without addresses."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """The way to the mail server of the settings."""

    settings: Settings
    plan_names: Mapping[str, str]
    """Name of each tier."""
    templates: Environment = field(
        default_factory=lambda: Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )
    )

    async def send(self, letter: Letter) -> None:
        """Send the mail with the token. Raises MailServerFailed."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                await self._hand_over(self.message(letter))
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            # not the server's text: it quotes the address
            context = {"fault": type(error).__name__, "smtp_code": getattr(error, "code", None)}
            log.warning("mail_server_failed", extra={"context": context})
            raise MailServerFailed(type(error).__name__) from None

    def message(self, letter: Letter) -> EmailMessage:
        """The mail, as text and as HTML. Raises ValueError for an address that no header can hold."""
        values = {
            "token": letter.token,
            "plan": self.plan_names[letter.tier],
            "setup_url": f"{self.settings.site}/mcp/setup",
            "support": SUPPORT,
        }
        message = EmailMessage()
        message["From"] = self.settings.smtp_from
        message["To"] = letter.recipient
        message["Reply-To"] = SUPPORT
        message["Subject"] = SUBJECT
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self.settings.smtp_from)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.templates.get_template("mcp_token_welcome.txt").render(values))
        html = self.templates.get_template("mcp_token_welcome.html").render(values)
        message.add_alternative(html, subtype="html")
        return message

    async def _hand_over(self, message: EmailMessage) -> None:
        to, secret = self.settings, self.settings.smtp_password.get_secret_value()
        server = aiosmtplib.SMTP(
            hostname=to.smtp_host,
            port=to.smtp_port,
            username=to.smtp_username or None,
            password=secret or None,
            use_tls=to.smtp_tls is SmtpTls.TLS,
            # required, not tried: who is in the way could take the offer out
            start_tls=to.smtp_tls is SmtpTls.STARTTLS,
            timeout=STEP_SECONDS,
        )
        try:
            await server.connect()
            await server.send_message(message)
        finally:
            server.close()  # without a QUIT: nobody waits for a server that does not answer
