"""A change is put on the stage: files, variables, zone, Stripe."""

from __future__ import annotations

import re
import secrets
import string
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from readiness.demo.stage import PRICES, Stage
from tests.mutants.model import Change

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
SLOT = re.compile(r"<(\w+)>")


def fill(text: str) -> str:
    """The text with a random key wherever it names the form of one."""
    return SLOT.sub(lambda slot: KEYS[slot[1]]() if slot[1] in KEYS else slot[0], text)


def change(stage: Stage, wanted: Change) -> None:
    """Raises ValueError and FileNotFoundError where the change does not fit the stage any more."""
    if wanted.environment == "production":
        _go_live(stage)
    _files(stage, wanted)
    _values(stage.env, wanted.env)
    for variable, other in wanted.same_price.items():
        stage.env[variable] = stage.env[other]
    for old, new in wanted.zone.items():
        stage.edit_zone(old, new)
    _stripe(stage, wanted)
    stage.variables.update(wanted.vars)
    if wanted.track:
        _track(stage, wanted)


def _values(env: dict[str, str], wanted: Mapping[str, str | None]) -> None:
    for name, value in wanted.items():
        env.pop(name, None)
        if value is not None:
            env[name] = fill(value)


def service_environment(stage: Stage, wanted: Change) -> dict[str, str]:
    """What the service gets."""
    env = dict(stage.env)
    _values(env, wanted.service_env)
    return env


def _go_live(stage: Stage) -> None:
    stage.environment = "production"
    stage.env |= {
        "ENVIRONMENT": "production",
        "STRIPE_SECRET_KEY": stage.stripe.live_secret_key,
        "STRIPE_PUBLISHABLE_KEY": stage.stripe.live_publishable_key,
        "ALLOWED_ORIGINS": "https://kamiyo.ai",
        "SENTRY_DSN": f"https://{secrets.token_hex(16)}@o1.ingest.sentry.io/42",
    }
    stage.env |= {name: stage.stripe.add_price(amount, livemode=True) for name, amount in PRICES.items()}


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
    store = stage.stripe
    for variable, fields in wanted.price.items():
        store.patch(stage.env[variable], **fields)
    for variable, fields in wanted.product.items():
        product = store.add_product("Another")
        stage.env[variable] = store.add_price(PRICES[variable], product=product)
        store.patch(product, **fields)


def _track(stage: Stage, wanted: Change) -> None:
    for argv in (["init", "--quiet"], ["add", "--all"], ["add", "--force", "--", *wanted.track]):
        subprocess.run(["git", "-C", str(stage.tree), *argv], check=True, capture_output=True)
