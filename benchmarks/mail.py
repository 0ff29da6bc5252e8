"""A name server with the demo's zone, and SPF and DMARC of its domain asked by two programs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tree import write_checklist

DOMAIN = "kamiyo.ai"
CHECKDMARC = """import sys
import dns.resolver
from checkdmarc.dmarc import check_dmarc
from checkdmarc.spf import check_spf

resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port = ["127.0.0.1"], int(sys.argv[1])
found = [check_spf(sys.argv[2], resolver=resolver), check_dmarc(sys.argv[2], resolver=resolver)]
sys.exit(not all(one["valid"] for one in found))
"""
"""Its command line takes no port; the modules that it imports are the same."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A running name server, in a process of its own."""

    port: int
    process: subprocess.Popen[str]

    def spoil(self) -> None:
        """The SPF record is none any more, from now on."""
        if self.process.stdin and self.process.stdout:
            self.process.stdin.write("spoil\n")
            self.process.stdin.flush()
            self.process.stdout.readline()


@contextmanager
def running() -> Iterator[Mail]:
    """The name server, stopped at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.mail"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = int(process.stdout.readline()) if process.stdout else 0
            yield Mail(port=port, process=process)
        finally:
            process.terminate()


def checklist(folder: Path) -> Path:
    """Both questions for readiness."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = ("dns.spf", "dns.dmarc")
    return write_checklist(
        folder / "mail.yaml", [f"check: {kind}\n        with: {{domain: {DOMAIN}}}" for kind in kinds]
    )


def checkdmarc(mail: Mail, folder: Path) -> tuple[str, ...]:
    """The same for checkdmarc."""
    path = folder / "with_checkdmarc.py"
    path.write_text(CHECKDMARC, encoding="utf-8")
    return (sys.executable, str(path), str(mail.port), DOMAIN)


def _serve() -> None:
    """Print the port, and wait for the word."""
    from readiness.sandbox.dns import DnsSandbox, demo_zone

    with DnsSandbox(demo_zone(), DOMAIN) as server:
        print(server.port, flush=True)
        for _ in sys.stdin:
            server.set_zone(demo_zone().replace("v=spf1 mx", "v=spf1 mx:"))
            print("spoiled", flush=True)


if __name__ == "__main__":
    _serve()
