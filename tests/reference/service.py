"""The reference service as a real process on a free port, with its log."""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from string import ascii_letters
from typing import Any

import httpx

from tests.reference.forked import Forked

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
ORIGIN = "https://kamiyo.example"
WEBHOOK = "/api/v1/webhooks/stripe"
CREATE = "/api/billing/create-checkout-session"
HEALTH = "/api/billing/checkout-health"


def random_key(prefix: str) -> str:
    """A key in Stripe's format that nobody has."""
    return prefix + secrets.token_hex(16)


def random_id(prefix: str) -> str:
    """An id of Stripe's shape, in letters: digits of one in hexadecimal may pass for a card number in the log."""
    return f"{prefix}_" + "".join(secrets.choice(ascii_letters) for _ in range(24))


def settings(**changes: str) -> dict[str, str]:
    """Every variable of the service but DATABASE_URL, so that nobody's .env has a say."""
    return {
        "ENVIRONMENT": "development",
        "ALLOWED_ORIGINS": ORIGIN,
        "STRIPE_SECRET_KEY": "",
        "STRIPE_PUBLISHABLE_KEY": "",
        "STRIPE_WEBHOOK_SECRET": random_key("whsec_"),
        "STRIPE_PRICE_MCP_PERSONAL": "price_personal",
        "STRIPE_PRICE_MCP_TEAM": "price_team",
        "STRIPE_PRICE_MCP_ENTERPRISE": "price_enterprise",
        "STRIPE_AUTOMATIC_TAX": "false",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "RATE_LIMIT_PER_MINUTE": "100000",
        "TRUSTED_PROXIES": "",
        "SMTP_HOST": "",
        "SMTP_PORT": "587",
        "SMTP_USERNAME": "",
        "SMTP_PASSWORD": "",
        "SMTP_FROM": "KAMIYO <noreply@kamiyo.ai>",
        "SMTP_TLS": "starttls",
        "LOG_LEVEL": "INFO",
        "REDIS_URL": "",
        "METRICS_TOKEN": "",
        "SENTRY_DSN": "",
        "SENTRY_RELEASE": "",
        **changes,
    }


def production(**changes: str) -> dict[str, str]:
    """Settings with which production starts; nothing answers under their address of the database."""
    live = {
        "ENVIRONMENT": "production",
        "STRIPE_SECRET_KEY": random_key("sk_" + "live_"),
        "STRIPE_PUBLISHABLE_KEY": random_key("pk_" + "live_"),
        "STRIPE_PRICE_MCP_PERSONAL": random_key("price_"),
        "STRIPE_PRICE_MCP_TEAM": random_key("price_"),
        "STRIPE_PRICE_MCP_ENTERPRISE": random_key("price_"),
        "DATABASE_URL": "postgresql+asyncpg://checkout@127.0.0.1:9/checkout",
        "SMTP_HOST": "127.0.0.1",
    }
    return settings(**{**live, **changes})


def arguments(app_dir: Path = REFERENCE) -> list[str]:
    """The documented command without its Python, on a free port."""
    return ["uvicorn", "api.main:app", "--app-dir", str(app_dir), "--port", "0"]


def command(app_dir: Path = REFERENCE) -> list[str]:
    """The documented command, on a free port."""
    return [sys.executable, "-m", *arguments(app_dir)]


