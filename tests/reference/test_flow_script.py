"""scripts/test_checkout_flow.sh buys once against a running service, and is green only if all of it worked."""

from __future__ import annotations

import os
import re
import subprocess

from readiness.sandbox.smtp import SmtpSandbox
from readiness.sandbox.stripe import StripeSandbox
from tests.reference.figures import figures, rises
from tests.reference.service import ORIGIN, REFERENCE, WEBHOOK, Service, running
from tests.reference.shop import connected

SCRIPT = str(REFERENCE / "scripts" / "test_checkout_flow.sh")


def started(*arguments: str, **changes: str) -> subprocess.Popen[str]:
    """The script, under way."""
    env = {"PATH": os.environ["PATH"], "ORIGIN": ORIGIN, "PAY_SECONDS": "20", **changes}
    return subprocess.Popen([SCRIPT, *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code and what it still says."""
    said, _ = process.communicate(timeout=60)
    return process.returncode, said


def sentence(said: str) -> tuple[int, int, int]:
    """Passed, of, failed: what it counted; the lines must agree."""
    found = re.search(r"(\d+) of (\d+) checks passed, (\d+) failed", said)
    assert found, said
    passed, planned, failed = map(int, found.groups())
    assert (said.count("\nok "), said.count("\nFAIL ")) == (passed, failed), said
    return passed, planned, failed


def test_who_pays_by_hand_makes_it_green(stripe: StripeSandbox, shop: Service) -> None:
    with started(shop.url) as process:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if "pay by hand" in line:
                stripe.complete(re.search(r"cs_test_\w+", line)[0])  # type: ignore[index]  # the page's address has it
        code = process.wait(60)
    assert (code, *sentence(said)) == (0, 14, 14, 0), said


def test_at_a_stand_in_it_pays_by_itself(stripe: StripeSandbox, shop: Service) -> None:
    code, said = finished(started(shop.url, STRIPE_API_BASE=stripe.url, STRIPE_SECRET_KEY=stripe.secret_key))
    assert (code, *sentence(said)) == (0, 14, 14, 0), said
    assert "by hand" not in said
    assert stripe.secret_key not in said


def test_with_an_inbox_the_token_of_the_mail_is_tried(stripe: StripeSandbox) -> None:
    endpoint, secret = stripe.add_webhook_endpoint("http://127.0.0.1:9/hook")
    with SmtpSandbox() as mail:
        env = connected(stripe, STRIPE_WEBHOOK_SECRET=secret, **delivered_to(mail))
        with running(env) as service:
            stripe.patch(endpoint, url=f"{service.url}{WEBHOOK}")
            stand_in = {"STRIPE_API_BASE": stripe.url, "STRIPE_SECRET_KEY": stripe.secret_key}
            code, said = finished(started(service.url, mail.inbox.url, **stand_in))
            assert (code, *sentence(said)) == (0, 18, 18, 0), said
            (sent,) = mail.inbox.mails
            token = re.search(r"^kamiyo_mcp_\S+", sent.body("plain"), re.MULTILINE)
            assert token
            assert token[0] not in said
            mail.refuse = "550 5.7.1 no"
            code, said = finished(started(service.url, mail.inbox.url, MAIL_SECONDS="0", **stand_in))
    assert (code, *sentence(said)) == (1, 15, 18, 3), said
    assert "FAIL  one mail brings one token" in said
    stripe.patch(endpoint, status="disabled")


def delivered_to(mail: SmtpSandbox) -> dict[str, str]:
    return {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail.port), "SMTP_TLS": "none"}


def test_who_does_not_pay_gets_no_green(shop: Service) -> None:
    code, said = finished(started(shop.url, PAY_SECONDS="0"))
    assert (code, *sentence(said)) == (1, 13, 14, 1)
    assert "FAIL  the session is paid" in said


def test_who_waits_for_the_payment_stays_below_the_limit_of_a_client(shop: Service) -> None:
    with shop.client() as client:
        before = figures(client)
        said = finished(started(shop.url, PAY_SECONDS="3"))[1]
        rose = rises(before, figures(client))
    # an open session, and two looks whether it is paid; one a second would be 60 of 30 a minute
    assert rose["checkout_sessions_retrieved_total"] == 3, said


def test_a_key_is_sent_to_a_stand_in_on_this_machine_only(stripe: StripeSandbox, shop: Service) -> None:
    asked = len(stripe.requests)
    elsewhere = stripe.url.replace("127.0.0.1", "127.0.0.1.nip.example")
    code, said = finished(started(shop.url, STRIPE_API_BASE=elsewhere, STRIPE_SECRET_KEY="x", PAY_SECONDS="0"))
    assert (code, sentence(said)[0]) == (1, 13)
    assert not any("payment_pages" in request.path for request in stripe.requests[asked:])


def test_a_price_that_is_missing_is_seen(stripe: StripeSandbox) -> None:
    with running(connected(stripe, STRIPE_PRICE_MCP_TEAM="")) as service:
        code, said = finished(started(service.url))
    assert code == 1
    assert "FAIL  a session for team is made (answer: 500 " in said
    assert "FAIL  the checkout is healthy" in said
    assert sentence(said)[1:] == (14, 7)


def test_a_service_that_is_not_there_fails_every_check() -> None:
    code, said = finished(started("http://127.0.0.1:9"))
    assert (code, *sentence(said)) == (1, 0, 14, 14)
