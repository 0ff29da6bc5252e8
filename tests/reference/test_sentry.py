"""Errors are reported with tags, and nothing of anybody is in them, in the log, the figures or an answer."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading

import httpx

from readiness.sandbox import web
from readiness.sandbox.sentry import SentrySandbox
from tests.reference.broken_stripe import broken_stripe
from tests.reference.databases import Database
from tests.reference.figures import figures, rises
from tests.reference.service import (
    CREATE,
    HEALTH,
    REFERENCE,
    WEBHOOK,
    Service,
    event,
    order,
    random_key,
    refusals,
    running,
    settings,
    signature,
)

CARD, CVV = "4000-0566-5566-5556", "cvc=913"


def test_errors_of_stripe_are_reported_with_its_tags() -> None:
    with SentrySandbox() as sentry, broken_stripe(status=402, message="No such price") as stripe:
        env = settings(
            SENTRY_DSN=sentry.dsn,
            SENTRY_RELEASE="v1.2.3",
            STRIPE_API_BASE=stripe.url,
            STRIPE_SECRET_KEY=random_key("sk_" + "test_"),
        )
        with running(env) as service, service.client() as client:
            answer = client.post(CREATE, json=order())
            assert answer.status_code == 500
            (told,) = sentry.wait(1)
            rose = rises({}, figures(client))
            service.stop()
        assert len(sentry.events) == 1, "one fault is one event"
    assert told["tags"] == {
        "request_id": answer.json()["request_id"],
        "stripe.operation": "create_checkout",
        "stripe.status": "402",
        "stripe.code": "none",
    }
    assert (told["release"], told["environment"], told["level"]) == ("v1.2.3", "development", "error")
    assert rose["stripe_errors_total create_checkout 402"] == 1


REPORT = """
import logging, os, sys
sys.path.insert(0, {reference!r})
from api.settings import load_settings
from monitoring.logging import configure_logging
from monitoring.sentry import start_sentry, stop_sentry
settings = load_settings()
configure_logging("INFO", settings.secrets())
start_sentry(settings)
def fails(card, password):
    text = os.environ["TEXT"]
    raise ValueError(text)
try:
    fails("4000056655665556", os.environ["TEXT"])
except ValueError:
    logging.getLogger("a.b").exception("unexpected %s", os.environ["TEXT"], extra={{"context": {{"cookie": "c00kie"}}}})
stop_sentry()
"""


def test_tracebacks_are_reported_without_what_they_hold() -> None:
    key = random_key("sk_" + "live_")
    with SentrySandbox() as sentry:
        env = {**os.environ, **settings(SENTRY_DSN=sentry.dsn, TEXT=f"{key} {CARD} {CVV} ada@example.com")}
        argv = [sys.executable, "-c", REPORT.format(reference=str(REFERENCE))]
        done = subprocess.run(argv, env=env, timeout=60, check=True, capture_output=True, text=True)
        (told,) = sentry.wait(1)
        dsn_key = sentry.dsn.partition("//")[2].partition("@")[0]
    assert told["exception"]["values"][0]["type"] == "ValueError"
    assert told["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "fails"
    for text in (json.dumps(told), done.stdout + done.stderr):
        for secret in (key, CARD, CVV, "ada@", "c00kie", dsn_key):
            assert secret not in text, secret
    assert "vars" not in json.dumps(told)


def test_a_worker_of_its_own_reports_too(empty_file: Database) -> None:
    with SentrySandbox() as sentry:
        env = settings(SENTRY_DSN=sentry.dsn, DATABASE_URL=empty_file.url, SMTP_HOST="127.0.0.1")
        whole = {**os.environ, **env, "PYTHONPATH": str(REFERENCE)}
        argv = [sys.executable, "-m", "emails", "work"]
        with subprocess.Popen(argv, env=whole, stdout=subprocess.DEVNULL) as worker:
            try:
                (told,) = sentry.wait(1)
            finally:
                worker.terminate()
            assert worker.wait(20) == 0
    assert (told["logentry"], told["extra"]["cause"]) == ({"formatted": "database_error"}, "OperationalError")


def test_without_a_dsn_nothing_is_loaded() -> None:
    code = f"import sys; sys.path.insert(0, {str(REFERENCE)!r}); import api.main; print('sentry_sdk' in sys.modules)"
    env = {**os.environ, **settings(DATABASE_URL="sqlite:///never.db")}
    done = subprocess.run([sys.executable, "-c", code], env=env, timeout=60, check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"


class Asked(SentrySandbox):
    """Says when it has answered, also where it keeps nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Semaphore(0)

    def answer(self, asked: web.Asked) -> web.Answer:
        """Answer, and count."""
        answer = super().answer(asked)
        self.answered.release()
        return answer


