"""The schema comes by migrations, and the service says when one is missing."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Cluster, runs_as
from tests.privileges import NOBODY
from tests.reference.databases import ALEMBIC, Database, on_postgres, on_sqlite
from tests.reference.service import CREATE, HEALTH, REFERENCE, order, refusal, running, settings
from tests.reference.stripe_events import Buyer, send
from tests.reference.test_mail_tls import certificate

TABLES = {"customers", "subscriptions", "mcp_tokens", "webhook_events", "email_outbox", "checkout_sessions"}
REMEMBERED = 1.1
"""Seconds that the health keeps what it saw."""
BEHIND = "The database lacks migrations: run alembic upgrade head"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    if request.param == "sqlite":
        yield on_sqlite(tmp_path)
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    with cluster.database() as name:
        yield on_postgres(cluster, name)


def test_up_down_and_up_again_ends_with_what_the_models_say(empty: Database) -> None:
    done = empty.migrate_through("upgrade head", "downgrade base", "upgrade head", "check")
    assert done.returncode == 0, done.stderr
    assert "No new upgrade operations detected." in done.stdout
    assert not TABLES - set(tables(empty))
    assert not {name for name in columns(empty) if any(word in name for word in ("card", "cvc", "number", "iban"))}


def tables(database: Database) -> list[str]:
    known = "sqlite_master WHERE type = 'table'" if database.is_sqlite else "pg_class WHERE relkind = 'r'"
    return database.rows(f"SELECT {'name' if database.is_sqlite else 'relname'} FROM {known}")  # noqa: S608 - our own words


def columns(database: Database) -> list[str]:
    if database.is_sqlite:
        return [name for table in TABLES for name in database.rows(f"SELECT name FROM pragma_table_info('{table}')")]  # noqa: S608 - our own words
    return database.rows("SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'")


def test_the_rules_of_the_data_are_rules_of_the_database(database: Database) -> None:
    if database.is_sqlite:
        database.migrate()
    database.rows("INSERT INTO customers VALUES (1, 'cus_1', 'Ada@example.com', 0, '2026-01-01')")
    for status in ("incomplete", "trialing", "active", "past_due", "unpaid", "paused", "canceled"):
        subscribe(database, "team", status)
    for tier, status in (("gold", "active"), ("team", "paid")):
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.CheckViolation)):
            subscribe(database, tier, status)
    token = "INSERT INTO mcp_tokens (subscription_id, token_hash, token_prefix, created_at, revoked_at) VALUES"
    one = database.rows("SELECT id FROM subscriptions")[0]
    database.rows(f"{token} ({one}, 'a', 'p', '2026-01-01', '2026-01-02'), ({one}, 'b', 'p', '2026-01-01', NULL)")
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.UniqueViolation)):
        database.rows(f"{token} ({one}, 'c', 'p', '2026-01-01', NULL)")


def subscribe(database: Database, tier: str, status: str) -> None:
    """A row of which only tier and status matter."""
    database.rows(
        f"""INSERT INTO subscriptions (stripe_subscription_id, customer_id, tier, status, cancel_at_period_end,
            event_created, event_rank, created_at, updated_at)
        VALUES ('{status}', 1, '{tier}', '{status}', false, 0, 0, '2026-01-01', '2026-01-01')"""  # noqa: S608 - our own words
    )


def test_two_that_migrate_at_once_both_succeed(empty: Database) -> None:
    argv = [*ALEMBIC, "upgrade", "head"]
    env = {"DATABASE_URL": empty.url}
    both = [subprocess.Popen(argv, env=env, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("Running upgrade" in text for text in said) == 1


def test_staging_waits_for_the_migration_and_is_unhealthy_until_then(empty_file: Database) -> None:
    with running(settings(ENVIRONMENT="staging", DATABASE_URL=empty_file.url)) as service, service.client() as client:
        answer = client.get(HEALTH)
        assert answer.status_code == 503
        assert BEHIND in answer.json()["problems"]
        assert client.get("/health").status_code == 200
        assert send(client, service, Buyer().checkout()).status_code == 500
        assert empty_file.migrate().returncode == 0
        assert send(client, service, Buyer().checkout()).status_code == 200
        service.wait_for(lambda _: BEHIND not in client.get(HEALTH).json()["problems"])
        # a release that is rolled back finds a schema that is newer than it knows
        empty_file.rows("UPDATE alembic_version SET version_num = 'of_next_year'")
        time.sleep(REMEMBERED)
        assert BEHIND not in client.get(HEALTH).json()["problems"]
    done = empty_file.migrate()
    assert (done.returncode, "newer than this release" in done.stderr) == (0, True), done.stderr
    assert empty_file.migrate("downgrade", "base").returncode != 0
    assert empty_file.one("SELECT version_num FROM alembic_version") == "of_next_year"


IMPATIENT = """
import sys
import database.session
from alembic.config import main
database.session.WAIT_SECONDS = 0.2
main(sys.argv[1:])
"""
WAITS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_a_migration_waits_for_another_one_as_long_as_that_takes(postgres: Cluster) -> None:
    argv = [sys.executable, "-c", IMPATIENT, *ALEMBIC[3:], "upgrade", "head"]
    with postgres.database() as name, psycopg.connect(on_postgres(postgres, name).address) as other:
        other.execute("SELECT pg_advisory_xact_lock(8341207)")
        env = {**os.environ, "PYTHONPATH": str(REFERENCE), "DATABASE_URL": on_postgres(postgres, name).url}
        with subprocess.Popen(argv, env=env, stderr=subprocess.PIPE, text=True) as process:
            while not other.execute(WAITS).fetchall():
                assert process.poll() is None, process.communicate()[1]
                time.sleep(0.02)
            time.sleep(0.6)  # three times what a request waits
            other.rollback()
            said = process.communicate(timeout=60)[1]
        assert process.returncode == 0, said
        assert set(tables(on_postgres(postgres, name))) >= TABLES


CONNECTS = """
import asyncio, json, os, sys
from sqlalchemy import text
from api.settings import load_database_url
from database.session import open_engine

