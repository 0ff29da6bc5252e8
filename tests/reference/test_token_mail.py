"""The mail with the token: what it says, that its token works, and that a failing server loses nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser

import httpx
import pytest

from tests.reference.databases import Database, on_sqlite
from tests.reference.mail_server import MailServer, mail_server, token_of
from tests.reference.service import ORIGIN, REFERENCE, Service, running, settings
from tests.reference.stripe_events import Buyer, deliver, send

WHOAMI = "/api/mcp/whoami"
PENDING = "SELECT status, attempts FROM email_outbox"


@pytest.fixture(scope="module")
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """SQLite is enough here: what differs with PostgreSQL is in test_subscription_events.py."""
    return on_sqlite(tmp_path_factory.mktemp("database"))


@pytest.fixture(scope="module")
def shop(database: Database, mails: MailServer) -> Iterator[Service]:
    with running(settings(DATABASE_URL=database.url, **mails.settings())) as service:
        yield service


@pytest.fixture
def client(shop: Service) -> Iterator[httpx.Client]:
    with shop.client() as client:
        yield client


def emails(service: Service, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """The command of the people who run the service, with its settings."""
    env = {**os.environ, **service.env, "PYTHONPATH": str(REFERENCE), **changes}
    argv = [sys.executable, "-m", "emails", *command]
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def bought(shop: Service, mails: MailServer, email: str) -> tuple[Buyer, str]:
    """Somebody who paid, and the token that came."""
    buyer = Buyer(email=email)
    deliver(shop, [buyer.paid_flow()])
    return buyer, token_of(mails.wait(email))


class Page(HTMLParser):
    """Links, and the text of the element with the token."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.token = ""
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links."""
        self.links += [dict(attrs).get("href")] if tag == "a" else []
        self._inside = dict(attrs).get("id") == "mcp-token"

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's signature
        """Leave the element."""
        self._inside = False

    def handle_data(self, data: str) -> None:
        """Take the token."""
        self.token += data if self._inside else ""


def test_the_mail_welcomes_and_has_token_setup_and_support(shop: Service, mails: MailServer) -> None:
    _, token = bought(shop, mails, "ada+mcp@example.com")
    mail = mails.wait("ada+mcp@example.com")
    assert (mail["To"], mail["From"]) == ("ada+mcp@example.com", "KAMIYO <noreply@kamiyo.ai>")
    assert mail["Reply-To"] == "support@kamiyo.ai"
    assert mail["Message-ID"].endswith("@kamiyo.ai>")
    assert {"Date", "Subject", "Auto-Submitted"} <= set(mail.keys())
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain
    assert html
    page = Page(html.get_content())
    assert page.token == token
    assert {f"{ORIGIN}/mcp/setup", "mailto:support@kamiyo.ai"} <= set(page.links)
    for text in (plain.get_content(), html.get_content()):
        assert "Welcome to KAMIYO Team" in text
        assert f"{ORIGIN}/mcp/setup" in text
        assert "support@kamiyo.ai" in text
        assert not re.search(r"{{|}}|None|Undefined", text)


def test_the_token_works_and_only_its_hash_is_stored(
    shop: Service, client: httpx.Client, mails: MailServer, database: Database
) -> None:
    buyer, token = bought(shop, mails, "hash@example.com")
    assert re.fullmatch(r"kamiyo_mcp_[0-9a-f]{64}", token)
    answer = client.get(WHOAMI, headers=bearer(token))
    assert answer.status_code == 200
    assert answer.json() | {"current_period_end": ""} == {
        "tier": "team",
        "status": "active",
        "token_prefix": token[:17],
        "current_period_end": "",
    }
    stored = database.rows(
        f"""SELECT token_hash FROM mcp_tokens t JOIN subscriptions s ON s.id = t.subscription_id
        WHERE s.stripe_subscription_id = '{buyer.subscription}'"""  # noqa: S608 - our own id
    )
    assert stored == [sha256(token.encode()).hexdigest()]
    assert token not in database.text()
    assert token[20:] not in "".join(shop.lines)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer x",
        "Basic YTpi",
        "Bearer kamiyo_mcp_" + "0" * 64,
        "Bearer " + "a" * 5000,
        "bearer ' OR 1=1",
    ],
)
def test_anything_else_is_401(client: httpx.Client, header: str) -> None:
    answer = client.get(WHOAMI, headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_sleeps_while_unpaid_and_ends_with_the_subscription(
    shop: Service, client: httpx.Client, mails: MailServer
) -> None:
    buyer, token = bought(shop, mails, "sleep@example.com")
    codes = {}
    for at, status in enumerate(["past_due", "unpaid", "active", "paused", "trialing", "canceled", "active"], start=9):
        send(client, shop, buyer.changed("updated", status, at))
        codes[f"{at} {status}"] = client.get(WHOAMI, headers=bearer(token)).status_code
    assert list(codes.values()) == [200, 401, 200, 401, 200, 401, 401], codes


def test_a_new_token_ends_the_old_one_and_a_revoked_one_is_gone(
    shop: Service, client: httpx.Client, mails: MailServer
) -> None:
    _, first = bought(shop, mails, "Lost@Example.com")
    done = emails(shop, "resend", "lost@example.com")
    assert (done.returncode, done.stdout) == (0, "1 mails are queued; each ends the token before it\n"), done.stderr
    second = token_of(mails.wait("Lost@Example.com", 2))
    works = [client.get(WHOAMI, headers=bearer(token)).status_code for token in (first, second)]
    assert works == [401, 200]
    assert emails(shop, "revoke", "LOST@example.com").returncode == 0
    assert client.get(WHOAMI, headers=bearer(second)).status_code == 401
    nobody = emails(shop, "revoke", "nobody@example.com")
    assert (nobody.returncode, nobody.stderr) == (1, "0 tokens are revoked; `resend` makes new ones\n")


def test_a_new_token_is_sent_in_the_place_of_a_mail_that_waits(
    shop: Service, client: httpx.Client, mails: MailServer, database: Database
) -> None:
    buyer = Buyer(email="waits@example.com")
    mails.answer = "451 later"
    try:
        deliver(shop, [buyer.paid_flow()])
        shop.event("mail_handled", mail_id=database.one("SELECT max(id) FROM email_outbox"), result="retry")
    finally:
        mails.answer = "250 OK"
    assert emails(shop, "resend", buyer.email).returncode == 0
    token = token_of(mails.wait(buyer.email))
    assert database.one(f"{PENDING} WHERE key = 'welcome:{buyer.subscription}'") == ("dropped", 1)
    assert client.get(WHOAMI, headers=bearer(token)).status_code == 200


def test_a_mail_that_cannot_be_written_is_tried_no_more_often(shop: Service, database: Database) -> None:
    buyer = Buyer(email="ada@[10")  # an address on which the standard library stumbles
    deliver(shop, [buyer.paid_flow()])
    shop.event("mail_worker_failed")
    mail = database.one(f"SELECT id FROM email_outbox WHERE key = 'welcome:{buyer.subscription}'")  # noqa: S608 - our own id
    assert shop.event("mail_handled", mail_id=mail)["result"] == "retry"
    assert database.one(f"{PENDING} WHERE id = {mail} AND last_error IS NOT NULL") == ("pending", 1)
    assert buyer.email not in "".join(shop.lines)


OUTDATED = """
import asyncio, os
from sqlalchemy import update
from api.billing.plans import Tier
from api.mcp.tokens import holder
from database.models import Customer, OutboxMail, Status, Subscription, now
from database.schema import Schema
from database.session import Database
from emails.outbox import Outbox, drop_pending, send_mcp_token_again, send_mcp_token_email

