"""``webhook.accepts`` against real handlers: correct ones in three styles, and one for each bug."""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from checks.webhook_accepts import WebhookAccepts
from readiness.api import CannotTell, Effect, Outcome, Reason, Unreachable
from readiness.typed import adapter
from tests.ports import free_port
from tests.webhook import handlers
from tests.webhook.handlers import CORRECT, Handler, new_secret, serving, status
from tests.wire import broken, look, outside

BUGS: dict[str, tuple[Handler, int, str]] = {
    "parsed, Python": (handlers.parsed_python, 5, "signed: .* 400 .*likely cause: body parsed before verification"),
    "parsed, JavaScript": (handlers.parsed_javascript, 5, "rotation: .*likely cause: body parsed before verification"),
    "decoded as Latin": (handlers.latin, 1, "non-ascii: .* or decoded as something else than UTF-8"),
    "first v1 only": (handlers.first_signature, 1, "rotation: .*only the first v1 is compared"),
    "CSRF by site": (handlers.csrf, 1, "cross-site: .* 403 Forbidden.*CSRF refuses it"),
    "CSRF by token": (handlers.csrf_token, 6, "signed: .* 403 Forbidden.*CSRF refuses it"),
    "CSRF of Laravel": (status(419), 6, "signed: .* 419.*CSRF refuses it"),
    "another site is trusted": (handlers.trusts_origin, 1, "cross-site, forged: .* 200 OK, expected 4xx"),
    "media type as a text": (handlers.exact_type, 6, "signed: .* 415 .*`application/json; charset=utf-8`"),
    "a dict for stripe < 15": (handlers.dict_event, 6, "signed: .* 500 .*(.get raises since stripe 15)"),
    "redirects": (handlers.redirects, 7, "308 Permanent Redirect to /webhook/.*redirected: Stripe does not follow"),
    "a login": (status(401), 6, "a login is asked for, which Stripe has not"),
    "no route": (status(404), 6, "there is no such route"),
    "only known types": (handlers.known_types_only, 6, "the signature counts, but the event does not: its type"),
    "no POST": (status(405), 6, "the route takes no POST"),
    "too long": (status(413), 6, "the body is too long"),
    "a model": (status(422), 6, "body parsed before verification: the framework"),
    "a limit": (handlers.limited(0), 7, "the rate limit counts Stripe's deliveries"),
    "an outage": (status(503), 7, "503 Service Unavailable.*the handler crashes on a genuine event"),
    "breaks off": (handlers.breaks_off, 1, "non-ascii: .* by nothing .*the handler or its process ends the connection"),
    "slow": (handlers.slow, 1, r"signed: .* 200 OK in 0\.\d\ds, expected 2xx within 0.3 s.*likely cause: slow"),
}
"""Name -> the handler, how many probes tell, and what is said."""


def judge(url: str, secret: str, folder: Path, env: Mapping[str, str] | None = None, **options: Any) -> list[Outcome]:
    with outside(folder, env=env) as world:
        return look(WebhookAccepts(url=url, secret=secret, **options), world, timeout=10)


@pytest.mark.parametrize("style", CORRECT)
def test_a_correct_handler_passes(style: str, tmp_path: Path) -> None:
    secret = new_secret()
    with serving(CORRECT[style], secret) as url:
        outcomes = judge(url, secret, tmp_path)
    assert broken(outcomes) == []
    assert [outcome.message.partition(":")[0] for outcome in outcomes] == [
        "signed",
        "compact",
        "spaced",
        "non-ascii",
        "rotation",
        "cross-site",
        "cross-site, forged",
    ]
    assert secret.removeprefix("whsec_") not in repr(outcomes)


def test_what_was_a_little_late_is_measured_again(tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.slow_once(), secret) as url:
        assert broken(judge(url, secret, tmp_path, within=1.5)) == []


def test_a_late_refusal_is_not_made_good_by_a_second_event(tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.slow_once(status(503)), secret) as url:
        assert any("signed: " in message for message in broken(judge(url, secret, tmp_path, within=1.5)))


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_caught_and_named(bug: str, tmp_path: Path) -> None:
    handler, count, said = BUGS[bug]
    secret = new_secret()
    with serving(handler, secret) as url:
        messages = broken(judge(url, secret, tmp_path, within=0.3 if bug == "slow" else 5))
    assert any(re.search(said, message) for message in messages), messages
    assert len(messages) == count, messages


