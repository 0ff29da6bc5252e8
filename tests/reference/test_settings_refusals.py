"""The service does not start with settings that would do harm, and it names each."""

from __future__ import annotations

import pytest

from tests.reference.service import HEALTH, command, production, random_key, refusal, refusals, running, settings

SK = "sk_" + "live_"


CASES = [
    ("STRIPE_SECRET_KEY", random_key("sk_" + "test_"), "test key"),
    ("STRIPE_SECRET_KEY", random_key("rk_" + "test_"), "test key"),
    ("STRIPE_SECRET_KEY", "", "missing"),
    ("STRIPE_SECRET_KEY", SK + "x" * 24, "placeholder"),
    ("STRIPE_SECRET_KEY", SK + "replace_me_with_yours", "placeholder"),
    ("STRIPE_SECRET_KEY", random_key(SK) + "\n", "line break"),
    ("STRIPE_SECRET_KEY", random_key("pk_" + "live_"), "format"),
    ("STRIPE_PUBLISHABLE_KEY", random_key("pk_" + "test_"), "test key"),
    ("STRIPE_PUBLISHABLE_KEY", random_key(SK), "format"),
    ("STRIPE_PUBLISHABLE_KEY", "", "missing"),
    ("STRIPE_WEBHOOK_SECRET", "", "missing"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_...", "placeholder"),
    ("STRIPE_WEBHOOK_SECRET", random_key("whsec_") + " ", "blank"),
    ("STRIPE_PRICE_MCP_TEAM", "price_xxxxx", "placeholder"),
    ("STRIPE_PRICE_MCP_TEAM", random_key("prod_"), "no price id"),
    ("ALLOWED_ORIGINS", "http://kamiyo.example", "https"),
    ("ALLOWED_ORIGINS", "https://kamiyo.example,http://127.0.0.1:8000", "https"),
    ("ALLOWED_ORIGINS", "*", "wildcard"),
    ("ALLOWED_ORIGINS", "https://*.kamiyo.example", "wildcard"),
    ("ALLOWED_ORIGINS", "", "missing"),
    ("ALLOWED_ORIGINS", "https://your-domain.com", "placeholder"),
    ("ENVIRONMENT", "prod", "production"),
    ("STRIPE_API_BASE", "https://api.stripe.com.evil.example", "api.stripe.com"),
    ("STRIPE_API_BASE", "http://127.0.0.1@evil.example", "api.stripe.com"),
    ("STRIPE_API_BASE", "http://api.stripe.com", "api.stripe.com"),
    ("RATE_LIMIT_PER_MINUTE", "0", "1"),
    ("TRUSTED_PROXIES", "*", "network"),
    ("DATABASE_URL", "sqlite+aiosqlite:////srv/checkout.db", "SQLite"),
    ("DATABASE_URL", "mysql://checkout@db.internal/checkout", "postgresql"),
    ("DATABASE_URL", "", "postgresql"),
    ("DATABASE_URL", "postgresql://checkout@db.example.com/checkout", "placeholder"),
    ("DATABASE_URL", "postgresql://checkout:change-me@10.0.0.7/checkout", "placeholder"),
    ("REDIS_URL", "redis://:<password>@10.0.0.7:6379", "placeholder"),
    ("REDIS_URL", "redis://redis.example.com:6379", "placeholder"),
    ("METRICS_TOKEN", "<a-token-of-yours>", "placeholder"),
    ("METRICS_TOKEN", "*" * 20, "placeholder"),
    ("SMTP_HOST", "", "missing"),
    ("SMTP_HOST", "smtp.example.com", "placeholder"),
    ("SMTP_FROM", "", "missing"),
    ("SMTP_FROM", "KAMIYO", "address"),
    ("SMTP_FROM", "a@kamiyo.ai\nBcc: b@kamiyo.ai", "address"),
    ("SMTP_PORT", "0", "1"),
    ("SMTP_TLS", "maybe", "starttls"),
    ("SMTP_USERNAME, SMTP_PASSWORD", "postbox", "missing"),
]


@pytest.fixture(scope="module")
def told() -> dict[tuple[str, str], str]:
    """What production says to each case."""
    envs = [production(**{name.partition(",")[0]: value}) for name, value, _ in CASES]
    return dict(zip([(name, value) for name, value, _ in CASES], refusals(envs), strict=True))


@pytest.mark.parametrize(("name", "value", "said"), CASES)
def test_production_refuses(told: dict[tuple[str, str], str], name: str, value: str, said: str) -> None:
    sentence = told[name, value]
    assert f"  - {name}: " in sentence
    assert said in sentence
    assert len(value) < 8 or value.strip() not in sentence.replace("https://api.stripe.com,", "")


def test_every_fault_is_named_at_once() -> None:
    env = production(STRIPE_SECRET_KEY="", STRIPE_WEBHOOK_SECRET="", ALLOWED_ORIGINS="http://a.example")
    told = refusal(env, command())
    assert [line.split(":")[0] for line in told.splitlines()[1:]] == [
        "  - STRIPE_SECRET_KEY",
        "  - STRIPE_WEBHOOK_SECRET",
        "  - ALLOWED_ORIGINS",
    ]


def test_a_password_in_clear_is_for_this_machine_only() -> None:
    login = {
        "SMTP_HOST": "smtp.kamiyo.ai",
        "SMTP_USERNAME": "postbox",
        "SMTP_PASSWORD": random_key(""),
        "SMTP_TLS": "none",
    }
    assert "  - SMTP_TLS: none is for a server on this machine" in refusal(settings(**login))
    assert "  - SMTP_TLS: none is for a server on this machine" in refusal(
        production(SMTP_HOST="smtp.kamiyo.ai", SMTP_TLS="none")
    )
    assert "  - SMTP_PASSWORD: is a placeholder" in refusal(
        settings(**{**login, "SMTP_PASSWORD": "changeme", "SMTP_TLS": "tls"})
    )


@pytest.mark.parametrize("environment", ["development", "test", "staging"])
def test_a_live_key_outside_production_is_refused(environment: str) -> None:
    told = refusal(settings(ENVIRONMENT=environment, STRIPE_SECRET_KEY=random_key(SK)))
    assert "STRIPE_SECRET_KEY: a live key outside production" in told


PASSWORD = random_key("")
UNREADABLE = [
    ("DATABASE_URL", f"postgresql://checkout:{PASSWORD}/checkout", "<host>"),
    ("DATABASE_URL", f"postgresql://checkout:[{PASSWORD}@10.0.0.7/checkout", "%5B"),
    ("DATABASE_URL", f"postgresql://checkout:{PASSWORD}#1@10.0.0.7/checkout", "%23"),
    ("DATABASE_URL", f"postgresql://checkout:{PASSWORD}@1@10.0.0.7/checkout", "%40"),
    ("DATABASE_URL", f"postgresql://checkout:{PASSWORD}\u2100@10.0.0.7/checkout", "<host>"),
    ("DATABASE_URL", f"postgresql://checkout:{PASSWORD}@10.0.0.7:port/checkout", "<host>"),
    ("DATABASE_URL", f"postgresql://checkout:{PASSWORD}@10.0.0.7:99999/checkout", "<host>"),
    ("DATABASE_URL", f"postgresql://checkout:{PASSWORD}@10.0.0.7", "name a database"),
    ("DATABASE_URL", "sqlite+aiosqlite:///:memory:", "a file"),
    ("DATABASE_URL", f"postgresql://checkout:{PASSWORD}@10.0.0.7/checkout?sslmode=on", "verify-full"),
    ("DATABASE_URL", f"postgresql://checkout:{PASSWORD}@10.0.0.7/checkout?channel_binding=require", "sslmode"),
    ("REDIS_URL", f"redis://:[{PASSWORD}@10.0.0.7:6379", "redis://"),
    ("REDIS_URL", f"redis://:{PASSWORD}#1@10.0.0.7:6379", "redis://"),
    ("REDIS_URL", f"redis://:{PASSWORD}@10.0.0.7:99999", "redis://"),
    ("REDIS_URL", f"redis://:{PASSWORD}\u2100@10.0.0.7:6379", "redis://"),
    ("SENTRY_DSN", "https://[abc@sentry.io/1", "DSN"),
]


def test_an_address_that_cannot_be_read_is_named_and_not_told() -> None:
    told = refusals([settings(**{name: value}) for name, value, _ in UNREADABLE])
    for (name, _, expected), sentence in zip(UNREADABLE, told, strict=True):
        assert f"  - {name}: " in sentence
        assert expected in sentence
        assert PASSWORD not in sentence


def test_addresses_and_tokens_of_every_sign_are_accepted() -> None:
    good = [
        {"DATABASE_URL": "postgres://checkout:%5Ba%2Fb%23%40*<x>@10.0.0.7:5432/checkout?sslmode=verify-full"},
        {"DATABASE_URL": "postgresql+asyncpg:///checkout?host=/run/postgresql"},
        {"DATABASE_URL": "sqlite:///./checkout.db"},
        {"REDIS_URL": "rediss://:a*b<c>d@10.0.0.7:6380/0"},
        {"METRICS_TOKEN": "a*b<c>d" * 3},
    ]
    assert refusals([settings(**changes) for changes in good]) == [""] * len(good)


def test_two_tiers_do_not_share_a_price() -> None:
    shared = {"STRIPE_PRICE_MCP_TEAM": " price_enterprise "}
    none = {"STRIPE_PRICE_MCP_TEAM": "", "STRIPE_PRICE_MCP_ENTERPRISE": ""}
    *refused, accepted = refusals([settings(**shared), settings(ENVIRONMENT="staging", **shared), settings(**none)])
    for sentence in refused:
        assert "  - STRIPE_PRICE_MCP_ENTERPRISE: the same price as STRIPE_PRICE_MCP_TEAM" in sentence
    assert accepted == ""


def test_production_starts_and_sends_hsts() -> None:
    env = production(ENVIRONMENT=" Production ", ALLOWED_ORIGINS="https://KAMIYO.example:443/")
    with running(env) as service, service.client() as client:
        assert client.get("/health").headers["strict-transport-security"].startswith("max-age=63072000")


def test_development_starts_with_nothing_and_says_what_is_missing() -> None:
    blank = {name: "" for name in settings() if name.startswith(("STRIPE_PRICE", "STRIPE_WEBHOOK"))}
    with running(settings(**blank)) as service, service.client() as client:
        answer = client.get(HEALTH)
        assert answer.status_code == 503
        assert answer.json()["configured_tiers"] == []
        assert answer.json()["problems"] == [
            "Missing price IDs for tiers: personal, team, enterprise",
            "The webhook secret is not configured: what is paid has no effect",
            "The Stripe secret key is not configured",
        ]
        refused = client.post("/api/v1/webhooks/stripe", content=b"{}", headers={"Stripe-Signature": "t=1,v1=0"})
        assert (refused.status_code, refused.json()["error"]) == (500, "configuration_error")
