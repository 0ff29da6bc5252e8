"""What holds for every request: limits, other sites, headers, origins."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import httpx
import pytest

from tests.reference.service import CREATE, HEALTH, ORIGIN, REFERENCE, command, order, running, settings

EVIL = "https://evil.example"


def statuses(client: httpx.Client, path: str, times: int, **headers: str) -> list[int]:
    return [client.get(path, headers=headers).status_code for _ in range(times)]


def test_the_thirty_first_request_in_a_minute_is_429() -> None:
    env = settings()
    del env["RATE_LIMIT_PER_MINUTE"]
    with running(env) as service, service.client() as client:
        assert statuses(client, HEALTH, 30) == [503] * 30
        refused = client.get(HEALTH)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert set(refused.json()) == {"error", "detail", "request_id"}
        assert refused.headers["x-content-type-options"] == "nosniff"
        # another group of paths, and what is not limited
        assert client.post(CREATE, json={}).status_code == 400
        assert statuses(client, "/health", 40) == [200] * 40
        service.event("rate_limited", request_id=refused.headers["x-request-id"])


def test_every_session_id_counts_in_one_group() -> None:
    with running(settings(RATE_LIMIT_PER_MINUTE="3")) as service, service.client() as client:
        paths = [f"/api/billing/checkout-session/{number}" for number in range(4)]
        assert [client.get(path).status_code for path in paths] == [404, 404, 404, 429]
        # the MCP server asks for all its customers from one address
        assert statuses(client, "/api/mcp/whoami", 5) == [401] * 5


def test_a_rotating_forwarded_address_gains_nothing() -> None:
    with running(settings(RATE_LIMIT_PER_MINUTE="5")) as service, service.client() as client:
        claims = ["198.51.100.{}", "198.51.100.{}:80", "127.0.0.1, 198.51.100.{}", "x{}", "[2001:db8:{}::1]:9"]
        codes = [
            client.get(HEALTH, headers={"X-Forwarded-For": claim.format(number)}).status_code
            for number in range(1, 11)
            for claim in claims
        ]
        assert codes == [503] * 5 + [429] * 45


COUNTED_AS = """
import json, sys
from ipaddress import ip_network
from api.middleware.rate_limiter import client_of
cases = json.load(sys.stdin)
print(json.dumps([
    client_of(
        {"type": "http", "client": [peer, 1], "headers": [(b"x-forwarded-for", said.encode())] if said else []},
        [ip_network(one) for one in trusted],
    )
    for peer, said, trusted in cases
]))
"""
PROXIES = ["10.0.0.0/8"]
CLIENTS = [
    ("203.0.113.5", "", [], "203.0.113.5"),
    ("203.0.113.5", "198.51.100.1", [], "203.0.113.5"),
    # what may be a claim is nobody's count but that of all claims
    ("203.0.113.5", "203.0.113.5", [], "claimed"),
    ("203.0.113.5", "203.0.113.5, 198.51.100.1", PROXIES, "claimed"),
    ("no address", "no address", [], "claimed"),
    ("127.0.0.1", "", [], "127.0.0.1"),
    ("127.0.0.1", "127.0.0.1", [], "127.0.0.1"),
    # a declared proxy, whatever its client claims
    ("10.0.0.1", "203.0.113.5", PROXIES, "203.0.113.5"),
    ("10.0.0.1", "10.0.0.1, 203.0.113.5", PROXIES, "203.0.113.5"),
    ("10.0.0.1", "198.51.100.1, 203.0.113.5, 10.0.0.2", PROXIES, "203.0.113.5"),
    # the server itself put the last one in the peer's place: who is behind that is not known
    ("10.0.0.1", "198.51.100.1, 10.0.0.1", PROXIES, "claimed"),
    ("10.0.0.1", "198.51.100.1, 10.0.0.1", [*PROXIES, "127.0.0.1"], "198.51.100.1"),
    ("2001:db8::1", "", [], "2001:db8::/64"),
]


def test_nobody_is_counted_as_another_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNTED_AS],
        env={**os.environ, "PYTHONPATH": str(REFERENCE)},
        input=json.dumps([case[:3] for case in CLIENTS]),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout) == [counted for *_, counted in CLIENTS]


@pytest.mark.parametrize("header", ["X-Real-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP"])
def test_no_other_header_names_the_client(header: str) -> None:
    with running(settings(RATE_LIMIT_PER_MINUTE="2")) as service, service.client() as client:
        codes = [client.get(HEALTH, headers={header: f"198.51.100.{n}"}).status_code for n in range(3)]
        assert codes == [503, 503, 429]


@pytest.mark.parametrize("uvicorn_rewrites", [True, False])
def test_behind_a_declared_proxy_each_client_has_a_count_of_its_own(uvicorn_rewrites: bool) -> None:
    argv = [*command(), *([] if uvicorn_rewrites else ["--no-proxy-headers"])]
    env = settings(RATE_LIMIT_PER_MINUTE="2", TRUSTED_PROXIES="127.0.0.1,10.0.0.0/8")
    with running(env, argv) as service, service.client() as client:
        # the right-most address outside of our proxies; what stands left of it is the client's own claim
        assert statuses(client, HEALTH, 3, **{"X-Forwarded-For": "203.0.113.1"}) == [503, 503, 429]
        assert statuses(client, HEALTH, 1, **{"X-Forwarded-For": "192.0.2.7, 203.0.113.1, 10.1.1.1"}) == [429]
        assert statuses(client, HEALTH, 3, **{"X-Forwarded-For": "203.0.113.2, 10.1.1.1"}) == [503, 503, 429]
        # one customer's network
        assert statuses(client, HEALTH, 2, **{"X-Forwarded-For": "2001:db8::1"}) == [503, 503]
        assert statuses(client, HEALTH, 1, **{"X-Forwarded-For": "2001:db8::2"}) == [429]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Origin": ORIGIN}, 400),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "same-origin"}, 400),
        ({"Sec-Fetch-Site": "none"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": EVIL}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Host": "no_origin"}, 403),
        ({"Origin": "http://no_origin", "Host": "no_origin"}, 403),
        ({"Origin": ORIGIN + ".evil.example"}, 403),
        ({"Origin": "http" + ORIGIN[5:]}, 403),
        ({"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": EVIL, "Referer": ORIGIN}, 403),
    ],
)
def test_posts_of_other_sites_are_refused(client: httpx.Client, headers: dict[str, str], status: int) -> None:
    answer = client.post(CREATE, json={}, headers=headers)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "detail", "request_id"}


def test_a_page_of_the_service_itself_may_post(client: httpx.Client) -> None:
    assert client.post(CREATE, json={}, headers={"Origin": str(client.base_url).rstrip("/")}).status_code == 400


def test_gets_work_from_everywhere(client: httpx.Client) -> None:
    headers = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
    assert client.get("/health", headers=headers).status_code == 200


def test_cors_answers_the_allowed_origin_only(client: httpx.Client) -> None:
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    allowed = client.options(CREATE, headers={"Origin": ORIGIN, **ask})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, ORIGIN)
    refused = client.options(CREATE, headers={"Origin": EVIL, **ask})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    assert "access-control-allow-credentials" not in allowed.headers
    assert client.post(CREATE, json={}, headers={"Origin": ORIGIN}).headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-origin" not in client.get("/health", headers={"Origin": EVIL}).headers


@pytest.mark.parametrize("path", ["/health", HEALTH, "/nothing", "/openapi.json", "/pricing"])
def test_security_headers_are_on_every_answer(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"].replace("style-src-attr 'unsafe-inline'", "")
    assert "strict-transport-security" not in headers
    assert len(headers["x-request-id"]) == 20


def test_request_ids_are_ours_and_different(client: httpx.Client) -> None:
    ids = {client.get("/health", headers={"X-Request-ID": "mine"}).headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5
    assert "mine" not in ids


def test_answers_of_the_api_are_not_kept(client: httpx.Client) -> None:
    assert client.post(CREATE, json=order()).headers["cache-control"] == "no-store"
