"""What comes over the wire besides well-formed requests of the SDK."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from readiness.sandbox.stripe import StripeSandbox
from tests.sandbox.conftest import Connect
from tests.threads import no_thread_stays

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def connection(sandbox: StripeSandbox) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port(sandbox), timeout=10)
    yield connection
    connection.close()


def port(sandbox: StripeSandbox) -> int:
    return int(sandbox.url.rpartition(":")[2])


def raw(sandbox: StripeSandbox, request: bytes) -> tuple[int, dict[str, Any]]:
    """Send bytes as they are; the status and the JSON body of the answer, after which the server has to hang up."""
    with socket.create_connection(("127.0.0.1", port(sandbox)), timeout=10) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        head, _, body = b"".join(iter(lambda: client.recv(65536), b"")).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def exchange(
    connection: http.client.HTTPConnection,
    sandbox: StripeSandbox,
    method: str,
    path: str,
    body: bytes | None = None,
    **headers: str,
) -> tuple[int, dict[str, Any]]:
    connection.request(method, path, body, {"Authorization": f"Bearer {sandbox.secret_key}", **FORM, **headers})
    answer = connection.getresponse()
    content = answer.read()
    return answer.status, json.loads(content) if content else {}


def test_a_connection_is_kept_open(sandbox: StripeSandbox, connection: http.client.HTTPConnection) -> None:
    exchange(connection, sandbox, "GET", "/v1/account")
    first = connection.sock
    exchange(connection, sandbox, "POST", "/v1/products", b"name=Team")
    exchange(connection, sandbox, "GET", "/v1/none")
    assert connection.sock is first is not None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/none"),
        ("DELETE", "/v1/account"),
        ("PUT", "/v1/prices"),
        ("PATCH", "/v1/prices/x"),
        ("GET", "/"),
        ("OPTIONS", "/v1/prices"),
        ("GET", "/v1/prices/"),
    ],
)
def test_unknown_routes_and_methods_in_stripes_shape(
    sandbox: StripeSandbox, connection: http.client.HTTPConnection, method: str, path: str
) -> None:
    status, body = exchange(connection, sandbox, method, path)
    assert (status, body["error"]["type"]) == (404, "invalid_request_error")
    assert body["error"]["message"].startswith(f"Unrecognized request URL ({method}: {path}).")


def test_head_has_no_body(sandbox: StripeSandbox, connection: http.client.HTTPConnection) -> None:
    assert exchange(connection, sandbox, "HEAD", "/v1/none") == (404, {})
    assert exchange(connection, sandbox, "GET", "/v1/account")[0] == 200


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "", "+5", "9" * 30])
def test_a_bad_content_length(sandbox: StripeSandbox, length: str) -> None:
    request = f"POST /v1/products HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\nname=x".encode()
    status, body = raw(sandbox, request)
    assert status == (413 if length.isdigit() else 400)
    assert body["error"]["type"] == "invalid_request_error"


def test_two_lengths_and_chunks_are_refused(sandbox: StripeSandbox) -> None:
    two = b"POST /v1/products HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\nname=x"
    assert raw(sandbox, two)[0] == 400
    chunked = b"POST /v1/products HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nname=x\r\n0\r\n\r\n"
    assert raw(sandbox, chunked)[0] == 411


def test_a_huge_body_is_refused_and_the_client_gets_to_know(
    sandbox: StripeSandbox, connection: http.client.HTTPConnection
) -> None:
    status, body = exchange(connection, sandbox, "POST", "/v1/products", b"name=" + b"x" * (3 << 20))
    assert (status, body["error"]["message"]) == (413, "The request body is larger than 1048576 bytes.")


def test_a_body_that_ends_early_is_not_carried_out(sandbox: StripeSandbox, client: stripe.StripeClient) -> None:
    with socket.create_connection(("127.0.0.1", port(sandbox)), timeout=10) as early:
        auth = f"Authorization: Bearer {sandbox.secret_key}".encode()
        early.sendall(b"POST /v1/products HTTP/1.1\r\nHost: x\r\n" + auth + b"\r\nContent-Length: 90\r\n\r\nname=x")
        early.shutdown(socket.SHUT_WR)
        assert early.recv(1) == b""
    assert client.v1.products.list().data == []


@pytest.mark.parametrize(
    "request_line",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /v1/account HTTP/9.9\r\n\r\n",
        b"BREW /v1/pots HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["garbage", "version", "method", "endless"],
)
def test_broken_requests_get_json_too(sandbox: StripeSandbox, request_line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port(sandbox)), timeout=10) as client:
        client.sendall(request_line)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    body = answer.partition(b"\r\n\r\n")[2] or answer  # a request without a version gets no head
    assert json.loads(body)["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"name=%ff", "not valid UTF-8"),
        (b"name=\xff\xfe", "not valid UTF-8"),
        (b"name[=x", "Invalid parameter name"),
        (b"=x", "Invalid parameter name"),
        (b"a" + b"[b]" * 20 + b"=x", "too deep"),
        (b"metadata=x&metadata[a]=y", "both a value and a hash"),
        (b"metadata[a]=x&metadata=y", "both a value and a hash"),
        (b"&".join(b"metadata[%d]=x" % number for number in range(1100)), "more than 1000 parameters"),
        (b"name[a]=x", "Invalid string"),
        (b"name=x&images[one]=y", "Invalid array"),
        (b"name=x&metadata[a][b]=y", "Metadata values must be strings"),
        (b"name=x&package_dimensions[height]=tall", "Missing required param: package_dimensions[length]"),
    ],
)
def test_parameters_that_cannot_be_read(
    sandbox: StripeSandbox, connection: http.client.HTTPConnection, body: bytes, message: str
) -> None:
    status, answer = exchange(connection, sandbox, "POST", "/v1/products", body)
    assert status == 400
    assert message in answer["error"]["message"]


def test_json_bodies_are_for_another_api(sandbox: StripeSandbox, connection: http.client.HTTPConnection) -> None:
    status, answer = exchange(
        connection, sandbox, "POST", "/v1/products", b"{}", **{"Content-Type": "application/json"}
    )
    assert status == 400
    assert "application/x-www-form-urlencoded" in answer["error"]["message"]


def test_lists_may_be_written_with_and_without_numbers(
    sandbox: StripeSandbox, connection: http.client.HTTPConnection
) -> None:
    price = sandbox.add_price(100)
    items = f"line_items[][price]={price}&line_items[][quantity]=1&line_items[][price]={price}&line_items[][quantity]=2"
    rest = "mode=subscription&success_url=https%3A%2F%2Fexample.test&expand[]=line_items"
    status, session = exchange(connection, sandbox, "POST", "/v1/checkout/sessions", f"{items}&{rest}".encode())
    assert status == 200
    assert [item["quantity"] for item in session["line_items"]["data"]] == [1, 2]
    assert exchange(connection, sandbox, "GET", "/v1/products?limit=1&expand%5B%5D=data.default_price")[0] == 200


def test_versions_are_echoed_or_refused(sandbox: StripeSandbox, connection: http.client.HTTPConnection) -> None:
    headers = {"Authorization": f"Bearer {sandbox.secret_key}"}
    connection.request("GET", "/v1/account", headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.headers["Stripe-Version"] == stripe.api_version
    assert exchange(connection, sandbox, "GET", "/v1/account", None, **{"Stripe-Version": "2020-08-27"})[0] == 200
    status, body = exchange(connection, sandbox, "GET", "/v1/account", None, **{"Stripe-Version": "yesterday"})
    assert (status, body["error"]["message"]) == (400, "Invalid Stripe API version: yesterday")


def test_an_id_cannot_leave_its_place(sandbox: StripeSandbox, connection: http.client.HTTPConnection) -> None:
    assert exchange(connection, sandbox, "GET", "/v1/prices/..%2Faccount")[1]["error"]["code"] == "resource_missing"


def test_fifty_clients_at_once(connect: Connect, sandbox: StripeSandbox) -> None:
    price = sandbox.add_price(9900)
    clients = [connect() for _ in range(50)]

    def checkout(client: stripe.StripeClient) -> str:
        session = client.v1.checkout.sessions.create(
            {"mode": "subscription", "line_items": [{"price": price, "quantity": 1}], "success_url": "https://x.test"}
        )
        return client.v1.checkout.sessions.retrieve(session.id).id

    with ThreadPoolExecutor(50) as pool:
        ids = list(pool.map(checkout, clients))
    assert len(set(ids)) == 50
    assert len(list(connect().v1.checkout.sessions.list({"limit": 7}).auto_paging_iter())) == 50
    assert len(sandbox.requests) == 50 * 2 + 8


def hung_up(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:  # the server had not read what was sent
        return True


def test_nothing_stays_behind() -> None:
    with no_thread_stays(), StripeSandbox() as sandbox:
        own = port(sandbox)
        idle = socket.create_connection(("127.0.0.1", own), timeout=10)
        half = socket.create_connection(("127.0.0.1", own), timeout=10)
        half.sendall(b"POST /v1/products HTTP/1.1\r\nContent-Le")
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    for client in (idle, half):
        with client:
            assert hung_up(client)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", own), timeout=10)


def test_stopping_does_not_wait_for_latency() -> None:
    with StripeSandbox() as sandbox:
        sandbox.fault("*", latency=60)
        waiting = socket.create_connection(("127.0.0.1", port(sandbox)), timeout=10)
        waiting.sendall(b"GET /v1/account HTTP/1.1\r\nHost: x\r\n\r\n")
        begun = time.monotonic()
    waiting.close()
    assert time.monotonic() - begun < 5


def test_the_url_needs_a_running_server() -> None:
    with pytest.raises(RuntimeError, match="context manager"):
        _ = StripeSandbox().url
