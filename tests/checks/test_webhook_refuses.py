"""``webhook.refuses`` against real handlers: correct ones in three styles, and one for each bug."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from checks.webhook_refuses import WebhookRefuses
from readiness.api import CannotTell, Effect, Outcome, Reason, Unreachable
from readiness.typed import adapter
from tests.engine import Folder
from tests.ports import free_port
from tests.webhook import handlers
from tests.webhook.handlers import CORRECT, Handler, any_secret, new_secret, serving, status
from tests.wire import broken, look, outside, view

BUGS: dict[str, tuple[Handler, int | None, str]] = {
    "no verification": (handlers.no_verification, None, "likely cause: the signature is not verified"),
    "only where there is a header": (
        handlers.only_if_signed,
        2,
        "verification is left out where there is no signature",
    ),
    "presence": (handlers.presence_only, None, "its signature is compared with nothing"),
    "empty secret too": (any_secret(""), 1, "likely cause: empty secret accepted"),
    "None too": (any_secret("None"), 1, "key None: .* the secret is not set and became a text"),
    "null too": (any_secret("null"), 1, "key null: .* the secret is not set and became a text"),
    "undefined too": (any_secret("undefined"), 1, "key undefined: .* the secret is not set and became a text"),
    "v0 too": (handlers.v0_too, 1, "the scheme is not looked at"),
    "no tolerance": (handlers.no_tolerance, 2, "the tolerance is off"),
    "another time": (handlers.other_time, 1, "the time that is compared with the clock is not the one that is signed"),
    "parsed, Python": (handlers.parsed_python, 2, "likely cause: body parsed before verification"),
    "parsed, JavaScript": (handlers.parsed_javascript, 2, "likely cause: body parsed before verification"),
    "a number not covered": (handlers.number_not_covered, 1, "verified over something else than the body"),
    "crashes": (handlers.crashes, None, "the handler crashes on it; catch what the verification raises"),
    "redirects": (
        handlers.redirects,
        None,
        "redirected: Stripe does not follow; register /webhook/ itself",
    ),
    "refuses all": (status(400), 1, "likely cause: wrong secret"),
    "no route": (status(404), 1, "likely cause: there is no such route"),
    "yes to all": (status(200), None, "likely cause: the signature is not verified"),
}
"""Name -> the handler, how many probes tell (None: many), and what is said."""


def judge(url: str, secret: str, folder: Path, **options: Any) -> list[Outcome]:
    with outside(folder) as world:
        return look(WebhookRefuses(url=url, secret=secret, **options), world, timeout=10)


@pytest.mark.parametrize("style", CORRECT)
@pytest.mark.parametrize("mode", ["test", "live"])
def test_a_correct_handler_passes(style: str, mode: str, tmp_path: Path) -> None:
    secret = new_secret()
    with serving(CORRECT[style], secret) as url:
        outcomes = judge(url, secret, tmp_path, mode=mode, api_version="2024-06-20")
    assert broken(outcomes) == []
    assert len(outcomes) == 23
    assert all(outcome.expected and outcome.observed and outcome.subject and outcome.evidence for outcome in outcomes)
    assert secret not in repr(outcomes)
    assert secret.removeprefix("whsec_") not in repr(outcomes)


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_caught_and_named(bug: str, tmp_path: Path) -> None:
    handler, count, said = BUGS[bug]
    secret = new_secret()
    with serving(handler, secret) as url:
        outcomes = judge(url, secret, tmp_path)
    messages = broken(outcomes)
    assert any(re.search(said, message) for message in messages), messages
    assert len(messages) == count if count else len(messages) > 2, messages


def test_a_page_where_stripe_delivers(tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.by_sdk, secret, get=200) as url:
        (message,) = broken(judge(url, secret, tmp_path))
    assert message.startswith("GET: a GET was answered 200 OK, expected 4xx")
    assert "a catch-all page of the frontend" in message


@pytest.mark.parametrize("get", [302, 404, 501])
def test_a_get_may_lead_elsewhere(get: int, tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.by_sdk, secret, get=get) as url:
        assert broken(judge(url, secret, tmp_path)) == []


def test_a_slow_service_is_bounded_and_not_accused(tmp_path: Path) -> None:
    secret, started = new_secret(), time.monotonic()
    with serving(handlers.slow, secret) as url, outside(tmp_path) as world, pytest.raises(CannotTell) as error:
        look(WebhookRefuses(url=url, secret=secret), world, timeout=1)
    assert time.monotonic() - started < 8
    assert error.value.reason is Reason.TIMEOUT
    assert "raise the item's `timeout`" in (error.value.fix or "")


ITEM = """
refuses:
  title: Forgeries
  check: webhook.refuses
  with: {url: "%s", secret: "${env:STRIPE_WEBHOOK_SECRET}"}
