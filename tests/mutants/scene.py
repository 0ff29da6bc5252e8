"""A change is put on the stage: files, variables, zone, Stripe."""

from __future__ import annotations

import re
import secrets
import string
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from readiness.demo.stage import EVENTS, PRICES, Stage
from readiness.sandbox.stripe.events import VERSION
from tests.mutants.model import Change

LIVE = "https://api.kamiyo.ai/api/v1/webhooks/stripe"
TAX = "exclusive"
DAY = 86400
LETTERS = string.ascii_letters + string.digits


def _random(length: int, alphabet: str = LETTERS) -> str:
    # a digit, as every real one has some
    return "".join(secrets.choice(alphabet) for _ in range(length - 1)) + secrets.choice(string.digits)


KEYS: Mapping[str, Callable[[], str]] = {
    "sk_live": lambda: f"sk_live_51{_random(97)}",
    "sk_test": lambda: f"sk_test_51{_random(97)}",
    "sk_live_old": lambda: f"sk_live_{_random(24)}",
    "rk_live": lambda: f"rk_live_51{_random(97)}",
    "pk_live": lambda: f"pk_live_51{_random(97)}",
    "pk_test": lambda: f"pk_test_51{_random(97)}",
    "whsec": lambda: f"whsec_{_random(32)}",
    "price": lambda: f"price_1{_random(23)}",
    "aws": lambda: f"AKIA{_random(16, string.ascii_uppercase + '234567')}",
    "github": lambda: f"ghp_{_random(36)}",
    "sendgrid": lambda: f"SG.{_random(22)}.{_random(43)}",
    "slack": lambda: f"xoxb-{_random(12, string.digits)}-{_random(24)}",
    "password": lambda: _random(18),
    "short_test_key": lambda: f"sk_test_{_random(6)}",
}
"""Forms of keys; each use is a key of its own."""
MOMENT = re.compile(r"<in_(\d+)_days>")
EVENTUALLY, GRACE = re.compile(r"\beventually: \w+"), re.compile(r"\bgrace: \w+")
SLOT = re.compile(r"<(\w+)>")


def fill(text: str) -> str:
    """The text with a random key wherever it names the form of one."""
    return SLOT.sub(lambda slot: KEYS[slot[1]]() if slot[1] in KEYS else slot[0], text)


def change(stage: Stage, wanted: Change) -> None:
    """Raises ValueError and FileNotFoundError where the change does not fit the stage any more."""
    stage.environment = stage.env["ENVIRONMENT"] = wanted.environment
    if wanted.environment != "development":
        stage.env["SMTP_PASSWORD"] = _random(24)
    if wanted.environment == "production":
        _go_live(stage)
    _files(stage, wanted)
    _values(stage.env, wanted.env)
    for variable, other in wanted.same_price.items():
        stage.env[variable] = stage.env[other]
    for old, new in wanted.zone.items():
        stage.edit_zone(old, fill(new))
    _stripe(stage, wanted)
    _hurry(stage)
    stage.variables.update(wanted.vars)
    if wanted.track or wanted.history:
        _track(stage, wanted)


def _hurry(stage: Stage) -> None:
    """What waits for a deployment to settle, or for Stripe to try again, would only wait here."""
    text = stage.checklist.read_text("utf-8")
    stage.checklist.write_text(EVENTUALLY.sub("eventually: 1s", GRACE.sub("grace: 1ms", text)), "utf-8")


def _values(env: dict[str, str], wanted: Mapping[str, str | None]) -> None:
    for name, value in wanted.items():
        env.pop(name, None)
        if value is not None:
            env[name] = fill(value)


def service_environment(stage: Stage, wanted: Change) -> dict[str, str]:
    """What the service gets."""
    env = dict(stage.env)
    env.pop("SMTP_PASSWORD", None)  # the stage's mail server asks for none
    _values(env, wanted.service_env)
    return env | {variable: stage.env[other] for variable, other in wanted.service_price.items()}


