"""What the checkout refuses, before Stripe hears of it."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.reference.service import CREATE, ORIGIN, Service, order, running, settings

LONG = "a" * 65


def assert_error(answer: httpx.Response, status: int, error: str) -> str:
    """The one shape of every error; returns its sentence."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error", "detail", "request_id"}
    assert body["error"] == error
    assert body["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["content-type"] == "application/json"
    assert not re.search(r"Traceback|File \"|Error\b|Exception|sk_|pydantic|stripe", body["detail"])
    return str(body["detail"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("tier", tier) for tier in ["gold", "free", "", "TEAM", " team", "x402", 1, None, ["team"], {"a": 1}]],
        *[
            ("user_email", email)
            for email in [
                "", "ada", "ada@", "@example.com", "ada@example", "a b@example.com", "ada@@example.com",
                "ada@example..com", ".ada@example.com", "a..b@example.com", "ada@-example.com", "ada@example.com\n",
                "ada@example.com\r\nBcc: x@example.com", "Ada <ada@example.com>", "ada@example.com,b@example.com",
                "<script>@example.com", "ada@exam\u200bple.com", f"{LONG}@example.com", "a@" + "b." * 130 + "com", 7,
            ]
        ],
        *[
            (field, url)
            for field in ["success_url", "cancel_url"]
            for url in [
                None, "", "/pricing", "pricing", "//kamiyo.example/pricing", "javascript:alert(1)",
                "JavaScript:alert(1)//https://kamiyo.example", "data:text/html,x", "ftp://kamiyo.example/",
                "http://kamiyo.example/", "https://evil.example/", "https://kamiyo.example.evil.example/",
                "https://kamiyo.example@evil.example/", "https://ada:pw@kamiyo.example/", "https://kamiyo.example:8443/",
                "https://kamiyo.example\\@evil.example/", "https://kamiyo.example\t/", " https://kamiyo.example/",
                "https://kamiyo.example/\r\nSet-Cookie: a=b", "https:/kamiyo.example/", "https:kamiyo.example",
                "https://sub.kamiyo.example/", "https://kamiyo.example./", "https://kamiyo.example:x/", "https://",
                "https://k\u0430miyo.example/", 'https://kamiyo.example/"><script>', ORIGIN + "/" + "a" * 2000, 7,
            ]
        ],
    ],
)  # fmt: skip
def test_a_bad_field_is_400_and_named(client: httpx.Client, field: str, value: object) -> None:
    detail = assert_error(client.post(CREATE, json=order(**{field: value})), 400, "invalid_request")
    assert detail.startswith(f"{field} ")
    assert "<script>" not in detail


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"team"', b"\xff\xfe", b"[" * 100_000, b'{"tier": NaN}'],
)
def test_a_body_that_is_no_order_is_400(client: httpx.Client, content: bytes) -> None:
    answer = client.post(CREATE, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "detail", "request_id"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_of_another_site_cannot_pose_as_json(client: httpx.Client, kind: str) -> None:
    answer = client.post(CREATE, content=b'{"tier": "team"}', headers={"Content-Type": kind})
    assert_error(answer, 400, "invalid_request")


def test_every_fault_is_named_at_once(client: httpx.Client) -> None:
    detail = assert_error(client.post(CREATE, json={"tier": "gold", "user_email": "x"}), 400, "invalid_request")
    assert detail == (
        "tier must be 'personal', 'team' or 'enterprise'. user_email must be a valid e-mail address. "
        "success_url is required. cancel_url is required."
    )


def test_an_oversized_body_is_413(client: httpx.Client) -> None:
    assert_error(client.post(CREATE, content=b"x" * (1 << 20 | 1)), 413, "content_too_large")


def test_an_oversized_body_of_undeclared_length_is_413(client: httpx.Client) -> None:
    chunks = (b"x" * 65536 for _ in range(17))
    answer = client.post(CREATE, content=chunks, headers={"Content-Type": "application/json"})
    assert_error(answer, 413, "content_too_large")


def test_a_missing_key_is_a_configuration_error(client: httpx.Client) -> None:
    assert_error(client.post(CREATE, json=order()), 500, "configuration_error")


def test_a_missing_price_names_the_tier() -> None:
    with running(settings(STRIPE_PRICE_MCP_TEAM="")) as service, service.client() as client:
        detail = assert_error(client.post(CREATE, json=order()), 500, "configuration_error")
        assert detail == "Price not configured for tier: team"
        assert service.event("request_refused", status=500)["detail"] == detail


@pytest.mark.parametrize(
    "session_id",
    [
        "x", "cs_test_", "cs_live_" + "a" * 30, "cs_test_" + "a" * 300, "cs_test_abcdefgh%0a", "..%2f..%2fcustomers",
        "cs_test_abcdefgh'%20OR%201=1--", "cs_test_abcdefgh%00", "pi_" + "1" * 24, "cs_test_\u0430bcdefgh",
        "%3Cscript%3E",
        "cs_test_abcdefgh/line_items",
    ],
)  # fmt: skip
def test_a_malformed_session_id_is_404_without_a_call_to_stripe(client: httpx.Client, session_id: str) -> None:
    # without a key a call could only be a 500
    answer = client.get(f"/api/billing/checkout-session/{session_id}")
    assert_error(answer, 404, "session_not_found")


@pytest.mark.parametrize("body", [None, {}, {"return_url": ORIGIN + "/dashboard"}])
def test_the_portal_is_501(client: httpx.Client, body: dict[str, str] | None) -> None:
    answer = (
        client.post("/api/billing/create-portal-session", json=body)
        if body is not None
        else client.post("/api/billing/create-portal-session")
    )
    assert "planned" in assert_error(answer, 501, "not_implemented")


def test_the_portal_checks_its_url_already(client: httpx.Client) -> None:
    answer = client.post("/api/billing/create-portal-session", json={"return_url": "javascript:alert(1)"})
    assert_error(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/api/billing/nothing", 404), ("POST", "/api/billing/nothing", 404),
     ("GET", CREATE, 405), ("DELETE", "/health", 405), ("POST", "/api/billing/create-checkout-session/", 404)],
)  # fmt: skip
def test_unknown_addresses_have_the_shape_too(client: httpx.Client, method: str, path: str, status: int) -> None:
    assert_error(client.request(method, path), status, "not_found" if status == 404 else "method_not_allowed")


def test_a_refusal_is_in_the_log_without_what_was_sent(service: Service, client: httpx.Client) -> None:
    answer = client.post(CREATE, json=order(user_email="not-an-address-4711"))
    line = service.event("request_invalid", request_id=answer.headers["x-request-id"])
    assert line["fields"] == [{"field": "user_email", "fault": "value_error"}]
    assert "4711" not in "".join(service.lines)
