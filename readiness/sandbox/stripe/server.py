"""HTTP/1.1 with keep-alive for the API: bounded requests, every answer and refusal in Stripe's shape."""

from __future__ import annotations

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, cast
from urllib.parse import urlsplit

from readiness.sandbox.listener import Listener
from readiness.sandbox.stripe.api import Api, Request, Response
from readiness.sandbox.stripe.errors import ApiError

BODY_LIMIT = 1 << 20
"""Bytes of a request body."""
DRAIN_LIMIT = 8 << 20
"""Bytes that are thrown away so that a client that still sends gets to read its refusal."""
IDLE_SECONDS = 60.0


class Server(Listener):
    """Listens for an Api."""

    def __init__(self, api: Api, port: int = 0) -> None:
        self.api = api
        super().__init__(Handler, port)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "readiness-sandbox"
    sys_version = ""
    timeout = IDLE_SECONDS
    wbufsize = -1  # head and body in one packet: two would wait for each other's acknowledgement
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        try:
            body = self._body()
        except ApiError as error:
            self._refuse(error)
            return
        if body is None:  # the client left in the middle of it
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=parts.query.encode("latin-1", "replace"),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        response = cast("Server", self.server).api.handle(request)
        if response is None:
            self.close_connection = True
            return
        self._send(response)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = do_OPTIONS = _serve  # noqa: N815 - http.server's names

    def _body(self) -> bytes | None:
        if "transfer-encoding" in self.headers:
            raise ApiError("Send a Content-Length; chunked bodies are not accepted.", status=411)
        lengths = set(self.headers.get_all("content-length") or ["0"])
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdigit()):
            raise ApiError("Invalid Content-Length header.")
        if len(length) > 18 or int(length) > BODY_LIMIT:  # noqa: PLR2004 - more digits than any size has
            raise ApiError(f"The request body is larger than {BODY_LIMIT} bytes.", status=413)
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value.replace("\r", "").replace("\n", ""))
        self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def _refuse(self, error: ApiError) -> None:
        """Answer, then end the connection: what follows on it cannot be told from the body."""
        self.close_connection = True
        headers = {"Content-Type": "application/json", **error.headers}
        self._send(Response(status=error.status, headers=headers, body=json.dumps(error.body(), indent=2).encode()))
        self.wfile.flush()
        left = DRAIN_LIMIT
        while left > 0 and (thrown := self.rfile.read1(65536)):
            left -= len(thrown)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses (a broken request line, endless headers) in Stripe's shape."""
        status = HTTPStatus(code)
        self.close_connection = True
        error = ApiError(explain or message or status.phrase, status=status)
        self._send(
            Response(
                status=status, headers={"Content-Type": "application/json"}, body=json.dumps(error.body()).encode()
            )
        )

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing; `Api.requests` is the log."""
