"""Settings from the environment (or ``.env``), refused at start where they would do harm.

A value is never part of a message: the name of the variable and what is expected must do.
"""

import ipaddress
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.go_live import database_faults, faults
from api.origins import is_loopback, origin_of
from database.address import driver_address

STRIPE_API = "https://api.stripe.com"
REDIS = re.compile(r"rediss?://([^\s/?#@\[\]]*@)?[\w.-]+:(?P<port>\d{1,5})(/\d*)?", re.ASCII)
SENTRY = re.compile(r"(?P<scheme>https?)://\w+@(?P<host>[\w.-]+(:\d{1,5})?)((/[\w.-]+)*)/\d+", re.ASCII)
ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+|[^<>\r\n]+ <[^\s@<>]+@[^\s@<>]+>")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Environment(StrEnum):
    """Where the service runs; only production may use live keys."""

    DEVELOPMENT = "development"
    TEST = "test"
    STAGING = "staging"
    PRODUCTION = "production"


class SmtpTls(StrEnum):
    """How the connection with the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


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
    redis_url: SecretStr = SecretStr("")
    """Redis that counts for all processes together; without one each counts alone."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics_token: SecretStr = SecretStr("")
    """Who has it may read /metrics; without one only development and test answer there."""
    sentry_dsn: SecretStr = SecretStr("")
    """Where errors are reported; without one nowhere."""
    sentry_release: str = ""

    stripe_secret_key: SecretStr = SecretStr("")
    stripe_publishable_key: SecretStr = SecretStr("")
    stripe_webhook_secret: SecretStr = SecretStr("")
    stripe_price_mcp_personal: str = ""
    stripe_price_mcp_team: str = ""
    stripe_price_mcp_enterprise: str = ""
    stripe_automatic_tax: bool = False
    stripe_api_base: str = STRIPE_API
    """Stripe itself, or a stand-in on this machine."""

    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///./checkout.db")
    """PostgreSQL, or a file of SQLite; a relative one is in the folder where the service was started."""

    smtp_host: str = ""
    """The mail server; without one mails wait in the database."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = ""
    smtp_tls: SmtpTls = SmtpTls.STARTTLS

    @field_validator("environment", "smtp_tls", mode="before")
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

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        return SecretStr(driver_address(value.get_secret_value()))

    @field_validator("smtp_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        if value and not ADDRESS.fullmatch(value):
            raise ValueError("must be an address such as KAMIYO <noreply@kamiyo.ai>")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value().strip()
        parts = REDIS.fullmatch(url) if url.isascii() else None
        if url and not (parts and int(parts["port"]) <= 65535):  # noqa: PLR2004 - the highest port
            raise ValueError("must be an address such as redis://<host>:6379 or rediss://:<password>@<host>:6380/0")
        return SecretStr(url)

    @field_validator("sentry_dsn")
    @classmethod
    def _sentry(cls, value: SecretStr) -> SecretStr:
        dsn = value.get_secret_value().strip()
        parts = SENTRY.fullmatch(dsn)
        if dsn and not (parts and (parts["scheme"] == "https" or is_loopback(f"http://{parts['host']}"))):
            raise ValueError("must be a DSN such as https://<key>@<host>/<project>, as Sentry shows it")
        return SecretStr(dsn)

    @field_validator("metrics_token")
    @classmethod
    def _metrics(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        if token and not re.fullmatch(r"[!-~]{16,}", token):
            raise ValueError("must have at least 16 printable signs, such as those of `openssl rand -hex 24`")
        return SecretStr(token)

    @property
    def production(self) -> bool:
        """Whether real money moves."""
        return self.environment is Environment.PRODUCTION

    @property
    def unguarded(self) -> bool:
        """Whether only developers and tests get here."""
        return self.environment in {Environment.DEVELOPMENT, Environment.TEST}

    @property
    def migrates_at_start(self) -> bool:
        """Whether the service brings its schema up to date by itself: elsewhere that is a step of the deployment."""
        return self.unguarded

    @property
    def site(self) -> str:
        """The origin of our pages, for links in mails."""
        return self.allowed_origins[0] if self.allowed_origins else ""

    def price_id(self, variable: str) -> str:
        """The Stripe price id in a variable; empty where it is not set."""
        value = getattr(self, variable.lower(), "")
        return value.strip() if isinstance(value, str) else ""

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, so that the log can leave it out."""
        keys = [self.stripe_secret_key, self.stripe_publishable_key, self.stripe_webhook_secret, self.smtp_password]
        values = [key.get_secret_value() for key in [*keys, self.metrics_token]]
        values.append(urlsplit(self.sentry_dsn.get_secret_value()).username or "")
        for url in (self.database_url, self.redis_url):
            password = urlsplit(url.get_secret_value()).password or ""
            values += [password, unquote(password)]
        return tuple(values)


def load_settings() -> Settings:
    """Read the environment. Raises SystemExit that names each variable that must not stay as it is."""
    settings = _read()
    if found := list(faults(settings)):
        raise SystemExit(_refusal(found))
    return settings


def load_database_url() -> str:
    """Read the address of the database alone, for migrations. Raises SystemExit as load_settings does."""
    settings = _read()
    if found := list(database_faults(settings)):
        raise SystemExit(_refusal(found))
    return settings.database_url.get_secret_value()


def _read() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        raise SystemExit(_refusal([_sentence(str(e["loc"][0]), e["msg"]) for e in error.errors()])) from None


def _sentence(name: str, message: str) -> str:
    return f"{name.upper()}: {message.removeprefix('Value error, ')}"


def _refusal(found: list[str]) -> str:
    return "\n".join(["The checkout service does not start with these settings:", *(f"  - {line}" for line in found)])
