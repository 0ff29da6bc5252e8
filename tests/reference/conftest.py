"""One service for the tests that need no settings of their own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.reference.service import Service, running, settings


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
