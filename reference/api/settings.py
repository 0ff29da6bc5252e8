"""Settings from the environment (or ``.env``), refused at start where they would do harm.

A value is never part of a message: the name of the variable and what is expected must do.
"""

import ipaddress
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.origins import is_loopback, origin_of

STRIPE_API = "https://api.stripe.com"
PLACEHOLDER = re.compile(
    r"x{5,}|replace|change[_-]?me|placeholder|example|dummy|your[_-]|1234567|\.\.\.|[<>*]", re.IGNORECASE
)
KEY_FORMATS = {
    "stripe_secret_key": re.compile(r"[sr]k_live_\w{10,}", re.ASCII),
    "stripe_publishable_key": re.compile(r"pk_live_\w{10,}", re.ASCII),
    "stripe_webhook_secret": re.compile(r"whsec_[\w+/=-]{10,}", re.ASCII),
}
PRICE_NAMES = ("stripe_price_mcp_personal", "stripe_price_mcp_team", "stripe_price_mcp_enterprise")
PRICE_FORMAT = re.compile(r"price_\w+", re.ASCII)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Environment(StrEnum):
    """Where the service runs; only production may use live keys."""

    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """One field for each variable that the service reads; the names are the same in upper case."""

    model_config = SettingsConfigDict(
        env_file=Path(__file__).parents[1] / ".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    environment: Environment = Environment.DEVELOPMENT
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ("http://localhost:8000", "http://127.0.0.1:8000")
    """Origins of the pages, separated by commas: for CORS, CSRF and the return addresses of a checkout."""
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    """Addresses or networks of the reverse proxies whose X-Forwarded-For is believed."""
    rate_limit_per_minute: int = Field(default=30, ge=1)
    """Requests a minute for one client and one group of paths."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    stripe_secret_key: SecretStr = SecretStr("")
    stripe_publishable_key: SecretStr = SecretStr("")
    stripe_webhook_secret: SecretStr = SecretStr("")
    stripe_price_mcp_personal: str = ""
    stripe_price_mcp_team: str = ""
    stripe_price_mcp_enterprise: str = ""
    stripe_automatic_tax: bool = False
    stripe_api_base: str = STRIPE_API
    """Stripe itself, or a stand-in on this machine."""

    @field_validator("environment", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("allowed_origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        origins = tuple(origin for item in value if (origin := origin_of(item)) and not urlsplit(item).path.strip("/"))
        if len(origins) != len(value):
            raise ValueError("each must be an origin such as https://kamiyo.ai, without path, wildcard or blank")
        return origins

    @field_validator("stripe_api_base")
    @classmethod
    def _stripe_api(cls, value: str) -> str:
        base = value.rstrip("/")
        if base != STRIPE_API and not (is_loopback(base) and origin_of(base) == base):
            raise ValueError(f"must be {STRIPE_API}, or an origin on 127.0.0.1, because the secret key is sent there")
        return base

    @property
    def production(self) -> bool:
        """Whether real money moves."""
        return self.environment is Environment.PRODUCTION

    def price_id(self, variable: str) -> str:
        """The Stripe price id in a variable; empty where it is not set."""
        value = getattr(self, variable.lower(), "")
        return value.strip() if isinstance(value, str) else ""

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, so that the log can leave it out."""
        return tuple(getattr(self, name).get_secret_value() for name in KEY_FORMATS)


def load_settings() -> Settings:
    """Read the environment. Raises SystemExit that names each variable that must not stay as it is."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise SystemExit(_refusal([_sentence(str(e["loc"][0]), e["msg"]) for e in error.errors()])) from None
    if found := list(faults(settings)):
        raise SystemExit(_refusal(found))
    return settings


def faults(settings: Settings) -> Iterator[str]:
    """What keeps these settings from starting, one sentence each."""
    if settings.production:
        yield from _key_faults(settings)
        yield from _price_faults(settings)
        yield from _origin_faults(settings)
    elif "k_live_" in settings.stripe_secret_key.get_secret_value():
        yield "STRIPE_SECRET_KEY: a live key outside production would charge real cards; use a test key"


def _key_faults(settings: Settings) -> Iterator[str]:
    for name, pattern in KEY_FORMATS.items():
        if fault := _key_fault(getattr(settings, name).get_secret_value(), pattern):
            yield f"{name.upper()}: {fault}"


def _price_faults(settings: Settings) -> Iterator[str]:
    """A missing price is no fault here: the other tiers can be sold, and the health names it."""
    for name in PRICE_NAMES:
        value = getattr(settings, name)
        if value and (PLACEHOLDER.search(value) or not PRICE_FORMAT.fullmatch(value)):
            yield f"{name.upper()}: is a placeholder or no price id (price_ and letters or digits)"


def _origin_faults(settings: Settings) -> Iterator[str]:
    if "allowed_origins" not in settings.model_fields_set or not settings.allowed_origins:
        yield "ALLOWED_ORIGINS: missing; name the https origins of the pages"
    elif any(not origin.startswith("https://") for origin in settings.allowed_origins):
        yield "ALLOWED_ORIGINS: only https origins are allowed in production"


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


def _sentence(name: str, message: str) -> str:
    return f"{name.upper()}: {message.removeprefix('Value error, ')}"


def _refusal(found: list[str]) -> str:
    return "\n".join(["The checkout service does not start with these settings:", *(f"  - {line}" for line in found)])
