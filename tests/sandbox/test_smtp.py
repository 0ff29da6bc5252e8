"""The mail server that delivers to nobody."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage

import httpx
import pytest

from readiness.sandbox.smtp import SIZE_LIMIT, SmtpSandbox
from tests.threads import no_thread_stays


@pytest.fixture
def smtp() -> Iterator[SmtpSandbox]:
    with SmtpSandbox() as sandbox:
        yield sandbox


def letter(to: str = "buyer@shop.example", subject: str = "Grüße — your token") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "KAMIYO <hello@kamiyo.example>", to, subject
    message.set_content("Your token: abc\n.\n.. dots at the beginning\n")
    message.add_alternative("<p>Your token: <code>abc</code> ✓</p>", subtype="html")
    return message


def send(smtp: SmtpSandbox, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=10) as client:
        client.send_message(message)


def test_a_letter_lies_in_the_inbox_with_its_parts_and_envelope(smtp: SmtpSandbox) -> None:
    send(smtp, letter())
    (mail,) = smtp.inbox.wait(1)
    assert (mail.sender, mail.recipients, mail.subject) == (
        "hello@kamiyo.example",
        ("buyer@shop.example",),
        "Grüße — your token",
    )
    assert mail.body("plain") == "Your token: abc\n.\n.. dots at the beginning\n"
    assert "<code>abc</code> ✓" in mail.body("html")


def test_checks_read_it_over_http(smtp: SmtpSandbox) -> None:
    send(smtp, letter())
    send(smtp, letter(to="other@shop.example"))
    smtp.inbox.wait(2)
    with httpx.Client(base_url=smtp.inbox.url, trust_env=False) as client:
        assert [one["to"] for one in client.get("/messages").json()] == [["buyer@shop.example"], ["other@shop.example"]]
        assert [one["number"] for one in client.get("/messages?to=other@shop.example").json()] == [2]
        assert client.get("/messages/1").json()["text"].startswith("Your token: abc")
        assert client.get("/messages/3").status_code == client.get("/").status_code == 404
        assert client.delete("/messages").status_code == 200
        assert client.get("/messages").json() == []
    assert not smtp.inbox.mails


def test_a_refusal_keeps_nothing(smtp: SmtpSandbox) -> None:
    smtp.refuse = "451 4.3.0 try again later"
    with pytest.raises(smtplib.SMTPDataError, match="try again later"):
        send(smtp, letter())
    assert not smtp.inbox.mails
    with pytest.raises(TimeoutError, match="0 of 1"):
        smtp.inbox.wait(1, timeout=0.01)


def test_a_letter_that_is_too_long_is_refused(smtp: SmtpSandbox) -> None:
    message = EmailMessage()
    message.set_content("x\n" * SIZE_LIMIT)
    with pytest.raises(smtplib.SMTPSenderRefused):
        send(smtp, message)


def test_it_stops_with_a_session_open_and_leaves_no_thread() -> None:
    with no_thread_stays(), SmtpSandbox() as smtp:
        client = socket.create_connection(("127.0.0.1", smtp.port), timeout=10)
        assert client.recv(3) == b"220"
    rest = b"".join(iter(lambda: client.recv(4096), b""))
    client.close()
    assert b"sandbox" in rest


def test_a_port_that_is_taken_is_told_and_leaves_no_thread() -> None:
    with no_thread_stays(), socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        SmtpSandbox(port=taken.getsockname()[1]).__enter__()
