"""A hundred buyers at once at the reference service, on both databases, beside one that blocks at Stripe.

``python -m benchmarks.reference [--buyers N] [--latency SECONDS]``. Stripe is the sandbox, slowed down; it and the
buyers run in this process. Then a thousand sessions in a row, and what the service's memory did. Every answer must be
200. Ends with 1 where the service (not the blocking one) passes a bound.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from readiness.sandbox.stripe import StripeSandbox
from tests.postgres import made_cluster
from tests.reference.databases import migrated_template, on_postgres, on_sqlite
from tests.reference.service import CREATE, HEALTH, REFERENCE, command, order, running
from tests.reference.shop import connected

P95_SECONDS, START_SECONDS = 2.0, 3.0
WARM, IN_A_ROW = 200, 1_000
GROWTH_MIB = 5.0
"""Of a thousand sessions; the allocator's own rounding is about one."""
ASKS = "await self._client.v1.checkout.sessions.create_async("
BLOCKS = "stripe.StripeClient(KEY, base_addresses={'api': BASE}).v1.checkout.sessions.create("
"""The mistake that the peer makes: a synchronous call in an ``async def``."""


def main() -> int:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--buyers", type=int, default=100)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds that Stripe takes")
    options = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory() as folder, StripeSandbox() as stripe, databases(Path(folder)) as urls:
        stripe.fault("POST /v1/checkout/sessions", latency=options.latency)
        blocking = command(blocking_service(Path(folder) / "blocking", stripe))
        for name, url in urls.items():
            env = connected(stripe, DATABASE_URL=url)
            good &= show(name, env, options.buyers, command(), measures_memory=True)
            show(f"{name}, blocking", env, options.buyers, blocking)
    return 0 if good else 1


@contextmanager
def databases(folder: Path) -> Iterator[Mapping[str, str]]:
    """DATABASE_URL of each kind."""
    with made_cluster() as cluster, cluster.started(), migrated_template(cluster) as name:
        yield {"SQLite": on_sqlite(folder).url, "PostgreSQL": on_postgres(cluster, name).url}


def blocking_service(folder: Path, stripe: StripeSandbox) -> Path:
    """A copy of the service that waits for Stripe with the whole process."""
    shutil.copytree(REFERENCE, folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules", ".env"))
    gateway = folder / "api" / "stripe_gateway.py"
    text = gateway.read_text()
    if ASKS not in text:
        raise SystemExit(f"the service does not ask Stripe by `{ASKS}` any more")
    gateway.write_text(f"{text.replace(ASKS, BLOCKS)}\n\nKEY, BASE = {(stripe.secret_key, stripe.url)!r}\n")
    return folder


def show(name: str, env: Mapping[str, str], buyers: int, argv: list[str], *, measures_memory: bool = False) -> bool:
    """Whether all bounds are kept."""
    started = time.monotonic()
    with running(env, argv) as service, service.client() as client:
        client.get(HEALTH).raise_for_status()
        healthy = time.monotonic() - started
        asyncio.run(burst(service.url, 1))  # imports and connections of the first one
        before = processor_seconds(client)
        took = sorted(asyncio.run(burst(service.url, buyers)))
        busy = processor_seconds(client) - before
        grown = growth(client) if measures_memory else None
    p95 = took[max(0, round(len(took) * 0.95) - 1)]
    print(
        f"{name:<22} p50 {statistics.median(took):5.2f} s   p95 {p95:5.2f} s   healthy after {healthy:4.1f} s   "
        f"processor {before:.1f} s to start, {busy:.2f} s for all"
        + ("" if grown is None else f"   {IN_A_ROW} in a row: {grown:+.1f} MiB")
    )
    return p95 < P95_SECONDS and healthy < START_SECONDS and (grown or 0.0) < GROWTH_MIB


def growth(client: httpx.Client) -> float:
    """MiB that the service has more in memory after a thousand sessions."""
    for _ in range(WARM):
        client.post(CREATE, json=order()).raise_for_status()
    before = told(client, "process_resident_memory_bytes")
    for _ in range(IN_A_ROW):
        client.post(CREATE, json=order()).raise_for_status()
    return (told(client, "process_resident_memory_bytes") - before) / 2**20


def processor_seconds(client: httpx.Client) -> float:
    """What the service used so far: on a busy machine the clock on the wall measures the neighbours."""
    return told(client, "process_cpu_seconds_total")


def told(client: httpx.Client, name: str) -> float:
    """A figure of ``/metrics``."""
    found = re.search(rf"^{name} (\S+)", client.get("/metrics").text, re.MULTILINE)
    if found is None:
        raise SystemExit(f"/metrics does not tell {name}")
    return float(found[1])


async def burst(url: str, buyers: int) -> list[float]:
    """Seconds of each of the buyers, who begin at the same moment."""
    limits = httpx.Limits(max_connections=buyers)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60, trust_env=False) as client:

        async def buy() -> float:
            began = time.monotonic()
            (await client.post(CREATE, json=order())).raise_for_status()
            return time.monotonic() - began

        return list(await asyncio.gather(*(buy() for _ in range(buyers))))


if __name__ == "__main__":
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    sys.exit(main())