async def main():
    database = Database(os.environ["DATABASE_URL"])
    outbox = Outbox(database=database)
    await Schema(database).upgrade()
    async with database.transaction() as session:
        customer = Customer(stripe_customer_id="cus_1", email="ada@example.com")
        session.add(customer)
        await session.flush()
        bought = Subscription(
            stripe_subscription_id="sub_1", customer_id=customer.id, tier=Tier.TEAM, status=Status.ACTIVE, paid_at=now()
        )
        session.add(bought)
        await session.flush()
        await send_mcp_token_email(session, bought)
    dropped = await outbox.claim()
    async with database.transaction() as session:
        await drop_pending(session, bought.id)
    print(await outbox.write(dropped))
    async with database.transaction() as session:
        await send_mcp_token_again(session, bought)
    late = await outbox.claim()
    async with database.transaction() as session:
        await session.execute(update(OutboxMail).values(due_at=now()))  # the lease ends
    letter = await outbox.write(await outbox.claim())
    print(await outbox.write(late))
    async with database.transaction() as session:
        print((await holder(session, letter.token)).subscription.id == bought.id)
    await database.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("kind", ["empty_file", "postgres_database"])
def test_a_claim_that_holds_no_more_makes_no_token(request: pytest.FixtureRequest, kind: str) -> None:
    database: Database = request.getfixturevalue(kind)
    env = {**os.environ, "DATABASE_URL": database.url, "PYTHONPATH": str(REFERENCE)}
    argv = [sys.executable, "-c", OUTDATED]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["None", "None", "True"], done.stderr


