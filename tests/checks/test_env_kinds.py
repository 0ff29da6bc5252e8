from __future__ import annotations

import secrets
import string
from pathlib import Path
from typing import Any

import pytest

from checks.env_key import EnvKey
from checks.env_modes import EnvModes
from readiness.api import Outcome, Reason
from readiness.redact import Redactor
from readiness.world import Outside
from readiness.world.env import Env

LETTERS = string.ascii_letters + string.digits


def random_text(length: int = 24) -> str:
    """Never with the digits or letters of a placeholder in a row."""
    return "".join(secrets.choice(LETTERS) for _ in range(length - 4)) + "a1B2"


SECRET = random_text(99)


def key(kind: str, mode: str) -> str:
    return f"{kind}_{mode}_{SECRET}"


def outside(**variables: str) -> Outside:
    redactor = Redactor()
    return Outside(environment="test", root=Path(), env=Env(variables, None, redactor), redactor=redactor)


def one_key(value: str | None, **options: Any) -> list[Outcome]:
    found = list(EnvKey(key="KEY", **options).run(outside() if value is None else outside(KEY=value)))
    assert found
    assert SECRET not in repr(found), "the value is never shown"
    return found


def complaints(value: str | None, **options: Any) -> list[str]:
    return [outcome.message for outcome in one_key(value, **options) if not outcome.ok]


@pytest.mark.parametrize(
    ("value", "options"),
    [
        (key("sk", "test"), {"format": "stripe-secret", "mode": "test"}),
        (key("rk", "live"), {"format": "stripe-secret", "mode": "live"}),
        (key("pk", "live"), {"format": "stripe-publishable", "mode": "live"}),
        ("sk_" + "test_" + random_text(24), {"format": "stripe-secret"}),
        (key("sk", "live"), {"mode": "live"}),
        ("price_1" + random_text(23), {"format": "stripe-price"}),
        ("whsec_" + random_text(32), {"format": "stripe-webhook-secret"}),
        ("whsec_" + secrets.token_hex(32), {"format": "stripe-webhook-secret"}),
        ("https://api.kamiyo.ai", {"format": "url"}),
        ("postgresql+asyncpg://app:word@db.internal:5432/app?ssl=require", {"format": "url"}),
        ("sqlite+aiosqlite:///./checkout.db", {"format": "url"}),
        ("redis://localhost:6379/0", {"format": "url"}),
        ("no-reply@kamiyo.ai", {"format": "email"}),
        ("KAMIYO <no-reply@mail.kamiyo.ai>", {"format": "email"}),
        ("production", {"one_of": ("staging", "production")}),
        ("dummy", {"one_of": ("dummy",)}),
        ("https://a.kamiyo.ai,https://b.kamiyo.ai", {"pattern": r"https://[^,]+(,https://[^,]+)*"}),
        ("587", {}),
        ("127.0.0.1", {}),
        ('["https://kamiyo.ai"]', {}),
        ("-----BEGIN KEY-----\nabc\n-----END KEY-----", {}),
    ],
)
def test_a_real_value(value: str, options: dict[str, Any]) -> None:
    assert complaints(value, **options) == []


@pytest.mark.parametrize(
    ("value", "options", "sentence"),
    [
        (None, {}, "is not set"),
        ("", {}, "is empty"),
        (" \n", {}, "is empty"),
        ('""', {}, "is empty"),
        (f"{key('sk', 'test')}\n", {"format": "stripe-secret"}, "has a newline at an end"),
        (f"{key('sk', 'test')}\r", {"format": "stripe-secret"}, "has a carriage return"),
        (f" {key('sk', 'test')}", {"format": "stripe-secret"}, "has white space"),
        (f"{key('sk', 'test')}\u00a0", {}, "has white space"),
        (f"{key('sk', 'test')}\u200b", {}, "has an invisible character"),
        (f'"{key("sk", "test")}"', {"format": "stripe-secret"}, "has a quotation mark"),
        (f"'{key('sk', 'test')}", {}, "has a quotation mark"),
        (f"“{key('sk', 'test')}”", {}, "has a quotation mark"),
        (key("pk", "test"), {"format": "stripe-secret"}, "is not of the form stripe-secret"),
        (key("sk", "live"), {"format": "stripe-publishable"}, "is not of the form stripe-publishable"),
        (key("sk", "test"), {"format": "stripe-secret", "mode": "live"}, "is a test key"),
        (key("sk", "live"), {"format": "stripe-secret", "mode": "test"}, "is a live key"),
        (key("SK", "live"), {"format": "stripe-secret"}, "is not of the form stripe-secret"),
        ("price_1" + SECRET, {"mode": "live"}, "is no key of Stripe, so it has no mode"),
        ("prod_" + SECRET, {"format": "stripe-price"}, "is not of the form stripe-price"),
        ("whsec_short", {"format": "stripe-webhook-secret"}, "is not of the form stripe-webhook-secret"),
        ("api.kamiyo.ai", {"format": "url"}, "is not of the form url"),
        ("https://", {"format": "url"}, "is not of the form url"),
        ("https://host:port/", {"format": "url"}, "is not of the form url"),
        ("https://a b.kamiyo.ai/", {"format": "url"}, "is not of the form url"),
        ("sqlite://", {"format": "url"}, "is not of the form url"),
        ("no-reply@kamiyo", {"format": "email"}, "is not of the form email"),
        ("kamiyo.ai", {"format": "email"}, "is not of the form email"),
        ("a@b@kamiyo.ai", {"format": "email"}, "is not of the form email"),
        ("live", {"one_of": ("staging", "production")}, "is none of the allowed values"),
        ("https://kamiyo.ai/x", {"pattern": "https://kamiyo.ai"}, "does not match the pattern"),
    ],
)
def test_what_is_wrong_is_named(value: str | None, options: dict[str, Any], sentence: str) -> None:
    found = complaints(value, **options)
    assert [message for message in found if sentence in message], found


