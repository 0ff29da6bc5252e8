"""An endpoint that answers after 50 ms, and the same hundred probes of it in four languages."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tree import write_checklist

PROBES = 100
LATENCY = 0.05
"""Seconds before an answer."""


class _Server:
    """HTTP/1.1 with keep-alive, small enough to cost nothing; POST /spoil makes it ill."""

    def __init__(self) -> None:
        self.status = "200 OK"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self.answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"POST /spoil "):
            self.status = "500 Internal Server Error"
        else:
            await asyncio.sleep(LATENCY)
        number = head.split(b" ", 2)[1].rpartition(b"/")[2].decode()
        body = json.dumps({"status": "ok", "probe": number}).encode()
        fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"HTTP/1.1 {self.status}\r\n{fields}\r\n".encode() + body)
        await writer.drain()
        return b"connection: close" not in head.lower()

    async def serve(self) -> None:
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0, backlog=512)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


@dataclass(frozen=True, kw_only=True)
class Web:
    """A running server, in a process of its own."""

    url: str

    def probes(self) -> list[tuple[str, str]]:
        """Number and URL of every probe; they differ, so that nobody's cache answers."""
        return [(str(number), f"{self.url}/probe/{number}") for number in range(PROBES)]

    def spoil(self) -> None:
        """From now on it answers 500."""
        request = urllib.request.Request(f"{self.url}/spoil", method="POST")  # noqa: S310 - our own loopback URL
        try:
            urllib.request.urlopen(request)  # noqa: S310 - the same
        except urllib.error.HTTPError as error:
            error.close()


@contextmanager
def running() -> Iterator[Web]:
    """The server, stopped at the end."""
    with subprocess.Popen([sys.executable, "-m", "benchmarks.web"], stdout=subprocess.PIPE, text=True) as process:
        try:
            port = int(process.stdout.readline()) if process.stdout else 0
            yield Web(url=f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def checklist(web: Web, folder: Path) -> Path:
    """The probes for readiness."""
    expect = 'expect: {{status: 200, json: {{"$.status": ok, "$.probe": "{}"}}}}'
    item = f'check: http\n        with: {{{{request: {{{{url: "{{}}"}}}}, {expect}}}}}'
    return write_checklist(folder / "probes.yaml", [item.format(url, number) for number, url in web.probes()])


def curl_config(web: Web, folder: Path) -> Path:
    """The URLs for curl, which asserts the status only."""
    path = folder / "probes.curl"
    path.write_text("".join(f'url = "{url}"\noutput = "/dev/null"\n' for _, url in web.probes()), encoding="utf-8")
    return path


def gabbi(web: Web, folder: Path) -> Path:
    """The probes for gabbi."""
    tests = [
        {
            "name": f"probe {number}",
            "GET": url,
            "status": 200,
            "response_json_paths": {"$.status": "ok", "$.probe": number},
        }
        for number, url in web.probes()
    ]
    path = folder / "probes.gabbi.yaml"
    path.write_text(json.dumps({"tests": tests}), encoding="utf-8")
    return path


def tavern(web: Web, folder: Path) -> Path:
    """The probes for tavern: a test each, as its documentation has it."""
    documents = [
        {
            "test_name": f"probe {number}",
            "stages": [
                {
                    "name": "get",
                    "request": {"url": url, "method": "GET"},
                    "response": {"status_code": 200, "json": {"status": "ok", "probe": number}},
                }
            ],
        }
        for number, url in web.probes()
    ]
    path = folder / "test_probes.tavern.yaml"
    path.write_text("\n---\n".join(json.dumps(document) for document in documents), encoding="utf-8")
    return path


if __name__ == "__main__":
    asyncio.run(_Server().serve())