def test_a_server_that_is_down_or_fails_is_tried_seven_times_then_the_mail_is_dead(empty_file: Database) -> None:
    buyer = Buyer()
    with mail_server() as gone:
        env = settings(DATABASE_URL=empty_file.url, **gone.settings())
    with running(env) as shop, shop.client() as client:
        assert deliver(shop, [buyer.paid_flow()]) == [200] * 4
        waits = [_minutes(shop, empty_file, 1)]
        with mail_server(port=gone.port, answer="451 try later") as mails:
            for attempt in range(2, 8):
                empty_file.hours_pass()
                waits.append(_minutes(shop, empty_file, attempt))
            assert waits[:6] == [1, 5, 30, 120, 360, 720]
            assert empty_file.one("SELECT status, attempts, last_error FROM email_outbox") == (
                "dead",
                7,
                "SMTPDataError",
            )
            assert shop.event("mail_handled", result="dead")["level"] == "error"
            assert empty_file.one("SELECT count(*) FROM mcp_tokens WHERE revoked_at IS NULL") == 1
            mails.answer = "250 OK"
            assert emails(shop, "resend", buyer.email).returncode == 0
            assert client.get(WHOAMI, headers=bearer(token_of(mails.wait(buyer.email)))).status_code == 200


def _minutes(shop: Service, database: Database, attempt: int) -> float:
    """How long the mail waits after an attempt that failed."""
    shop.event("mail_handled", attempt=attempt)
    waits: float = database.one("SELECT round((julianday(due_at) - julianday('now')) * 1440) FROM email_outbox")
    return waits


def test_sigterm_releases_the_mail_in_hand_and_the_command_sends_it(empty_file: Database) -> None:
    buyer = Buyer()
    with mail_server(silent=True) as mails, running(settings(DATABASE_URL=empty_file.url, **mails.settings())) as shop:
        deliver(shop, [buyer.paid_flow()])
        mails.wait_for_tries(1)
        shop.stop()
        assert shop.event("Application shutdown complete.")
        assert empty_file.one(PENDING) == ("pending", 0)
    with mail_server() as mails:
        own = {**os.environ, **shop.env, **mails.settings(), "PYTHONPATH": str(REFERENCE)}
        argv = [sys.executable, "-m", "emails", "work"]
        with subprocess.Popen(argv, env=own, stdout=subprocess.PIPE, text=True) as worker:
            assert token_of(mails.wait(buyer.email))
            worker.terminate()
            assert worker.wait(20) == 0
    assert empty_file.one(PENDING) == ("sent", 1)


def test_a_command_that_does_not_find_the_service_s_tables_says_so(shop: Service, empty_file: Database) -> None:
    done = emails(shop, "resend", "ada@example.com", DATABASE_URL=empty_file.url)
    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer, or is not that of the service")
    assert '"database_error"' in done.stdout


def test_without_a_mail_server_mails_wait(service: Service) -> None:
    service.event("mail_not_configured")
    assert emails(service, "work").returncode == 2


def test_a_mail_of_a_subscription_that_ended_is_not_sent(shop: Service, mails: MailServer, database: Database) -> None:
    buyer = Buyer(email="ended@example.com")
    of_the_buyer = f"""subscription_id = (SELECT id FROM subscriptions
        WHERE stripe_subscription_id = '{buyer.subscription}')"""  # noqa: S608 - our own id
    mails.answer = "451 later"
    try:
        deliver(shop, [buyer.paid_flow()])
        shop.event("mail_handled", result="retry")
        deliver(shop, [[buyer.changed("deleted", "canceled", 9)]])
    finally:
        mails.answer = "250 OK"
    assert database.one(f"{PENDING} WHERE {of_the_buyer}") == ("dropped", 1)
    assert database.rows(f"SELECT id FROM mcp_tokens WHERE revoked_at IS NULL AND {of_the_buyer}") == []  # noqa: S608 - our own words
