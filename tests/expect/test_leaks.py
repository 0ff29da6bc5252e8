"""What gives the inside away, in the very words of many frameworks; and what must never be called a leak."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from readiness.api import HttpRequest
from readiness.expect.exchange import Exchange
from readiness.expect.leaks import Leak, leaks
from readiness.expect.signatures import SIGNATURES
from readiness.patterns import compile_assertion
from tests.wire import Answer, WebServer, outside, view


@pytest.fixture(scope="module")
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


def found(server: WebServer, folder: Path, body: str | bytes, *, status: int = 500) -> list[Leak]:
    raw = body if isinstance(body, bytes) else body.encode()
    server.scripts["/x"] = Answer(status=status, body=raw)
    with outside(folder) as world:
        return list(leaks(Exchange.of(view(world), HttpRequest(url=f"{server.url}/x"))))


def letters(count: int) -> str:
    return "".join(secrets.choice(string.ascii_letters) for _ in range(count))


def keys() -> dict[str, str]:
    """Keys as their providers make them, never written down."""
    return {
        "Stripe": f"sk_{'live'}_{letters(24)}",
        "Stripe again": f"whsec_{letters(32)}",
        "AWS": f"AKIA{''.join(secrets.choice(string.ascii_uppercase) for _ in range(16))}",
        "GitHub": f"ghp_{letters(36)}",
        "Slack": f"xoxb-{letters(20)}",
        "mail": f"SG.{letters(22)}.{letters(43)}",
        "Google": f"AIza{letters(35)}",
        "private": f"-----BEGIN RSA {'PRIVATE'} KEY-----\n{letters(20)}",
        "password": f"postgresql://app:{letters(12)}@db/shop",
    }


@pytest.mark.parametrize("provider", sorted(keys()))
def test_keys_are_found_everywhere_and_never_shown(server: WebServer, tmp_path: Path, provider: str) -> None:
    key = keys()[provider]
    for status in (200, 500):
        seen = found(server, tmp_path, json.dumps({"detail": f"cannot use {key} here"}), status=status)
        assert seen
        assert key[6:] not in "".join(leak.seen for leak in seen)


LEAKING = {
    "a Python traceback": [
        'Traceback (most recent call last):\n  File "x.py"',
        '{"trace": "  File \\"/srv/main.py\\", line 12, in create"}',
    ],
    "a Java stack trace": [
        "java.lang.Error\n\tat com.acme.shop.CheckoutController.create(CheckoutController.java:42)",
        "Request processing failed; nested exception is java.sql.SQLException",
    ],
    "a JavaScript stack trace": [
        "Error: boom\n    at Object.create (/app/routes/checkout.js:12:7)",
        "Error: boom<br> &nbsp; &nbsp;at create (file:///app/routes/checkout.mjs:12:7)",
        json.dumps({"stack": "Error\n    at node:internal/process/task_queues:95:5"}),
    ],
    "a PHP error": [
        "<b>Warning</b>:  Undefined variable $tier in <b>/x.php</b> on line <b>3</b>",
        "#0 /w/a.php(12): f()",
    ],
    "a Ruby backtrace": ["app/controllers/checkout_controller.rb:12:in `create'"],
    "a Go panic": ["panic: runtime error: index out of range", "goroutine 7 [running]:\nmain.create()"],
    "a .NET stack trace": [
        "   at Shop.Checkout.Create(String tier) in C:\\src\\Checkout.cs:line 12",
        "System.NullReferenceException: x",
    ],
    "a Rust panic": ["thread 'main' panicked at src/main.rs:4:5"],
    "a debug page": [
        "<title>KeyError // Werkzeug Debugger</title>",
        "<p>You're seeing this error because you have <code>DEBUG = True</code> in your settings",
        "<h1>Action Controller: Exception caught</h1>",
    ],
    "a server's own error page": ["<hr><center>nginx/1.18.0</center>", "<h1>Whitelabel Error Page</h1>"],
    "the version of the software": ["<p>Server: gunicorn/20.1.0</p>"],
    "SQL": [
        "[SQL: SELECT subscriptions.id, subscriptions.email FROM subscriptions WHERE id = ?]",
        "INSERT INTO mcp_tokens (hash) VALUES (?)",
        "UPDATE subscriptions SET status = ?",
    ],
    "an error text of a database": [
        'ERROR:  syntax error at or near "\'"',
        'relation "subscriptions" does not exist',
        "(sqlite3.OperationalError) no such table: subscriptions",
        "You have an error in your SQL syntax; check the manual",
        "SQLSTATE[42S02]: Base table or view not found",
        "ORA-00933: SQL command not properly ended",
    ],
    "an error text of Stripe": [
        json.dumps({"detail": "No such price: 'price_1AbCdEf'"}),
        "No such checkout.session: cs_test_123",
        "Invalid API Key provided: sk_test_****1234",
        "a similar object exists in live mode, but a test mode key was used",
        "Request req_aB3dE5fG7hJ9kL: resource_missing",
        "See https://docs.stripe.com/keys",
    ],
    "the name of a class": [
        json.dumps({"error": "KeyError", "detail": "'tier'"}),
        json.dumps({"detail": "stripe.error.InvalidRequestError"}),
        "sqlalchemy.exc.IntegrityError",
        "java.lang.NullPointerException",
        json.dumps({"detail": "HTTPException(status_code=404)"}),
    ],
    "an inside of the program": [
        "'NoneType' object has no attribute 'id'",
        "<function create at 0x7f01> <Session object at 0x7f0123456789>",
        "Cannot read properties of undefined (reading 'tier')",
        "invalid literal for int() with base 10: 'x'",
    ],
    "a field for developers": ['{"error": "internal", "traceback": ["a", "b"]}', '{"stackTrace": "x"}'],
    "a path of the machine": [
        "cannot open /srv/shop/api/billing/checkout.py",
        "/usr/local/lib/python3.11/site-packages/stripe/__init__.py",
        "raised in starlette/routing.py",
        "C:\\inetpub\\wwwroot\\shop\\web.config",
    ],
    "the name of a secret variable": ["STRIPE_SECRET_KEY is not set", "DATABASE_URL is malformed"],
    "an address inside the network": [
        "connect to 10.12.0.7 failed",
        "upstream checkout.shop.svc.cluster.local timed out",
        "cannot reach localhost:5432",
    ],
    "a failed connection's details": ["connect ECONNREFUSED", "[Errno 111] Connection refused"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "body"), [(name, body) for name, bodies in LEAKING.items() for body in bodies])
def test_each_leak_is_called_by_its_name(server: WebServer, tmp_path: Path, name: str, body: str) -> None:
    assert name in [leak.name for leak in found(server, tmp_path, body)]


def test_every_sort_has_an_example() -> None:
    assert {signature.name for signature in SIGNATURES if not signature.secret} == LEAKING.keys()
    for signature in SIGNATURES:
        for pattern in signature.patterns:
            compile_assertion(pattern)


HARMLESS = [
    {"error": "invalid_request", "detail": "tier must be personal, team or enterprise.", "request_id": "abcdefghij"},
    {"error": "not_found", "detail": "There is no such session."},
    {"detail": "No such subscription exists for this account: please select a plan from the list."},
    {"detail": [{"type": "missing", "loc": ["body", "tier"], "msg": "Field required", "input": {"a": 1}}]},
    {"type": "https://kamiyo.ai/problems/rate-limited", "title": "Too many requests", "instance": "/api/x"},
    {"timestamp": "2026-01-01T10:00:00.000+00:00", "status": 404, "error": "Not Found", "path": "/api/billing/x"},
    {"error": {"code": "INVALID_TOKEN", "message": "The token has expired. Update your settings, then try again."}},
    {"error": "MISSING_API_KEY", "message": "Please send an API key in the Authorization header."},
    {"errors": [{"field": "user_email", "message": "Enter a valid e-mail address, such as ann@example.com."}]},
    {"status": "unhealthy", "detail": "Missing price IDs for tiers: team"},
    {"message": "Validation failed", "code": "validation_error", "docs": "https://docs.kamiyo.ai/errors/validation"},
    {"detail": "Payments are not available at the moment. We have been told, and nothing was charged."},
    {"detail": "Select a date from the list", "hint": "Delete from your cart what you do not want"},
    {"version": "10.2.1", "detail": "Not implemented: planned for a later release, at 10:20:30 on line 5 of the plan"},
    '<!DOCTYPE html><html><script src="/_next/static/chunks/main-1a2b.js"></script><h1>404</h1><p>Nothing here.</p>',
    '<p>This page could not be found.</p><a href="/home/pricing/">Home</a><a href="/app/users/12">Profile</a>',
    "<html><body><h1>500 Internal Server Error</h1><p>Warning: something went wrong on our side.</p></body></html>",
    "Cannot GET /api/unknown",
    "Not Found",
    "",
]  # fmt: skip


@pytest.mark.parametrize("body", HARMLESS, ids=str)
def test_words_for_people_are_no_leak(server: WebServer, tmp_path: Path, body: object) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    assert found(server, tmp_path, text) == []


def test_a_page_that_is_no_error_may_speak_of_sql_and_classes(server: WebServer, tmp_path: Path) -> None:
    text = "<h1>Course: SELECT name FROM pupils</h1> raises ValueError; see docs.stripe.com"
    assert found(server, tmp_path, text, status=200) == []
    assert found(server, tmp_path, text, status=404)


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"{" * 5000, b'{"a": "\\ud800"}', b"[" * 200_000])
def test_odd_bodies_do_no_harm(server: WebServer, tmp_path: Path, body: bytes) -> None:
    assert found(server, tmp_path, body) == []
