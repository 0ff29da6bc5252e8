"""For the people who run the service: ``python -m emails work | resend EMAIL | revoke EMAIL``."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.billing.plans import load_plans
from api.billing.subscriptions import grants_access
from api.mcp.tokens import revoke
from api.settings import Settings, load_settings
from database.models import Customer, Subscription
from database.session import Database, DatabaseUnavailable
from emails.outbox import Outbox, drop_pending, send_mcp_token_again
from emails.sender import Sender
from emails.worker import Worker
from monitoring.logging import configure_logging
from monitoring.sentry import start_sentry, stop_sentry


async def work(settings: Settings, database: Database) -> int:
    """Send mails until SIGTERM or Ctrl-C; 2 where no mail server is configured."""
    if not settings.smtp_host:
        return _say("SMTP_HOST is not set", 2)
    start_sentry(settings)
    worker = Worker(outbox=Outbox(database=database), sender=Sender(settings=settings, plan_names=load_plans().names()))
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    worker.start()
    await ended.wait()
    await worker.stop()
    await asyncio.to_thread(stop_sentry)
    return 0


async def resend(database: Database, email: str) -> int:
    """Queue a new token for each subscription of a customer; 1 where none grants access."""
    async with database.transaction() as session:
        granted = [found for found in await _locked(session, email) if grants_access(found)]
        for subscription in granted:
            await send_mcp_token_again(session, subscription)
    return _say(f"{len(granted)} mails are queued; each ends the token before it", int(not granted))


async def end(database: Database, email: str) -> int:
    """Revoke the tokens of a customer, and send none that is queued; 1 where there was none."""
    ended = 0
    async with database.transaction() as session:
        for subscription in await _locked(session, email):
            ended += await revoke(session, subscription.id)
            await drop_pending(session, subscription.id)
    return _say(f"{ended} tokens are revoked; `resend` makes new ones", int(not ended))


async def _locked(session: AsyncSession, email: str) -> Sequence[Subscription]:
    customers = select(Customer).where(func.lower(Customer.email) == email.lower()).order_by(Customer.id)
    by_id = {customer.id: customer for customer in await session.scalars(customers.with_for_update())}
    theirs = select(Subscription).where(Subscription.customer_id.in_(by_id)).order_by(Subscription.id)
    found = (await session.scalars(theirs.with_for_update())).all()
    for subscription in found:
        subscription.customer = by_id[subscription.customer_id]
    return found


def _say(sentence: str, code: int) -> int:
    (sys.stderr if code else sys.stdout).write(f"{sentence}\n")
    return code


async def main(argv: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m emails", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("work", help="send mails, beside the service")
    commands.add_parser("resend", help="send a new token, which ends the old one").add_argument("email")
    commands.add_parser("revoke", help="end the tokens").add_argument("email")
    chosen = parser.parse_args(argv)
    settings = load_settings()
    configure_logging(settings.log_level, settings.secrets())
    database = Database(settings.database_url.get_secret_value())
    try:
        if chosen.command == "work":
            return await work(settings, database)
        return await (resend if chosen.command == "resend" else end)(database, chosen.email)
    except DatabaseUnavailable:
        return _say("The database does not answer, or is not that of the service; `database_error` says how", 1)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
