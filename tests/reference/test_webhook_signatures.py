"""The webhook believes nothing but a fresh signature over the raw body."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.reference.databases import Database
from tests.reference.service import (
    WEBHOOK,
    Service,
    event,
    production,
    random_key,
    running,
    signature,
)

SIX = [
    "checkout.session.completed",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.payment_succeeded",
    "invoice.payment_failed",
]


def send(client: httpx.Client, payload: bytes, header: str | None) -> httpx.Response:
    headers = {"Content-Type": "application/json"} | ({"Stripe-Signature": header} if header is not None else {})
    return client.post(WEBHOOK, content=payload, headers=headers)


@pytest.fixture
def secret(service: Service) -> str:
    return service.env["STRIPE_WEBHOOK_SECRET"]


@pytest.mark.parametrize("kind", SIX)
def test_the_six_events_are_acknowledged_and_logged(
    service: Service, client: httpx.Client, secret: str, kind: str
) -> None:
    sent = event(kind)
    payload = json.dumps(sent).encode()
    answer = send(client, payload, signature(payload, secret))
    assert (answer.status_code, answer.json()) == (200, {"status": "acknowledged"})
    line = service.event("webhook_acknowledged", event_id=sent["id"])
    assert line["event_type"] == kind
    assert line["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("kind", ["charge.refunded", "made.up.type", "checkout.session.expired"])
def test_other_events_are_ignored_with_200(client: httpx.Client, secret: str, kind: str) -> None:
    payload = json.dumps(event(kind)).encode()
    answer = send(client, payload, signature(payload, secret))
    assert (answer.status_code, answer.json()) == (200, {"status": "ignored"})


def test_the_raw_body_counts_not_its_meaning(client: httpx.Client, secret: str) -> None:
    payload = json.dumps(event("charge.refunded", note="caf\u00e9 \u4eac"), indent=4, ensure_ascii=False).encode()
    assert send(client, payload, signature(payload, secret)).status_code == 200


def test_one_of_two_signatures_is_enough_while_the_secret_is_rolled(client: httpx.Client, secret: str) -> None:
    payload = json.dumps(event(SIX[0])).encode()
    header = signature(payload, secret).replace(",v1=", ",v1=" + "0" * 64 + ",v1=")
    assert send(client, payload, header).status_code == 200


def test_forgeries_are_400(service: Service, client: httpx.Client, secret: str) -> None:
    payload = json.dumps(event(SIX[0])).encode()
    good = signature(payload, secret)
    forgeries = {
        "unsigned": (payload, None),
        "empty": (payload, ""),
        "garbage": (payload, "garbage"),
        "no time": (payload, good.partition(",")[2]),
        "wrong key": (payload, signature(payload, random_key("whsec_"))),
        "empty key": (payload, signature(payload, "")),
        "the key None": (payload, signature(payload, "None")),
        "v0 only": (payload, signature(payload, secret, scheme="v0")),
        "an hour old": (payload, signature(payload, secret, age=3600)),
        "six minutes old": (payload, signature(payload, secret, age=360)),
        "other time": (payload, good.replace("t=1", "t=2")),
        "tampered": (payload.replace(b"sub_", b"sub-"), good),
        "serialised again": (json.dumps(json.loads(payload), indent=1).encode(), good),
        "not UTF-8": (b"\xff" + payload, good),
        "empty body": (b"", good),
    }
    answers = {name: send(client, *forgery) for name, forgery in forgeries.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(forgeries, 400)
    assert all(set(answer.json()) == {"error", "detail", "request_id"} for answer in answers.values())
    line = service.event("webhook_refused", request_id=answers["wrong key"].headers["x-request-id"])
    assert line["fault"] == "invalid_signature"


def test_a_signature_up_to_five_minutes_old_is_accepted(client: httpx.Client, secret: str) -> None:
    payload = json.dumps(event(SIX[0])).encode()
    assert send(client, payload, signature(payload, secret, age=240)).status_code == 200


@pytest.mark.parametrize(
    "payload", [b"{", b"[]", b"null", b"7", b"{}", b'{"object": "event"}', b'{"id": 7, "type": "x", "livemode": false}',
     b'{"id": "evt_1", "type": "x", "livemode": false, "created": 99999999999999999}'],
)  # fmt: skip
def test_signed_nonsense_is_400(client: httpx.Client, secret: str, payload: bytes) -> None:
    answer = send(client, payload, signature(payload, secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_payload")


@pytest.mark.parametrize("livemode", [True, None, "false", 0])
def test_an_event_of_live_mode_is_refused_outside_production(
    client: httpx.Client, secret: str, livemode: object
) -> None:
    payload = json.dumps(event(SIX[0]) | {"livemode": livemode}).encode()
    answer = send(client, payload, signature(payload, secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "wrong_mode")


def test_production_takes_live_events_only_and_limits_and_judges_no_webhook(postgres_database: Database) -> None:
    env = production(RATE_LIMIT_PER_MINUTE="1", DATABASE_URL=postgres_database.url)
    with running(env) as service, service.client(Origin="https://evil.example") as client:
        client.headers["Sec-Fetch-Site"] = "cross-site"
        for livemode, status in [(True, 200), (True, 200), (False, 400)]:
            payload = json.dumps(event(SIX[0], livemode=livemode)).encode()
            assert send(client, payload, signature(payload, env["STRIPE_WEBHOOK_SECRET"])).status_code == status


def test_a_refused_body_never_reaches_the_log(service: Service, client: httpx.Client) -> None:
    answer = send(client, b'{"canary": "body-of-a-stranger"}', "t=1,v1=00")
    service.event("webhook_refused", request_id=answer.headers["x-request-id"])
    assert "body-of-a-stranger" not in "".join(service.lines)
