"""Webhook handlers as teams write them: some correct, each in its own style, the others with one bug each."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe

from tests.wire import Answer, Script

PATH = "/webhook"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One delivery as a handler sees it."""

    body: bytes
    headers: Mapping[str, str]
    secret: str

    @property
    def signature(self) -> str | None:
        return self.headers.get("stripe-signature")


Handler = Callable[[Call], int | Script]


def by_sdk(call: Call, *, body: bytes | str | None = None, secret: str | None = None, tolerance: int = 300) -> int:
    """What Stripe's documentation shows."""
    try:
        stripe.Webhook.construct_event(
            call.body if body is None else body, call.signature, call.secret if secret is None else secret, tolerance
        )
    except (stripe.SignatureVerificationError, ValueError):
        return 400
    return 200


def parts(header: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in header.split(","):
        name, _, value = item.partition("=")
        found.setdefault(name.strip(), []).append(value)
    return found


def mac(call: Call, stamp: str, body: bytes | None = None, key: str | None = None) -> str:
    signed = stamp.encode() + b"." + (call.body if body is None else body)
    return hmac.new((call.secret if key is None else key).encode(), signed, hashlib.sha256).hexdigest()


def by_hand(call: Call) -> int:
    """Without the SDK: a dict of the header, the last time wins, 401 and 403 for forgeries."""
    given = parts(call.signature or "")
    if not given.get("t") or not given.get("v1"):
        return 401
    stamp = given["t"][-1]
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
        return 403
    expected = mac(call, stamp)
    return 200 if any(hmac.compare_digest(expected, one) for one in given["v1"]) else 403


def strict_about_types(call: Call) -> int | Script:
    """Correct, and answers 204; a media type may have parameters."""
    if not call.headers.get("content-type", "").startswith("application/json"):
        return 415
    return Answer(status=204) if by_sdk(call) == 200 else 400


CORRECT: dict[str, Handler] = {"by the SDK": by_sdk, "by hand": by_hand, "strict about types": strict_about_types}


def parsed_python(call: Call) -> int:
    try:
        return by_sdk(call, body=json.dumps(json.loads(call.body)))
    except ValueError:
        return 400


def parsed_javascript(call: Call) -> int:
    try:
        written = json.dumps(json.loads(call.body), separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        return 400
    return by_sdk(call, body=written)


def no_verification(call: Call) -> int:
    try:
        return 200 if json.loads(call.body)["type"] else 400
    except (ValueError, KeyError):
        return 400


def only_if_signed(call: Call) -> int:
    return by_sdk(call) if call.signature else 200


def presence_only(call: Call) -> int:
    given = parts(call.signature or "")
    return 200 if "t" in given and given.get("v1") not in (None, [""]) else 400


def any_secret(*others: str) -> Handler:
    def handler(call: Call) -> int:
        given = parts(call.signature or "")
        stamp = given.get("t", [""])[0]
        if not stamp.isdigit() or time.time() - int(stamp) > 300:
            return 400
        keys = (call.secret, *others)
        return 200 if any(mac(call, stamp, key=key) in given.get("v1", []) for key in keys) else 400

    return handler


def v0_too(call: Call) -> int:
    return by_sdk(Call(body=call.body, secret=call.secret, headers={"stripe-signature": _as_v1(call)}))


def _as_v1(call: Call) -> str:
    return (call.signature or "").replace("v0=", "v1=")


def no_tolerance(call: Call) -> int:
    return by_sdk(call, tolerance=0)


def other_time(call: Call) -> int:
    """The first time is signed, the last one is compared with the clock."""
    given = parts(call.signature or "")
    times, signatures = given.get("t", [""]), given.get("v1", [])
    if not all(stamp.isdigit() for stamp in times) or time.time() - int(times[-1]) > 300:
        return 400
    return 200 if mac(call, times[0]) in signatures else 400


def number_not_covered(call: Call) -> int:
    """Verifies a body without its numbers."""
    given = parts(call.signature or "")
    stamp, signatures = given.get("t", [""])[0], set(given.get("v1", []))
    if not stamp.isdigit() or time.time() - int(stamp) > 300:
        return 400
    return 200 if any(mac(call, stamp, body) in signatures for body in (call.body, untampered(call.body))) else 400


def untampered(body: bytes) -> bytes:
    return body.replace(b'"amount": 900,', b'"amount": 100,')


def live_only(call: Call) -> int:
    return by_sdk(call) if b'"livemode": true' in call.body else 400


def hangs_up_on_much(call: Call) -> int | Script:
    """As a proxy with a limit does."""

    def end(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        request.connection.shutdown(socket.SHUT_RDWR)

    return end if len(call.body) > 1 << 20 else by_sdk(call)


def known_types_only(call: Call) -> int | Script:
    """As an old example of Stripe's did: what is not handled is refused."""
    if by_sdk(call) != 200:
        return Answer.json({"error": "invalid signature", "request_id": secrets.token_hex(8)}, 400)
    return Answer.json({"error": "unexpected event type", "request_id": secrets.token_hex(8)}, 400)


def says_why(call: Call) -> int | Script:
    """400 with an id of its own."""
    return Answer.json({"error": "invalid signature", "request_id": secrets.token_hex(8)}, by_sdk(call))


def breaks_off(call: Call) -> int | Script:
    """The process dies at a rare kind of event."""

    def end(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True

    return end if b"Zo" in call.body else by_sdk(call)


def endless(call: Call) -> Script:
    """200, and two gigabytes."""
    del call

    def flood(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(2 << 30))
        request.end_headers()
        for _ in range(2048):
            request.wfile.write(bytes(1 << 20))

    return flood


def limited(count: int, handler: Handler = by_sdk) -> Handler:
    """So many deliveries, then 429."""
    left = iter(range(count))
    return lambda call: 429 if next(left, None) is None else handler(call)


def first_signature(call: Call) -> int:
    given = parts(call.signature or "")
    kept = f"t={given.get('t', [''])[0]},v1={given.get('v1', [''])[0]}"
    return by_sdk(Call(body=call.body, secret=call.secret, headers={"stripe-signature": kept}))


def latin(call: Call) -> int:
    return by_sdk(call, body=call.body.decode("latin-1"))


def crashes(call: Call) -> int:
    stripe.Webhook.construct_event(call.body, call.signature, call.secret)
    return 200


def crashing(handler: Handler) -> Handler:
    """As a framework does: an exception is a 500."""

    def guarded(call: Call) -> int | Script:
        try:
            return handler(call)
        except Exception:  # noqa: BLE001 - what a framework does
            return 500

    return guarded


def dict_event(call: Call) -> int:
    """Code for stripe < 15: an event was a dict."""
    try:
        event: Any = stripe.Webhook.construct_event(call.body, call.signature, call.secret)
    except (stripe.SignatureVerificationError, ValueError):
        return 400
    return 200 if event.get("type") else 400


def csrf(call: Call) -> int:
    return 403 if call.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} else by_sdk(call)


def csrf_token(call: Call) -> int:
    return by_sdk(call) if "x-csrf-token" in call.headers else 403


def trusts_origin(call: Call) -> int:
    return 200 if "origin" in call.headers else by_sdk(call)


def exact_type(call: Call) -> int:
    return by_sdk(call) if call.headers.get("content-type") == "application/json" else 415


def slow(call: Call) -> int:
    time.sleep(0.4)
    return by_sdk(call)


def slow_once(first: Handler = by_sdk) -> Handler:
    """A machine that had something else to do when the first event came."""
    late = iter([(1.6, first)])

    def handle(call: Call) -> int | Script:
        seconds, handler = next(late, (0, by_sdk))
        time.sleep(seconds)
        return handler(call)

    return handle


def redirects(call: Call) -> Answer:
    del call
    return Answer(status=308, headers=(("Location", f"{PATH}/"),))


def status(code: int) -> Handler:
    return lambda _: code


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet: else the body waits 40 ms for an acknowledgement
    answers: Callable[[str, Call], Script]
    secret: str

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        type(self).answers(self.command, Call(body=body, headers=headers, secret=self.secret))(self)

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients of these tests hang up on purpose."""


@contextmanager
def serving(handler: Handler, secret: str, *, get: int = 405) -> Iterator[str]:
    """A real server with a handler; a GET gets a status of its own. Gives the endpoint's URL."""

    def answers(method: str, call: Call) -> Script:
        said = get if method == "GET" else crashing(handler)(call)
        return Answer.json({}, said) if isinstance(said, int) else said

    requests = type("Requests", (_Requests,), {"answers": staticmethod(answers), "secret": secret})
    server = _Server(("127.0.0.1", 0), requests)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{PATH}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def new_secret() -> str:
    return "whsec_" + secrets.token_hex(16)