def _go_live(stage: Stage) -> None:
    store = stage.stripe
    stage.endpoint, secret = store.add_webhook_endpoint(LIVE, EVENTS, livemode=True, api_version=VERSION)
    store.add_tax_registration("US", "DE", livemode=True)
    stage.env |= {
        "STRIPE_SECRET_KEY": store.live_secret_key,
        "STRIPE_PUBLISHABLE_KEY": store.live_publishable_key,
        "STRIPE_WEBHOOK_SECRET": secret,
        "ALLOWED_ORIGINS": "https://kamiyo.ai",
        "SENTRY_DSN": f"https://{secrets.token_hex(16)}@o1.ingest.sentry.io/42",
    }
    stage.env |= {name: store.add_price(amount, livemode=True, tax_behavior=TAX) for name, amount in PRICES.items()}


def _files(stage: Stage, wanted: Change) -> None:
    for name, edits in wanted.edit.items():
        for old, new in edits.items():
            stage.edit(name, old, fill(new))
    for name, text in wanted.write.items():
        _write(stage.tree / name, fill(text))
    for name, text in wanted.append.items():
        path = stage.tree / name
        _write(path, path.read_text("utf-8") + fill(text))
    for name in wanted.crlf:
        path = stage.tree / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    for name in wanted.delete:
        (stage.tree / name).unlink()
    for name, mode in wanted.chmod.items():
        (stage.tree / name).chmod(mode)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _stripe(stage: Stage, wanted: Change) -> None:
    store, live = stage.stripe, stage.environment == "production"
    for variable, fields in wanted.price.items():
        store.patch(stage.env[variable], **fields)
    for variable, fields in wanted.product.items():
        product = store.add_product("Another", livemode=live)
        stage.env[variable] = store.add_price(PRICES[variable], product=product, livemode=live, tax_behavior=TAX)
        store.patch(product, **fields)
    store.patch_account(**_dated(wanted.account))
    _listeners(stage, wanted, live=live)
    _settings(stage, wanted, live=live)
    for variable in wanted.revoke:
        store.revoke(stage.env[variable])


def _dated(fields: Any) -> Any:
    """The fields with a moment such as `<in_10_days>` wherever they name it."""
    if isinstance(fields, dict):
        return {name: _dated(value) for name, value in fields.items()}
    moment = MOMENT.fullmatch(str(fields))
    return int(time.time()) + int(moment[1]) * DAY if moment else fields


def _listeners(stage: Stage, wanted: Change, *, live: bool) -> None:
    """Where Stripe's events go."""
    fields = dict(wanted.endpoint)
    stage.webhook_url = fields.pop("url", "")  # the stage sets it, as the port is not known yet
    stage.stripe.patch(stage.endpoint, **fields)
    for more in wanted.more_endpoints:
        for number in range(more.count):
            made, _ = stage.stripe.add_webhook_endpoint(more.url.replace("<n>", str(number)), EVENTS, livemode=live)
            stage.stripe.patch(made, **more.fields)
    if wanted.destination:
        stage.stripe.add_event_destination(livemode=live, **wanted.destination)


def _settings(stage: Stage, wanted: Change, *, live: bool) -> None:
    """What is set in the dashboard."""
    store, features = stage.stripe, dict(wanted.portal)
    active = features.pop("active", True)
    store.patch(store.portal_id(livemode=live), active=active)
    store.switch_portal(livemode=live, **features)
    store.patch("tax_settings_live" if live else "tax_settings_test", **wanted.tax)
    if wanted.registrations:
        key = stage.env["STRIPE_SECRET_KEY"]
        for one in httpx.get(f"{store.url}/v1/tax/registrations", auth=(key, "")).json()["data"]:
            store.patch(one["id"], **wanted.registrations)


def _track(stage: Stage, wanted: Change) -> None:
    _git(stage, "init", "--quiet")
    if wanted.history:
        for name, text in wanted.history.items():
            _write(stage.tree / name, fill(text))
        _git(stage, "add", "--force", "--", *wanted.history)
        _commit(stage)
        for name in wanted.history:
            (stage.tree / name).unlink()
    _git(stage, "add", "--all")
    _git(stage, "add", "--force", "--", *wanted.track)
    _commit(stage)
    if wanted.shallow:
        _write(stage.tree / ".git/shallow", _git(stage, "rev-parse", "HEAD"))


def _commit(stage: Stage) -> None:
    _git(stage, "-c", "user.name=A", "-c", "user.email=a@kamiyo.ai", "commit", "--quiet", "--no-verify", "-m", "More")


def _git(stage: Stage, *argv: str) -> str:
    command = ["git", "-C", str(stage.tree), *argv]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
