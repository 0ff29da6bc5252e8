"""The client for endpoints, against real servers on loopback."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpcore
import pytest

from readiness.api import CannotTell, HttpRequest, Reason, Unreachable
from readiness.world import tls
from readiness.world.http import HttpClient
from readiness.world.transport import Stream
from tests.ports import free_port
from tests.wire import Answer, WebServer, certificate


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as running:
        yield running


@pytest.fixture
def client() -> Iterator[HttpClient]:
    made = HttpClient(timeout=5.0)
    yield made
    made.close()


def test_an_answer_as_it_was_given(server: WebServer, client: HttpClient) -> None:
    cookies = (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    server.scripts["/x"] = Answer(status=201, headers=cookies, body=b"body")
    answer = client.send(HttpRequest(method="POST", url=f"{server.url}/x", content=b"{}", headers=(("X-A", "1"),)))
    assert (answer.status, answer.body, answer.truncated, answer.tls) == (201, b"body", False, None)
    assert [value for name, value in answer.headers if name == "set-cookie"] == ["a=1", "b=2"]
    assert 0 < answer.first_byte <= answer.elapsed < 5
    asked = server.asked[0]
    assert (asked.method, asked.body, asked.headers["x-a"]) == ("POST", b"{}", "1")


def test_no_cookie_is_kept(server: WebServer, client: HttpClient) -> None:
    server.scripts["/x"] = Answer(headers=(("Set-Cookie", "session=1; Path=/"),))
    client.send(HttpRequest(url=f"{server.url}/x"))
    client.send(HttpRequest(url=f"{server.url}/x?2"))
    assert "cookie" not in server.asked[1].headers


def test_safe_requests_are_sent_once_others_each_time(server: WebServer, client: HttpClient) -> None:
    server.scripts["/x"] = Answer()
    for method in ("GET", "GET", "POST", "POST"):
        client.send(HttpRequest(method=method, url=f"{server.url}/x"))
    assert [asked.method for asked in server.asked] == ["GET", "POST", "POST"]
    client.send(HttpRequest(url=f"{server.url}/x", headers=(("Origin", "https://a.example"),)))
    client.attempt(5.0, fresh=False).send(HttpRequest(url=f"{server.url}/x"))
    assert len(server.asked) == 4
    client.attempt(5.0, fresh=True).send(HttpRequest(url=f"{server.url}/x"))
    assert len(server.asked) == 5


def test_connections_are_kept(server: WebServer, client: HttpClient) -> None:
    server.scripts["/x"] = Answer()
    for number in range(5):
        client.send(HttpRequest(url=f"{server.url}/x?{number}"))
    assert len(server.connections) == 1


def test_many_at_once_are_quick(server: WebServer, client: HttpClient) -> None:
    """100 answers of 200 ms on 16 threads take 1.4 s in the best case; one after the other they take 20 s."""

    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.2)
        Answer()(handler)

    server.scripts["/x"] = slow
    client.send(HttpRequest(url=f"{server.url}/x"))
    started = time.monotonic()
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda n: client.send(HttpRequest(url=f"{server.url}/x?{n}")), range(100)))
    assert time.monotonic() - started < 10


def test_a_closed_port_is_unreachable(client: HttpClient) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(Unreachable, match="refused") as error:
        client.send(HttpRequest(url=url))
    assert (error.value.reason, error.value.subject) == (Reason.UNREACHABLE, url)


def test_an_unknown_name_is_unreachable() -> None:
    def nobody(host: str, _port: int) -> tuple[str, ...]:
        raise Unreachable(f"{host} does not resolve to an address")

    lost = HttpClient(resolve=nobody)
    with pytest.raises(Unreachable, match="does not resolve"):
        lost.send(HttpRequest(url="http://nowhere.example/"))
    lost.close()


def test_no_answer_is_a_timeout(client: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        request = HttpRequest(url=f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.3)
        with pytest.raises(Unreachable, match=r"within 0\.3 s") as error:
            client.send(request)
    assert error.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_byte_now_and_then_ends_at_the_deadline(server: WebServer, client: HttpClient, where: str) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        head = b"HTTP/1.1 200 OK\r\nX-Slow: "
        handler.wfile.write(head if where == "head" else head + b"1\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1500):
            handler.wfile.write(b"x")
            time.sleep(0.02)

    server.scripts["/x"] = drip
    started = time.monotonic()
    with pytest.raises(Unreachable) as error:
        client.send(HttpRequest(url=f"{server.url}/x", timeout=0.5))
    assert error.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 15


def test_the_deadline_of_an_attempt_covers_all_its_requests(client: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        attempt = client.attempt(1, fresh=True)
        started = time.monotonic()
        asked = [HttpRequest(url=f"http://127.0.0.1:{silent.getsockname()[1]}/{number}") for number in range(12)]
        with pytest.raises(Unreachable):
            attempt.send(asked[0])
        for request in asked[1:]:  # of which it knows nothing
            with pytest.raises(CannotTell, match=r"in the 0\.0 s that were left") as error:
                attempt.send(request)
            assert error.value.reason is Reason.TIMEOUT
    assert time.monotonic() - started < 8  # each for itself: more than 12


def test_a_connection_that_the_pool_closes_while_it_is_given_out_is_no_fault_of_the_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = Stream(socket.create_connection(listener.getsockname()), tls.Trust(None))
        stream.close()
        with pytest.raises(httpcore.ConnectionNotAvailable):  # at which the pool takes another
            stream.write(b"GET")
        with pytest.raises(CannotTell, match="closed on this side"):
            stream.read(1)


def test_an_endless_body_is_cut(server: WebServer) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n")
        while True:
            handler.wfile.write(b"x" * 65536)

    server.scripts["/x"] = flood
    client = HttpClient(body_limit=100_000)
    answer = client.send(HttpRequest(url=f"{server.url}/x"))
    assert (len(answer.body), answer.truncated) == (100_000, True)
    client.close()


def test_compression_is_undone_and_bombs_are_cut(server: WebServer) -> None:
    packed = (("Content-Encoding", "gzip"),)
    server.scripts["/small"] = Answer(headers=packed, body=gzip.compress(b"hello"))
    server.scripts["/bomb"] = Answer(headers=packed, body=gzip.compress(bytes(50_000_000)))
    server.scripts["/broken"] = Answer(headers=packed, body=gzip.compress(b"hello" * 100)[:-12])
    server.scripts["/exact"] = Answer(headers=packed, body=gzip.compress(bytes(100_000)))
    client = HttpClient(body_limit=100_000)
    assert client.send(HttpRequest(url=f"{server.url}/small")).body == b"hello"
    bomb = client.send(HttpRequest(url=f"{server.url}/bomb"))
    assert (len(bomb.body), bomb.truncated) == (100_000, True)
    assert not client.send(HttpRequest(url=f"{server.url}/exact")).truncated
    with pytest.raises(Unreachable, match="broke off"):
        client.send(HttpRequest(url=f"{server.url}/broken"))
    client.close()


@pytest.mark.parametrize("said", [b"", b"SMTP ready\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
def test_what_is_no_whole_answer_is_unreachable(server: WebServer, client: HttpClient, said: bytes) -> None:
    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(said)
        handler.close_connection = True

    server.scripts["/x"] = say
    with pytest.raises(Unreachable, match="broke off"):
        client.send(HttpRequest(url=f"{server.url}/x"))


def test_head_has_no_body(server: WebServer, client: HttpClient) -> None:
    server.scripts["/x"] = Answer(headers=(("Content-Encoding", "gzip"),), body=b"never sent")
    assert client.send(HttpRequest(method="HEAD", url=f"{server.url}/x")).body == b""


# --- addresses


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "168.63.129.16",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - as a destination, not to listen on
        "224.0.0.1",
        "127.1",
        "2130706433",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ],
)
def test_what_is_not_public_is_refused(client: HttpClient, host: str) -> None:
    with pytest.raises(CannotTell, match="not contacted") as error:
        client.send(HttpRequest(url=f"http://{host}/"))
    assert error.value.reason is Reason.DENIED


def test_a_name_that_leads_to_loopback_is_refused_unless_allowed(server: WebServer) -> None:
    server.scripts["/x"] = Answer()
    request = HttpRequest(url=f"http://innocent.example:{server.port}/x")
    guarded = HttpClient(resolve=lambda _host, _port: ("127.0.0.1",))
    with pytest.raises(CannotTell, match=r"innocent\.example leads to 127\.0\.0\.1"):
        guarded.send(request)
    allowed = HttpClient(resolve=lambda _host, _port: ("127.0.0.1",), allow_private=True)
    assert allowed.send(request).status == 200
    guarded.close()
    allowed.close()


def test_the_checked_address_is_the_one_connected_to(server: WebServer) -> None:
    """A second answer of DNS cannot change it: the resolver is asked once a connection."""
    server.scripts["/x"] = Answer()
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])
    client = HttpClient(resolve=lambda _host, _port: next(answers))
    assert client.send(HttpRequest(url=f"http://localhost:{server.port}/x")).status == 200
    client.close()


def test_the_next_address_is_tried(server: WebServer) -> None:
    server.scripts["/x"] = Answer()
    client = HttpClient(resolve=lambda _host, _port: ("127.0.0.2", "127.0.0.1"))
    assert client.send(HttpRequest(url=f"http://localhost:{server.port}/x")).status == 200
    client.close()


@pytest.mark.parametrize("url", ["ftp://localhost/", "file:///etc/passwd", "localhost/x", "http://a:port/"])
def test_other_schemes_are_refused(client: HttpClient, url: str) -> None:
    with pytest.raises(CannotTell):
        client.send(HttpRequest(url=url))


@pytest.mark.parametrize("header", [("X", "a\nb"), ("X", "\u20ac"), ("X Y", "a")])
def test_illegal_requests_are_not_sent(server: WebServer, client: HttpClient, header: tuple[str, str]) -> None:
    with pytest.raises(CannotTell, match="HTTP"):
        client.send(HttpRequest(url=f"{server.url}/x", headers=(header,)))
    assert not server.asked


def test_userinfo_is_sent_and_never_shown(server: WebServer, client: HttpClient) -> None:
    server.scripts["/x"] = Answer()
    answer = client.send(HttpRequest(url=f"http://ann:wonderland@127.0.0.1:{server.port}/x"))
    assert server.asked[0].headers["authorization"].startswith("Basic ")
    assert "wonderland" not in answer.url
    with pytest.raises(Unreachable) as error:
        client.send(HttpRequest(url=f"http://ann:wonderland@127.0.0.1:{free_port()}/"))
    assert "wonderland" not in f"{error.value} {error.value.subject}"


def test_proxies_of_the_environment_are_not_used(
    server: WebServer, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    server.scripts["/x"] = Answer()
    assert client.send(HttpRequest(url=f"{server.url}/x")).status == 200


# --- redirects


def redirect(location: str, status: int = 302) -> Answer:
    return Answer(status=status, headers=(("Location", location),))


def test_a_redirect_is_an_answer_unless_followed(server: WebServer, client: HttpClient) -> None:
    server.scripts |= {"/a": redirect("/b"), "/b": Answer(body=b"there")}
    assert client.send(HttpRequest(url=f"{server.url}/a")).status == 302
    followed = client.send(HttpRequest(url=f"{server.url}/a", follow_redirects=True))
    assert (followed.status, followed.body, followed.url) == (200, b"there", f"{server.url}/b")


def test_five_redirects_are_followed_and_a_loop_ends(server: WebServer, client: HttpClient) -> None:
    server.scripts |= {f"/{n}": redirect(f"/{n + 1}") for n in range(5)} | {"/5": Answer(), "/loop": redirect("/loop")}
    assert client.send(HttpRequest(url=f"{server.url}/0", follow_redirects=True)).status == 200
    with pytest.raises(Unreachable, match="more than 5"):
        client.send(HttpRequest(url=f"{server.url}/loop", follow_redirects=True))


@pytest.mark.parametrize(("status", "method", "body"), [(303, "GET", b""), (302, "GET", b""), (307, "POST", b"data")])
def test_methods_change_as_http_says(
    server: WebServer, client: HttpClient, status: int, method: str, body: bytes
) -> None:
    server.scripts |= {"/a": redirect("/b", status), "/b": Answer()}
    client.send(HttpRequest(method="POST", url=f"{server.url}/a", content=b"data", follow_redirects=True))
    assert (server.asked[1].method, server.asked[1].body) == (method, body)


def test_another_origin_gets_no_headers_and_no_body(server: WebServer, client: HttpClient) -> None:
    with WebServer(scripts={"/b": Answer()}) as other:
        server.scripts |= {"/a": redirect(f"{other.url}/b"), "/keep": redirect(f"{other.url}/b", 307)}
        headers = (("X-Api-Key", "k"), ("Authorization", "a"), ("Cookie", "c"))
        client.send(HttpRequest(url=f"{server.url}/a", headers=headers, follow_redirects=True))
        assert not {"x-api-key", "authorization", "cookie"} & other.asked[0].headers.keys()
        kept = client.send(
            HttpRequest(method="POST", url=f"{server.url}/keep", content=b"secret", follow_redirects=True)
        )
        assert (kept.status, len(other.asked)) == (307, 1)


def test_a_server_elsewhere_cannot_lead_to_this_machine(server: WebServer) -> None:
    server.scripts |= {"/a": redirect(f"{server.url}/b"), "/b": Answer()}
    client = HttpClient(resolve=lambda host, _port: (host if host[0].isdigit() else "127.0.0.1",), allow_private=True)
    with pytest.raises(CannotTell, match="not followed"):
        client.send(HttpRequest(url=f"http://evil.example:{server.port}/a", follow_redirects=True))
    client.close()


@pytest.mark.parametrize("location", ["ftp://example.com/", "javascript:alert(1)", "http://[broken"])
def test_a_redirect_to_no_url_fails(server: WebServer, client: HttpClient, location: str) -> None:
    server.scripts["/a"] = redirect(location)
    assert client.send(HttpRequest(url=f"{server.url}/a")).status == 302
    with pytest.raises(Unreachable, match="no http or https URL"):
        client.send(HttpRequest(url=f"{server.url}/a", follow_redirects=True))


# --- TLS


def test_the_handshake_is_described(tmp_path: Path) -> None:
    made = certificate(tmp_path, days=40)
    client = HttpClient(ca_file=made.authority)
    with WebServer(scripts={"/x": Answer()}, context=made.server_context()) as server:
        tls = client.send(HttpRequest(url=f"{server.url}/x")).tls
    client.close()
    assert tls is not None
    assert (tls.version, tls.names, tls.issuer) == ("TLSv1.3", ("127.0.0.1",), "commonName=Test Authority")
    assert 39 < (tls.not_after.timestamp() - time.time()) / 86400 < 40.1


def test_the_end_of_the_whole_chain_counts(tmp_path: Path) -> None:
    made = certificate(tmp_path, days=90, authority_days=10)
    client = HttpClient(ca_file=made.authority)
    with WebServer(scripts={"/x": Answer()}, context=made.server_context()) as server:
        tls = client.send(HttpRequest(url=f"{server.url}/x")).tls
    client.close()
    assert tls is not None
    assert 9 < (tls.not_after.timestamp() - time.time()) / 86400 < 10.1


@pytest.mark.parametrize(
    ("host", "days", "trusted", "words"),
    [
        ("127.0.0.1", -3, True, r"has expired: valid until .* \(OpenSSL 10\)"),
        ("other.example", 90, True, r"for another host: other.example \(OpenSSL (62|64)\)"),
        ("127.0.0.1", 90, False, r"issuer of its certificate is unknown: issued by .*Test Authority"),
    ],
)
def test_a_bad_certificate_is_said_in_words(tmp_path: Path, host: str, days: float, trusted: bool, words: str) -> None:
    made = certificate(tmp_path, host=host, days=days)
    client = HttpClient(ca_file=made.authority if trusted else None)
    with WebServer(scripts={"/x": Answer()}, context=made.server_context()) as server:
        with pytest.raises(Unreachable, match=words) as error:
            client.send(HttpRequest(url=f"{server.url}/x"))
        assert not server.asked
    assert error.value.reason is Reason.TLS
    client.close()


def test_a_handshake_that_does_not_end(client: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(Unreachable) as error:
            client.send(HttpRequest(url=url, timeout=0.3))
    assert error.value.reason is Reason.TIMEOUT


def hang_up_on_next(listener: socket.socket) -> None:
    listener.accept()[0].close()


def test_a_handshake_that_breaks_off(client: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as thread:
        hung_up = thread.submit(hang_up_on_next, listener)
        with pytest.raises(Unreachable):
            client.send(HttpRequest(url=f"https://127.0.0.1:{listener.getsockname()[1]}/"))
        hung_up.result(5)


def test_a_name_that_no_resolver_takes_is_unreachable(client: HttpClient) -> None:
    with pytest.raises(Unreachable, match=r"no legal host name|does not resolve"):
        client.send(HttpRequest(url=f"http://{'a' * 64}.example/"))


def test_plain_http_behind_https_is_said(server: WebServer, client: HttpClient) -> None:
    with pytest.raises(Unreachable, match="TLS handshake") as error:
        client.send(HttpRequest(url=f"https://127.0.0.1:{server.port}/"))
    assert error.value.reason is Reason.TLS


def test_an_old_protocol_is_seen(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    client = HttpClient(ca_file=made.authority)
    with WebServer(scripts={"/x": Answer()}, context=made.server_context(newest=ssl.TLSVersion.TLSv1_2)) as server:
        tls = client.send(HttpRequest(url=f"{server.url}/x")).tls
    client.close()
    assert tls
    assert tls.version == "TLSv1.2"
