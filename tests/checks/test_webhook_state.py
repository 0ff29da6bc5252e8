"""``webhook.state`` against real services with a database: a correct one in two styles, and one for each bug."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from checks.webhook_state import WebhookState
from readiness.api import CannotTell, Effect, Outcome, Reason
from readiness.typed import adapter
from tests.webhook import handlers
from tests.webhook.handlers import new_secret, serving
from tests.webhook.shops import BUGS, OBSERVE, PRICE, Shop, modern, plain
from tests.wire import Answer, WebServer, broken, look, outside

ORDERS = {f"shuffled {number}" for number in range(1, 7)}
TOLD: dict[str, tuple[set[str], str]] = {
    "keeps no inbox": (
        {"twice", "at once", "another event"},
        "made 2 tokens, expected 1: Stripe delivers at least once",
    ),
    "looks, then writes": ({"at once"}, "expected 1: two workers that look before they write both find nothing"),
    "keys on the event": ({"another event"}, "made 2 tokens, expected 1: Stripe may make two events of one change"),
    "grants twice": (
        {"purchase", "twice", "at once", "another event", "unknown price"},
        "made 2 tokens, expected 1: whoever pays",
    ),
    "trusts unpaid sessions": ({"unpaid"}, "made 1 token, expected 0: a bank debit that fails days later"),
    "the last delivery wins": (
        {"update first", "older", *ORDERS},
        "made the status active, expected past_due: a delivery that was repeated",
    ),
    "only the end is final": ({"update first", "older"}, "made the status active, expected past_due"),
    "needs the creation": (
        {"update first"},
        "made the status incomplete, expected active: Stripe does not keep the order",
    ),
    "knows two statuses": ({"older", "status past_due", "status unpaid"}, "made the status active, expected unpaid"),
    "ignores the end": ({"status canceled", *ORDERS}, "made the status active, expected canceled"),
    "sells anything": ({"unknown price"}, "made 1 token, expected 0: whoever buys the cheapest thing"),
    "takes any mode": ({"other mode"}, "made 1 token, expected 0: test cards would buy"),
    "works before it verifies": (
        {"other mode", "forged"},
        "made 1 token, expected 0: the event is worked on before its signature is verified",
    ),
    "never grants": (
        {"purchase", "twice", "at once", "another event"},
        "made 0 tokens, expected 1: whoever pays gets nothing",
    ),
    "slow": ({"the slowest delivery was answered in 0"}, "expected less than 0.25s: acknowledge first"),
    "expects the older shape": (
        {"purchase", "twice", "at once", "another event", "unpaid", "update first", "older", *ORDERS}
        | {"status past_due", "status unpaid", "status canceled"},
        "500 Internal Server Error, expected 2xx; a handler that asks Stripe",
    ),
}
"""Bug -> the stories that tell it, these and no others, and what is said."""


def load(url: str, secret: str, **options: Any) -> WebhookState:
    """The check as a checklist makes it."""
    given = {
        "observe": {"database": "DATABASE_URL", **OBSERVE},
        "price": PRICE,
        "metadata": {"tier": "team", "product_type": "mcp"},
        "within": 0.2,
        "settle": 0.05,
        "answer_within": 5,
        **options,
    }
    check: WebhookState = adapter(WebhookState).validate_python({"url": url, "secret": secret, **given})
    return check


def judge(
    shop: Shop, url: str, env: Mapping[str, str] | None = None, *, environment: str = "test", **options: Any
) -> list[Outcome]:
    values = {"DATABASE_URL": f"sqlite+aiosqlite:///{shop.file}", **(env or {})}
    with outside(shop.folder, env=values) as world:
        world.environment = environment
        return look(load(url, shop.secret, **options), world, timeout=30)


def stories(messages: list[str]) -> set[str]:
    """Their names; which of the purchases that are delivered at once tells a race is chance."""
    return {re.sub(r"^at once \d$", "at once", message.partition(":")[0].partition(".")[0]) for message in messages}


@pytest.mark.parametrize("api_version", ["2026-10-28.endive", "2024-06-20"])
def test_a_correct_service_passes(tmp_path: Path, api_version: str) -> None:
    shop = Shop(tmp_path, new_secret())
    with plain(shop) as url:
        outcomes = judge(shop, url, api_version=api_version)
    assert broken(outcomes) == []
    assert len(outcomes) == 50
    assert shop.secret not in repr(outcomes)
    assert any("made 1 token" in outcome.message for outcome in outcomes)


def test_a_correct_service_in_another_style_passes(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with modern(shop) as url:
        outcomes = judge(shop, url, within=5, settle=0.3)
        assert broken(outcomes) == []
        page = {
            "url": url.replace("/hooks/stripe", "/state/{subscription}"),
            "tokens": "$.tokens",
            "status": "$.status",
        }
        assert broken(judge(shop, url, observe=page, within=5)) == []


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_caught_and_named(bug: str, tmp_path: Path) -> None:
    told, said = TOLD[bug]
    shop = Shop(tmp_path, new_secret(), frozenset({bug}))
    with plain(shop) as url:
        messages = broken(judge(shop, url, answer_within=0.25 if bug == "slow" else 5))
    assert stories(messages) == told, messages
    assert any(said in message for message in messages), messages


def test_every_bug_has_its_story() -> None:
    assert TOLD.keys() == set(BUGS)


FAULT = {"begin": ["mv", "shop.db", "shop.away"], "end": ["mv", "-f", "shop.away", "shop.db"]}


def test_an_outage_of_the_database(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with plain(shop) as url:
        outcomes = judge(shop, url, stories=[], fault=FAULT)
    assert broken(outcomes) == []
    assert [outcome.message.partition(":")[0] for outcome in outcomes] == [
        "signed",
        "outage",
        "outage",
        "outage",
        "outage",
    ]


@pytest.mark.parametrize(
    ("bug", "said"),
    [
        ("says yes to failures", ["what cannot be stored is acknowledged", "made 0 tokens", "made the status nothing"]),
        ("remembers before it works", ["made 0 tokens", "made the status nothing"]),
    ],
)
def test_an_outage_that_loses_a_purchase(bug: str, said: list[str], tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret(), frozenset({bug}))
    with plain(shop) as url:
        messages = broken(judge(shop, url, stories=[], fault=FAULT))
    assert all(words in message for words, message in zip(said, messages, strict=True)), messages


def test_a_handler_that_needs_no_database_for_some_events_may_acknowledge_them(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret(), frozenset({"keeps no inbox"}))
    with plain(shop) as url:
        assert broken(judge(shop, url, stories=[], fault=FAULT)) == []


def test_an_outage_that_is_none(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with plain(shop) as url:
        (message,) = broken(judge(shop, url, stories=[], fault={"begin": ["true"], "end": ["true"]}))
    assert "or `fault` does not take the database away" in message


def test_a_command_that_fails_is_no_outage(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with plain(shop) as url, pytest.raises(CannotTell, match="false ended with the exit code 1"):
        judge(shop, url, stories=[], fault={"begin": ["false"], "end": ["true"]})


def test_some_stories(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with plain(shop) as url:
        outcomes = judge(shop, url, stories=["twice", "unpaid"], observe={"database": "DATABASE_URL", "tokens": ROWS})
    (message,) = broken(outcomes)
    assert message == (
        "unpaid: a completed session whose payment_status is unpaid made 1 token, expected 0: "
        "a bank debit that fails days later would have bought access"
    )


ROWS = "select count(*) from subscriptions where id = :subscription and customer = :customer"


def test_stories_follow_what_can_be_seen(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with plain(shop) as url:
        seen = judge(shop, url, observe={"database": "DATABASE_URL", "status": OBSERVE["status"]})
    assert broken(seen) == []
    assert not stories([outcome.message for outcome in seen]) & {"unpaid", "forged", "other mode", "unknown price"}


@pytest.mark.parametrize(
    ("environment", "env", "said"),
    [
        ("production", {}, "the environment is called production"),
        ("eu-prod", {}, "the environment is called eu-prod"),
        ("test", {"STRIPE_SECRET_KEY": "sk_" + "live_" + secrets.token_hex(9)}, "STRIPE_SECRET_KEY is a live key"),
    ],
)
def test_never_in_production(environment: str, env: dict[str, str], said: str, tmp_path: Path) -> None:
    shop, calls = Shop(tmp_path, new_secret()), list[handlers.Call]()

    def receive(call: handlers.Call) -> int:
        calls.append(call)
        return 200

    with serving(receive, shop.secret) as url:
        with pytest.raises(CannotTell, match=said) as error:
            judge(shop, url, env, environment=environment)
        assert error.value.reason is Reason.DENIED
        assert calls == []
        with plain(shop) as other:
            assert broken(judge(shop, other, environment="pre-prod", stories=["purchase"])) == []


def test_where_nothing_is_accepted_no_story_is_told(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with serving(handlers.by_sdk, new_secret()) as url:
        (outcome,) = judge(shop, url)
    assert "likely cause: wrong secret" in outcome.message


@pytest.mark.parametrize(
    ("observe", "said"),
    [
        ({"tokens": "select count(*) from nowhere where x = :subscription"}, "no such table: nowhere"),
        ({"tokens": "select 1.5 where '' <> :subscription"}, "neither one number nor a list"),
    ],
)
def test_what_cannot_be_seen_is_no_verdict(observe: dict[str, str], said: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with plain(shop) as url, pytest.raises(CannotTell, match=said):
        judge(shop, url, stories=["purchase"], observe={"database": "DATABASE_URL", **observe})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=500), "answers 500, so that what was made cannot be seen"),
        (Answer(body=b"<html>"), "answers no JSON"),
    ],
)
def test_a_page_that_shows_nothing_is_no_verdict(answer: Answer, said: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with WebServer() as server, plain(shop) as url:
        server.scripts["/state"] = answer
        observe = {"url": f"{server.url}/state?of={{subscription}}", "tokens": "$.tokens"}
        with pytest.raises(CannotTell, match=said):
            judge(shop, url, stories=["purchase"], observe=observe)


def test_a_page_that_is_not_there_shows_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with WebServer() as server, plain(shop) as url:
        observe = {"url": f"{server.url}/of/{{email}}", "status": "$.status", "headers": {"X-Key": "k"}}
        messages = broken(judge(shop, url, stories=["purchase"], observe=observe))
        assert all(asked.headers["x-key"] == "k" for asked in server.asked)
        assert "/of/readiness-" in server.asked[0].path
    assert [message.partition(" made ")[2][:40] for message in messages] == ["the status nothing, expected active: who"]


def test_a_rate_limit_tells_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with serving(handlers.limited(2, shop.receive), shop.secret) as url, pytest.raises(CannotTell) as error:
        judge(shop, url, stories=["purchase"])
    assert error.value.reason is Reason.RATE_LIMITED


def test_the_policy_for_other_prices(tmp_path: Path) -> None:
    shop = Shop(tmp_path, new_secret())
    with plain(shop) as url:
        (message,) = broken(judge(shop, url, stories=["unknown price"], unknown_price="5xx"))
    assert "was answered 200 OK, expected 5xx" in message


OBSERVING = {"database": "D", "status": "select status from s where id = :subscription"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"observe": {"tokens": "select 1"}}, "needs either `database`"),
        ({"observe": {"database": "D", "url": "http://a", "tokens": "x"}}, "needs either `database`"),
        ({"observe": {"database": "D"}}, "asks for nothing"),
        ({"observe": {"database": "D", "tokens": "delete from t where id = :subscription"}}, "no statement that reads"),
        ({"observe": {"database": "D", "tokens": "select count(*) from t"}}, "it would count what others did"),
        ({"observe": {"database": "D", "tokens": "select :name"}}, ":name is not known"),
        ({"observe": {"url": "http://a/{name}", "tokens": "$.a"}}, "has another place in braces"),
        ({"observe": {"url": "http://a/{customer}", "tokens": "a"}}, "is no JSONPath"),
        ({"stories": []}, "`stories` is empty"),
        ({"stories": ["all"]}, "'purchase'"),
        ({"settle": -1}, "are seconds from 0"),
        ({"url": "https://a.example", "fault": FAULT}, "`fault` needs an endpoint on this machine"),
        ({"fault": {"begin": [], "end": ["true"]}}, "needs both `begin` and `end`"),
        ({"price": None}, "price"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        load(**{"url": "http://127.0.0.1/", "secret": "s", "observe": OBSERVING, **options})


def test_its_effect_and_what_it_looks_at() -> None:
    local = load("http://127.0.0.1:8000/hook", "s", fault=FAULT, observe=OBSERVING)
    assert local.effect is Effect.EXEC
    assert [*local.looks_at()] == [
        "POST http://127.0.0.1:8000/hook (12 stories of purchases that nobody made)",
        "$D",
        "mv shop.db shop.away",
        "mv -f shop.away shop.db",
    ]
    assert load("http://localhost/", "s").effect is Effect.READ
    away = load("https://a.example/", "s", observe={"url": "https://a.example/{customer}", "status": "$.s"})
    assert away.effect is Effect.WRITE
    assert [*away.looks_at()][1] == "GET https://a.example/{customer}"
    assert urlsplit(next(iter(away.looks_at())).split()[1]).hostname == "a.example"
