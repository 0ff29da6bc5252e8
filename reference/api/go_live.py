"""What keeps settings from starting the service, one sentence each, without the value."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from api.origins import is_loopback

if TYPE_CHECKING:
    from api.settings import Settings

WORDS = r"x{5,}|replace|change[_-]?me|placeholder|dummy|your[_-]"
PLACEHOLDER = re.compile(WORDS + r"|example|1234567|\.\.\.|[<>*]", re.IGNORECASE)
PLACEHOLDER_ORIGIN = re.compile(WORDS, re.IGNORECASE)
PLACEHOLDER_PASSWORD = re.compile(WORDS + r"|^password$|^secret$|^<.*>$|^\*+$", re.IGNORECASE)
"""A generated password may hold any sign."""
KEY_FORMATS = {
    "stripe_secret_key": re.compile(r"[sr]k_live_\w{10,}", re.ASCII),
    "stripe_publishable_key": re.compile(r"pk_live_\w{10,}", re.ASCII),
    "stripe_webhook_secret": re.compile(r"whsec_[\w+/=-]{10,}", re.ASCII),
}
PRICE_NAMES = ("stripe_price_mcp_personal", "stripe_price_mcp_team", "stripe_price_mcp_enterprise")
PRICE_FORMAT = re.compile(r"price_\w+", re.ASCII)


def faults(settings: "Settings") -> Iterator[str]:
    """All of them."""
    if settings.production:
        yield from _key_faults(settings)
        yield from _price_faults(settings)
        yield from _origin_faults(settings)
    elif "k_live_" in settings.stripe_secret_key.get_secret_value():
        yield "STRIPE_SECRET_KEY: a live key outside production would charge real cards; use a test key"
    yield from _shared_prices(settings)
    yield from database_faults(settings)
    yield from _mail_faults(settings)
    yield from _operations_faults(settings)


def database_faults(settings: "Settings") -> Iterator[str]:
    """Those that a migration must not start with either."""
    if not settings.production:
        return
    url = settings.database_url.get_secret_value()
    if "database_url" not in settings.model_fields_set:
        yield "DATABASE_URL: missing"
    elif url.startswith("sqlite"):
        yield "DATABASE_URL: is SQLite, a file of one machine; production needs postgresql+asyncpg://"
    elif _has_placeholder(url):
        yield "DATABASE_URL: holds a placeholder"


def _has_placeholder(address: str) -> bool:
    url = urlsplit(address)
    password = unquote(url.password or "")
    return bool(PLACEHOLDER.search(f"{url.hostname}{url.path}") or PLACEHOLDER_PASSWORD.search(password))


def _operations_faults(settings: "Settings") -> Iterator[str]:
    found = {
        "REDIS_URL": _has_placeholder(settings.redis_url.get_secret_value()),
        "SENTRY_DSN": PLACEHOLDER.search(settings.sentry_dsn.get_secret_value()),
        "METRICS_TOKEN": PLACEHOLDER_PASSWORD.search(settings.metrics_token.get_secret_value()),
    }
    yield from (f"{name}: holds a placeholder" for name, placeholder in found.items() if placeholder)


def _mail_faults(settings: "Settings") -> Iterator[str]:
    if settings.production:
        yield from _missing_mail(settings)
    elif settings.smtp_host and not settings.smtp_from:
        yield "SMTP_FROM: missing"
    password = settings.smtp_password.get_secret_value()
    if bool(settings.smtp_username) != bool(password):
        yield "SMTP_USERNAME, SMTP_PASSWORD: one of them is missing"
    if PLACEHOLDER_PASSWORD.search(password):
        yield "SMTP_PASSWORD: is a placeholder"
    elsewhere = settings.smtp_host and not is_loopback(f"http://{settings.smtp_host}")
    if settings.smtp_tls == "none" and elsewhere and (password or settings.production):
        yield "SMTP_TLS: none is for a server on this machine; use starttls or tls"


def _missing_mail(settings: "Settings") -> Iterator[str]:
    for name in ("smtp_host", "smtp_from"):
        value = getattr(settings, name)
        # an address with a name has angle brackets
        if not value or PLACEHOLDER.search(re.sub(r"[<>]", "", value)):
            yield f"{name.upper()}: is a placeholder" if value else f"{name.upper()}: missing"


def _key_faults(settings: "Settings") -> Iterator[str]:
    for name, pattern in KEY_FORMATS.items():
        if fault := _key_fault(getattr(settings, name).get_secret_value(), pattern):
            yield f"{name.upper()}: {fault}"


def _price_faults(settings: "Settings") -> Iterator[str]:
    """A missing price is no fault here: the other tiers can be sold, and the health names it."""
    for name in PRICE_NAMES:
        value = getattr(settings, name)
        if value and (PLACEHOLDER.search(value) or not PRICE_FORMAT.fullmatch(value)):
            yield f"{name.upper()}: is a placeholder or no price id (price_ and letters or digits)"


def _shared_prices(settings: "Settings") -> Iterator[str]:
    """The tier that was bought is known by the price."""
    tiers: dict[str, str] = {}
    for name in PRICE_NAMES:
        price = settings.price_id(name)
        if first := tiers.get(price):
            yield f"{name.upper()}: the same price as {first.upper()}; each tier has one of its own"
        elif price:
            tiers[price] = name


def _origin_faults(settings: "Settings") -> Iterator[str]:
    if "allowed_origins" not in settings.model_fields_set or not settings.allowed_origins:
        yield "ALLOWED_ORIGINS: missing; name the https origins of the pages"
    elif any(not origin.startswith("https://") for origin in settings.allowed_origins):
        yield "ALLOWED_ORIGINS: only https origins are allowed in production"
    elif any(PLACEHOLDER_ORIGIN.search(origin) for origin in settings.allowed_origins):
        yield "ALLOWED_ORIGINS: holds a placeholder"


def _key_fault(value: str, pattern: re.Pattern[str]) -> str | None:
    if not value:
        return "missing"
    if value != value.strip():
        return "has a blank or a line break at an end"
    if "_test_" in value[:8]:
        return "is a test key; production needs a live key"
    if PLACEHOLDER.search(value):
        return "is a placeholder"
    return None if pattern.fullmatch(value) else "does not have the format of such a key"