def test_a_sentry_that_comes_back_is_told_what_happens_then() -> None:
    with Asked() as sentry:
        env = settings(SENTRY_DSN=sentry.dsn, STRIPE_SECRET_KEY=random_key("sk_" + "test_"))
        with running(env) as service, service.client() as client:
            sentry.status = 503
            assert client.post(CREATE, json=order()).status_code == 500
            assert sentry.answered.acquire(timeout=30)
            sentry.status = 200
            answer = client.post(CREATE, json=order())
            (told,) = sentry.wait(1, timeout=30)
            assert told["tags"]["request_id"] == answer.json()["request_id"]


def test_a_sentry_that_is_away_disturbs_nobody() -> None:
    env = settings(SENTRY_DSN="http://0@127.0.0.1:9/1", STRIPE_SECRET_KEY=random_key("sk_" + "test_"))
    with running(env) as service, service.client() as client:
        assert client.post(CREATE, json=order()).status_code == 500
        assert client.get("/health").status_code == 200
        assert service.stop() in {0, -15}


# --- secrets --------------------------------------------------------------------------------------


def test_what_is_sent_in_is_told_to_nobody() -> None:
    login, key = secrets.token_hex(12), random_key("sk_" + "live_")
    all_of_it = f"{login} {key} {CARD} {CVV}"
    answers: list[str] = []
    with SentrySandbox() as sentry, broken_stripe(status=500, message=f"{key} {CARD} {CVV}") as stripe:
        env = settings(SENTRY_DSN=sentry.dsn, STRIPE_API_BASE=stripe.url, STRIPE_SECRET_KEY=random_key("sk_" + "test_"))
        with running(env) as service, service.client() as client:
            send_everywhere(client, service, all_of_it, login, answers)
            sentry.wait(1)
            answers.append(client.get("/metrics").text)
            service.stop()
        told = {"answers": answers, "log": service.lines, "sentry": [json.dumps(event) for event in sentry.events]}
    for where, texts in told.items():
        for secret in (login, key, CARD, CARD.replace("-", ""), CVV):
            found = [text for text in texts if secret in text]
            assert not found, (where, secret, found[0])


def send_everywhere(client: httpx.Client, service: Service, text: str, login: str, answers: list[str]) -> None:
    """Through every input that the service has."""
    headers: dict[str, str] = dict.fromkeys(("User-Agent", "X-Request-ID", "Cookie", "Authorization", "Referer"), text)
    bodies = [order(), *(order(**{name: text}) for name in ("tier", "user_email", "success_url", "cancel_url", "card"))]
    signed = json.dumps(event("customer.subscription.updated", created=text, data={"object": {"id": text}})).encode()
    stamped = {"Stripe-Signature": signature(signed, service.env["STRIPE_WEBHOOK_SECRET"])}
    requests = [
        *(client.build_request("POST", CREATE, json=body, headers=headers) for body in bodies),
        client.build_request("POST", CREATE, content=text, headers=headers),
        client.build_request("POST", "/api/billing/create-portal-session", json={"return_url": text}),
        client.build_request("GET", f"/api/billing/checkout-session/{text}", headers=headers),
        client.build_request("GET", "/api/billing/checkout-session/cs_test_" + login, params={"password": text}),
        client.build_request("GET", "/api/mcp/whoami", headers={"Authorization": f"Bearer {text}"}),
        client.build_request("GET", "/api/mcp/whoami", headers={"Authorization": f"Basic {text}"}),
        client.build_request("GET", f"/{text}", params={"token": text}),
        client.build_request("GET", HEALTH, params={"q": text}),
        client.build_request("POST", WEBHOOK, content=text, headers={"Stripe-Signature": text}),
        client.build_request("POST", WEBHOOK, content=signed, headers=stamped),
    ]
    answers += [client.send(request).text for request in requests]


def test_settings_of_the_monitoring_are_checked_without_being_quoted() -> None:
    wrong = {
        "SENTRY_DSN": ["http://key@sentry.example/1", "https://sentry.example/1", "https://k@h", "sk"],
        "REDIS_URL": ["localhost:6379", "http://127.0.0.1:1", "redis://h", "redis://a b:1"],
        "METRICS_TOKEN": ["short", "with a blank in it somewhere"],
    }
    cases = [(name, value) for name, values in wrong.items() for value in values]
    for (name, value), told in zip(cases, refusals([settings(**{n: v}) for n, v in cases]), strict=True):
        assert name in told
        assert value not in told.replace("such as", "") or value == "sk"
    fine = {"SENTRY_DSN": "https://k@o1.ingest.sentry.io/2", "REDIS_URL": "rediss://:pa@h:6380/0"}
    assert refusals([settings(**fine)]) == [""]