@pytest.mark.parametrize(
    ("has", "said"),
    [
        ("{}\n", "wrong secret: the service's has a newline at its end"),
        ('"{}"', "wrong secret: the service's has quotes around it"),
        ("another", "wrong secret: another endpoint's, the other mode's, or a newline at its end"),
    ],
)
def test_what_the_service_has_instead_of_the_secret(has: str, said: str, tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.by_sdk, has.format(secret)) as url:
        messages = broken(judge(url, secret, tmp_path))
    assert len(messages) == 6
    assert all(f"likely cause: {said}" in message for message in messages)


def test_answers_with_ids_of_their_own_are_alike(tmp_path: Path) -> None:
    with serving(handlers.says_why, new_secret()) as url:
        (message,) = broken(judge(url, new_secret(), tmp_path, probes=()))
    assert "likely cause: wrong secret: another endpoint's" in message


def test_a_beginning_that_is_cut_off(tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.by_sdk, secret.removeprefix("whsec_")) as url:
        assert "lacks the beginning whsec_" in broken(judge(url, secret, tmp_path, probes=()))[0]


def test_a_service_without_a_secret(tmp_path: Path) -> None:
    with serving(handlers.any_secret(), "") as url:
        (message,) = broken(judge(url, new_secret(), tmp_path, probes=()))
    assert "likely cause: empty secret accepted" in message


@pytest.mark.parametrize(
    ("env", "options"),
    [({}, {"mode": "live"}), ({"STRIPE_SECRET_KEY": "rk_" + "live_" + secrets.token_hex(8)}, {})],
)
def test_in_production_one_event_is_sent(env: dict[str, str], options: dict[str, str], tmp_path: Path) -> None:
    secret, calls = new_secret(), list[handlers.Call]()

    def counting(call: handlers.Call) -> int:
        calls.append(call)
        return handlers.parsed_python(call)

    with serving(counting, secret) as url:
        (message,) = broken(judge(url, secret, tmp_path, env=env, **options))
    assert len(calls) == 1
    assert "wrong secret: " in message
    assert "or body parsed before verification, which a run outside production tells apart" in message
    sent = calls[0]
    assert sent.headers["content-type"] == "application/json; charset=utf-8"
    assert b'"type": "readiness.probe"' in sent.body
    assert b'"id": "evt_readiness' in sent.body


def test_in_production_the_one_event_may_be_a_variant(tmp_path: Path) -> None:
    secret, calls = new_secret(), list[handlers.Call]()

    def counting(call: handlers.Call) -> int:
        calls.append(call)
        return handlers.csrf(call)

    with serving(counting, secret) as url:
        messages = broken(judge(url, secret, tmp_path, mode="live", probes=("cross-site",)))
    assert [handlers.by_sdk(call) for call in calls].count(200) == 1
    assert len(messages) == 1
    assert "403 Forbidden" in messages[0]
    assert "CSRF refuses it" in messages[0]


def test_some_probes(tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.csrf, secret) as url:
        outcomes = judge(url, secret, tmp_path, probes=("cross-site",))
    assert [outcome.ok for outcome in outcomes] == [True, False, True]


def test_nothing_answers(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        judge(f"http://127.0.0.1:{free_port()}/", new_secret(), tmp_path)


def test_an_endpoint_that_never_answers(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        check = WebhookAccepts(url=f"http://127.0.0.1:{silent.getsockname()[1]}/", secret=new_secret())
        with outside(tmp_path) as world, pytest.raises(Unreachable) as error:
            look(check, world, timeout=0.3)
    assert error.value.reason is Reason.TIMEOUT


def test_an_answer_without_end_is_bounded(tmp_path: Path) -> None:
    secret = new_secret()
    with serving(handlers.endless, secret) as url:
        outcomes = judge(url, secret, tmp_path, probes=())
    assert broken(outcomes) == []
    assert all(len(outcome.evidence[0].seen) < 2100 for outcome in outcomes)


def test_no_secret_to_sign_with(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match="the signing secret is empty"):
        judge("http://127.0.0.1:9/", "", tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "https://", "secret": "s"}, "no http or https URL"),
        ({"url": "https://a", "secret": "s", "within": 0}, "`within` is a number of seconds above 0"),
        ({"url": "https://a", "secret": "s", "probes": ["all"]}, "'compact'"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        adapter(WebhookAccepts).validate_python(options)


def test_what_it_looks_at() -> None:
    check = WebhookAccepts(url="https://a.example/hook", secret="s")
    assert check.effect is Effect.READ
    assert [*check.looks_at()] == ["POST https://a.example/hook (signed events of an unknown type; in production one)"]
