"""What the tests share: a service that needs no settings of its own, and databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from readiness.sandbox.stripe import StripeSandbox
from tests.postgres import Cluster, postgres
from tests.reference.databases import Database, migrated_template, on_postgres, on_sqlite
from tests.reference.service import Service, running, settings
from tests.reference.shop import connected

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The service in development, without a Stripe key."""
    with running(settings()) as service:
        yield service


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    """A client of that service."""
    with service.client() as client:
        yield client


@pytest.fixture(scope="module")
def stripe() -> Iterator[StripeSandbox]:
    """An account of the Stripe sandbox."""
    with StripeSandbox() as stripe:
        yield stripe


@pytest.fixture(scope="module")
def shop(stripe: StripeSandbox) -> Iterator[Service]:
    """The service that sells with that account."""
    with running(connected(stripe)) as service:
        yield service


@pytest.fixture(scope="session")
def template(postgres: Cluster) -> Iterator[str]:
    """A database of PostgreSQL with the tables of the newest migration."""
    with migrated_template(postgres) as name:
        yield name


@pytest.fixture
def postgres_database(postgres: Cluster, template: str) -> Iterator[Database]:
    """A migrated database of PostgreSQL."""
    with postgres.database(template) as name:
        yield on_postgres(postgres, name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of each kind; SQLite's is made by the service when it starts."""
    if request.param == "sqlite":
        yield on_sqlite(tmp_path_factory.mktemp("database"))
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    with cluster.database(request.getfixturevalue("template")) as name:
        yield on_postgres(cluster, name)


@pytest.fixture
def empty_file(tmp_path: Path) -> Database:
    """A file of SQLite that is not there yet."""
    return on_sqlite(tmp_path)
