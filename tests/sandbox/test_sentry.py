"""The ingest that keeps what the real SDK reports."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import brotli  # type: ignore[import-untyped]  # it has no types
import httpx
import pytest

from readiness.sandbox.sentry import SentrySandbox

pytestmark = pytest.mark.slow

PROGRAM = """
import sys, sentry_sdk
sentry_sdk.init(sys.argv[1], shutdown_timeout=5)
sentry_sdk.set_tag("stripe.operation", "create_checkout")
sentry_sdk.capture_exception(LookupError("no such price"))
"""


def report(dsn: str) -> None:
    """An exception, reported by the real SDK in a process of its own."""
    subprocess.run([sys.executable, "-c", PROGRAM, dsn], check=True, timeout=30)


def test_what_the_sdk_reports_can_be_read() -> None:
    with SentrySandbox() as sentry:
        report(sentry.dsn)
        (event,) = sentry.wait(1)
        assert event["exception"]["values"][0]["value"] == "no such price"
        assert event["tags"] == {"stripe.operation": "create_checkout"}
        assert httpx.get(f"{sentry.url}/events", trust_env=False).json() == [dict(event)]


def test_another_key_is_refused() -> None:
    with SentrySandbox() as sentry:
        report(sentry.dsn.replace("//", "//0"))
        assert not sentry.events


def test_a_sentry_that_is_down_loses_them() -> None:
    with SentrySandbox() as sentry:
        sentry.status = 503
        report(sentry.dsn)
        assert not sentry.events
        with pytest.raises(TimeoutError, match="0 of 1"):
            sentry.wait(1, timeout=0.01)


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b'{}\n{"type":"event"}\n{"event_id":"a"}\n', "identity", 200),
        (b'{}\n{"type":"session","length":3}\n{\n}\n{"type":"event","length":17}\n{"event_id":\n"b"}', "identity", 200),
        (gzip.compress(b'{}\n{"type":"event"}\n{"event_id":"c"}'), "gzip", 200),
        (b"{}", "identity", 200),
        (b"{}\nnot json\n", "identity", 400),
        (b"{}\n[]\n", "identity", 400),
        (b"not gzip", "gzip", 400),
        (gzip.compress(b" " * (9 << 20)), "gzip", 400),
        (brotli.compress(b'{}\n{"type":"event"}\n{"event_id":"d"}'), "br", 200),
        (brotli.compress(b" " * (9 << 20)), "br", 400),
        (b"not brotli", "br", 400),
        (b"", "zstd", 400),
    ],
)
def test_envelopes(body: bytes, encoding: str, status: int) -> None:
    with SentrySandbox() as sentry, httpx.Client(base_url=sentry.url, trust_env=False) as client:
        key = sentry.dsn.partition("//")[2].partition("@")[0]
        headers = {"content-encoding": encoding, "x-sentry-auth": f"Sentry sentry_version=7, sentry_key={key}"}
        answer = client.post("/api/1/envelope/", content=body, headers=headers)
        assert answer.status_code == status
        assert json.loads(answer.content)
        assert client.post("/api/2/envelope/", content=body, headers=headers).status_code == 404
        assert len(sentry.events) == (status == 200 and body != b"{}")