@pytest.mark.parametrize(
    "value",
    [
        "sk_" + "test_...",
        "sk_" + "test_" + "x" * 24,
        "sk_" + "live_" + "your_secret_key_here",
        "sk_" + "test_" + "yourkeyhere",
        "sk_" + "test_" + "1234567890abcdefghij",
        "sk_" + "test_" + "0" * 24,
        "sk_" + "test_" + "abababababababababababab",
        "price_xxxxx",
        "price_xxxxx_personal",
        "whsec_" + "<from the dashboard>",
        "whsec_" + "placeholder",
        "changeme",
        "CHANGE-ME",
        "change_me_please",
        "postgresql://app:changeme@db/app",
        "https://api.example.com",
        "you@example.com",
        "${STRIPE_SECRET_KEY}",
        "$STRIPE_SECRET_KEY",
        "{{ stripe_key }}",
        "<your key>",
        "your-api-key",
        "TODO",
        "undefined",
        "replace-me",
        "***",
        "insert your key",
    ],
)
def test_a_placeholder_is_no_value(value: str) -> None:
    assert "KEY is still a placeholder" in complaints(value)


def test_random_keys_are_never_taken_for_placeholders() -> None:
    for _ in range(300):
        assert complaints("sk_" + "live_" + random_text(24), format="stripe-secret", mode="live") == []


def test_only_prefix_length_and_origin_are_shown() -> None:
    outcome = one_key(key("sk", "test"), format="stripe-secret")[0]
    assert outcome.observed == "sk_test_... (a secret key, 107 characters) from process environment"
    assert one_key(None)[0].reason is Reason.MISSING


def test_a_secret_is_redacted_and_a_plain_word_is_not() -> None:
    world = outside(HOOK="whsec_" + SECRET, ENVIRONMENT="production")
    list(EnvKey(key="HOOK", format="stripe-webhook-secret").run(world))
    list(EnvKey(key="ENVIRONMENT", one_of=("production",)).run(world))
    assert world.redact(f"whsec_{SECRET} in production") == "[redacted] in production"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"key": " "}, "no name"),
        ({"key": "A=B"}, "no name"),
        ({"key": "A", "format": "url", "mode": "live"}, "does not show a mode"),
        ({"key": "A", "pattern": "(?=x)"}, "lookahead"),
        ({"key": "A", "pattern": ".*"}, "says nothing"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        EnvKey(**options)


# --- env.modes -------------------------------------------------------------------------------------


def modes(mode: str | None = None, **variables: str) -> list[str]:
    options: dict[str, Any] = {"keys": ("SECRET", "PUBLIC"), "mode": mode}
    found = list(EnvModes(**options).run(outside(**variables)))
    assert found
    assert SECRET not in repr(found)
    return [outcome.message for outcome in found if not outcome.ok]


def test_keys_of_one_mode() -> None:
    both = {"SECRET": key("sk", "live"), "PUBLIC": key("pk", "live")}
    assert modes("live", **both) == modes(**both) == []
    assert modes("live", SECRET=key("rk", "live")) == [], "what is not set is another item's business"
    assert modes("live", SECRET=key("sk", "live"), PUBLIC="") == []


def test_keys_that_mix() -> None:
    mixed = {"SECRET": key("sk", "live"), "PUBLIC": key("pk", "test")}
    assert modes(**mixed) == ["the Stripe keys mix test and live mode"]
    assert modes("live", **mixed) == ["PUBLIC is a test key"]
    assert len(modes("test", SECRET=key("sk", "live"), PUBLIC=key("pk", "live"))) == 2


def test_what_shows_no_mode_fails() -> None:
    assert modes("live", SECRET=key("sk", "live"), PUBLIC="whsec_" + SECRET)
    assert modes(SECRET=key("sk", "live"), PUBLIC="price_" + SECRET)
    assert modes(SECRET="changeme") == ["SECRET is no key of Stripe, so its mode is unknown"]


def test_nothing_set_fails() -> None:
    assert modes("live") == modes() == ["none of SECRET, PUBLIC is set"]


def test_keys_that_could_never_disagree_are_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        EnvModes(keys=())
    with pytest.raises(ValueError, match="always agrees with itself"):
        EnvModes(keys=("A", "A"))