@dataclass(kw_only=True)
class Service:
    """A running service."""

    process: subprocess.Popen[str] | Forked
    env: Mapping[str, str]
    url: str = ""
    lines: list[str] = field(default_factory=list)
    parsed: list[dict[str, Any]] = field(default_factory=list)
    """The first of the lines, as many as somebody asked for."""
    arrived: threading.Condition = field(default_factory=threading.Condition)
    closed: bool = False

    def read(self) -> None:
        """Take in the log until the process ends."""
        assert self.process.stdout
        for line in self.process.stdout:
            with self.arrived:
                self.lines.append(line)
                self.arrived.notify_all()
        with self.arrived:
            self.closed = True
            self.arrived.notify_all()

    def wait_for(self, found: Callable[[dict[str, Any]], object], timeout: float = 60) -> dict[str, Any]:
        """The first line of the log that is looked for."""
        deadline = time.monotonic() + timeout
        with self.arrived:
            while True:
                if match := next(filter(found, self.log()), None):
                    return match
                left = deadline - time.monotonic()
                assert left > 0 and not self.closed, "".join(["no such line in the log:\n", *self.lines])  # noqa: PT018 - one reason
                self.arrived.wait(left)

    def event(self, name: str, **context: object) -> dict[str, Any]:
        """The first event of a name whose line has these values."""
        return self.wait_for(lambda line: line["event"] == name and context.items() <= line.items())

    def log(self) -> list[dict[str, Any]]:
        """The lines of the log; each must be JSON."""
        self.parsed += [json.loads(line) for line in self.lines[len(self.parsed) :]]
        return self.parsed

    def client(self, **headers: str) -> httpx.Client:
        """A client for it; no proxies of the machine, and no time spent on certificates."""
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=40, verify=plain)

    def stop(self) -> int:
        """Ask it to end, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


@contextmanager
def running(env: Mapping[str, str], argv: list[str] | None = None) -> Iterator[Service]:
    """Start the service, wait until it answers, and end it; without DATABASE_URL with a file of its own.

    With a command line it runs that, else it is forked from a process that has imported the libraries.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        own = {"DATABASE_URL": f"sqlite:///{folder}/checkout.db"}
        yield stack.enter_context(_running({**own, **env}, argv))


@contextmanager
def _running(env: Mapping[str, str], argv: list[str] | None) -> Iterator[Service]:
    whole = {**os.environ, **env}
    process = (
        subprocess.Popen(argv, env=whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if argv
        else Forked(arguments(), whole)
    )
    service = Service(process=process, env=env)
    reader = threading.Thread(target=service.read)
    reader.start()
    try:
        started = service.wait_for(lambda line: "running on" in line["event"])
        address = re.search(r"http://\S+", started["event"])
        assert address
        service.url = address[0]
        yield service
    finally:
        if process.poll() is None:
            service.stop()
        reader.join()
        assert process.stdout
        process.stdout.close()


def refusal(env: Mapping[str, str], argv: list[str] | None = None) -> str:
    """What the service says when it does not start; without argv only its settings are read."""
    if argv is None:
        return refusals([env])[0]
    done = subprocess.run(argv, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr


READ_SETTINGS = """
import json, os, sys
from api.settings import load_settings
told = []
for env in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(env)
    try:
        load_settings()
    except SystemExit as refusal:
        told.append(str(refusal))
    else:
        told.append("")
json.dump(told, sys.stdout)
"""


def refusals(envs: Sequence[Mapping[str, str]]) -> list[str]:
    """What each of these settings is refused with, empty where they are accepted; read in one process."""
    done = subprocess.run(
        [sys.executable, "-c", READ_SETTINGS],
        env={**os.environ, "PYTHONPATH": str(REFERENCE)},
        input=json.dumps(envs),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told: list[str] = json.loads(done.stdout)
    return told


def order(**changes: object) -> dict[str, object]:
    """A valid request for a checkout; None leaves a field out."""
    fields = {
        "tier": "team",
        "user_email": "ada@example.com",
        "success_url": ORIGIN + "/dashboard/success?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": ORIGIN + "/pricing",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def event(kind: str, *, livemode: bool = False, **changes: object) -> dict[str, object]:
    """An event as Stripe sends it."""
    return {
        "id": random_id("evt"),
        "object": "event",
        "type": kind,
        "livemode": livemode,
        "data": {"object": {"id": random_id("sub"), "object": "subscription"}},
        **changes,
    }


def signature(payload: bytes, secret: str, *, age: int = 0, scheme: str = "v1") -> str:
    """The Stripe-Signature header: HMAC-SHA256 over the time, a dot and the raw body."""
    stamp = int(time.time()) - age
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + payload, sha256).hexdigest()
    return f"t={stamp},{scheme}={mac}"