"""


def test_in_a_checklist_the_secret_stays(folder: Folder) -> None:
    secret = new_secret()
    with serving(handlers.parsed_python, secret) as url:
        folder.checklist(ITEM % url, "checks: []")
        done = folder.shell("check", "-v", "-o", "-", env={"STRIPE_WEBHOOK_SECRET": secret})
    assert done.code == 1
    assert "body parsed before verification" in done.out
    assert secret not in done.out + done.err


def test_a_signed_event_goes_where_the_operator_binds_the_secret(folder: Folder) -> None:
    folder.checklist(ITEM % "https://shop.example/hook", "checks: []")
    folder.shell("check", env={"STRIPE_WEBHOOK_SECRET": new_secret()})
    (result,) = folder.report()["results"]
    assert (result["state"], result["reason"]) == ("skipped", "effect_refused")
    assert result["fix"] == "run with --bind STRIPE_WEBHOOK_SECRET=https://shop.example"


def test_a_secret_that_is_not_set_is_an_error(folder: Folder) -> None:
    folder.checklist(ITEM % "http://127.0.0.1:9/hook", "checks: []")
    folder.shell("check", env={})
    (result,) = folder.report()["results"]
    assert (result["state"], result["reason"]) == ("error", "missing")


def test_events_of_the_other_mode(tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.by_sdk, secret) as url:
        (message,) = broken(judge(url, secret, tmp_path, mode="live", other_mode="refused"))
        assert "a signed event of test mode was answered 200 OK, expected 4xx" in message
        assert "livemode is not compared" in message
    with serving(handlers.live_only, secret) as url:
        assert broken(judge(url, secret, tmp_path, mode="live", other_mode="refused")) == []
        assert broken(judge(url, secret, tmp_path, mode="live")) == []


def test_why_nothing_genuine_is_accepted(tmp_path: Path) -> None:
    secret = new_secret()
    for handler, said in (
        (handlers.parsed_javascript, "body parsed before verification: only JSON that is written one way survives"),
        (handlers.known_types_only, "the signature counts, but the event does not"),
    ):
        with serving(handler, secret) as url:
            message = broken(judge(url, secret, tmp_path))[0]
        assert message.startswith("signed: ")
        assert said in message
    with serving(any_secret(), "") as url:
        assert "empty secret accepted: the service runs without one" in broken(judge(url, secret, tmp_path))[0]


def test_white_space_around_the_secret_is_named(tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.by_sdk, f"{secret}\n") as url:
        (message,) = broken(judge(url, f"{secret}\n", tmp_path))
    assert "wrong secret, whose variable has white space around the value" in message


def test_a_connection_that_ends_at_a_huge_body_is_a_refusal(tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.hangs_up_on_much, secret) as url:
        outcomes = judge(url, secret, tmp_path)
    assert broken(outcomes) == []
    assert any("by an end of the connection" in outcome.message for outcome in outcomes)


def test_a_rate_limit_is_no_refusal(tmp_path: Path) -> None:
    secret = new_secret()
    with (
        serving(handlers.limited(5), secret) as url,
        pytest.raises(CannotTell, match=r"17 of 22 probes \(429\)") as error,
    ):
        judge(url, secret, tmp_path)
    assert error.value.reason is Reason.RATE_LIMITED


def test_what_the_rate_limit_let_through_is_judged(tmp_path: Path) -> None:
    secret, seen = new_secret(), list[Outcome]()
    handler = handlers.limited(5, handlers.no_verification)
    with serving(handler, secret) as url, outside(tmp_path) as world, pytest.raises(CannotTell):
        seen.extend(WebhookRefuses(url=url, secret=secret).run(view(world)))
    assert len(broken(seen)) == 4


def test_nothing_answers(tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as error:
        judge(f"http://127.0.0.1:{free_port()}/", new_secret(), tmp_path)
    assert error.value.reason is Reason.UNREACHABLE


def test_no_secret_to_sign_with(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="the signing secret is empty") as error:
        judge("http://127.0.0.1:9/", " \n", tmp_path)
    assert error.value.reason is Reason.MISSING


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "ftp://a", "secret": "s"}, "no http or https URL"),
        ({"url": "https://a", "secret": "s", "api_version": "latest"}, "no version of Stripe's API"),
        ({"url": "https://a", "secret": "s", "mode": "both"}, "'test' or 'live'"),
        ({"url": "https://a"}, "secret"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        adapter(WebhookRefuses).validate_python(options)


def test_what_it_looks_at() -> None:
    check = WebhookRefuses(url="https://user:word@a.example/hook#x", secret="s")
    assert check.effect is Effect.READ
    assert [line.partition(" (")[0] for line in check.looks_at()] == [
        "POST https://a.example/hook",
        "GET https://a.example/hook",
    ]