async def encrypted():
    engine = open_engine(load_database_url())
    try:
        async with engine.connect() as connection:
            return await connection.scalar(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
    except OSError as error:
        return type(error).__name__
    finally:
        await engine.dispose()

said = []
for changes in json.load(sys.stdin):
    os.environ.update(changes)
    said.append(asyncio.run(encrypted()))
print(json.dumps(said))
"""


@contextmanager
def with_tls(postgres: Cluster) -> Iterator[Path]:
    """The cluster takes encrypted connections too; gives the certificate, which signs itself."""
    cert, key = certificate(postgres.folder)
    key.chmod(0o600)
    for file in (cert, key) if runs_as() else ():
        os.chown(file, NOBODY, NOBODY)
    names = {"ssl_cert_file": f"'{cert}'", "ssl_key_file": f"'{key}'", "ssl": "on"}
    for name, value in names.items():
        postgres.run(f"ALTER SYSTEM SET {name} = {value}")
    try:
        _reload(postgres, "on")
        yield cert
    finally:
        for name in reversed(names):
            postgres.run(f"ALTER SYSTEM RESET {name}")
        _reload(postgres, "off")


def _reload(postgres: Cluster, ssl: str) -> None:
    postgres.run("SELECT pg_reload_conf()")
    deadline = time.monotonic() + 20
    while postgres.run("SHOW ssl") != ssl:
        assert time.monotonic() < deadline, postgres.log.read_text()
        time.sleep(0.02)  # the server does it by and by


def test_the_words_of_hosted_databases_for_tls_are_understood(postgres: Cluster, tmp_path: Path) -> None:
    with with_tls(postgres) as cert:
        stranger, _ = certificate(tmp_path)
        url = f"postgresql://{postgres.address}/postgres?sslmode="
        cases: dict[tuple[str, Path], object] = {
            ("disable", cert): False,
            ("require", cert): True,
            ("verify-full", cert): True,
            ("verify-full", stranger): "SSLCertVerificationError",
        }
        asked = [{"DATABASE_URL": f"{url}{mode}", "PGSSLROOTCERT": str(authority)} for mode, authority in cases]
        env = {**os.environ, "PYTHONPATH": str(REFERENCE), "ENVIRONMENT": "development"}
        argv = [sys.executable, "-c", CONNECTS]
        done = subprocess.run(
            argv, env=env, input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == list(cases.values())


def test_a_database_that_is_not_there_at_the_start_is_told_and_sells_nothing(tmp_path: Path) -> None:
    later = on_sqlite(tmp_path / "later")
    env = settings(DATABASE_URL=later.url, STRIPE_SECRET_KEY="sk_" + "test_" + "0" * 24)
    with running(env) as service, service.client() as client:
        service.event("migration_failed")
        assert "The database does not answer" in client.get(HEALTH).json()["problems"]
        answer = client.post(CREATE, json=order())
        assert (answer.status_code, answer.json()["error"]) == (500, "database_error")
        assert client.get("/health").status_code == 200


def test_migrations_of_production_want_the_address_of_its_database() -> None:
    argv = [*ALEMBIC, "upgrade", "head"]
    told = refusal({"ENVIRONMENT": "production"}, argv)
    assert "DATABASE_URL: missing" in told


def test_statements_can_be_written_for_whoever_runs_them(tmp_path: Path) -> None:
    done = on_postgres_url().migrate("upgrade", "head", "--sql")
    assert done.returncode == 0, done.stderr
    assert "CREATE TABLE subscriptions" in done.stdout
    assert not list(tmp_path.iterdir())


def on_postgres_url() -> Database:
    url = "postgresql+asyncpg://checkout@127.0.0.1:9/checkout"
    return Database(url=url, address=url)


def test_the_default_file_is_in_the_folder_of_the_start(tmp_path: Path) -> None:
    env = {"PATH": "", "ENVIRONMENT": "development"}
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(REFERENCE / "alembic.ini"), "upgrade", "head"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    assert [path.name for path in tmp_path.glob("*.db")] == ["checkout.db"]
