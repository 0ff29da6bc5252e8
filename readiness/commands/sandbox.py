"""``readiness sandbox``: a local Stripe API and a local name server, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from readiness.errors import ExitCode
from readiness.sandbox.options import StripeOptions


def serve_sandbox(*, stripe: bool, dns: bool, zone: Path | None, options: StripeOptions) -> int:
    """Print name=value lines on stdout, then serve until SIGINT or SIGTERM."""
    from readiness.sandbox.serve import serve

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    serve(stripe=stripe, dns=dns, zone=zone, out=sys.stdout, stop=stop, options=options)
    return ExitCode.READY
