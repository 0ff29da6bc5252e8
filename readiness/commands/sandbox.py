"""``readiness sandbox``: a local Stripe API, name server, mail server and Sentry, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from readiness.errors import ExitCode
from readiness.sandbox.options import Part, StripeOptions


def serve_sandbox(parts: Sequence[Part], *, zone: Path | None, options: StripeOptions) -> int:
    """Print name=value lines on stdout, then serve until SIGINT or SIGTERM."""
    from readiness.sandbox.serve import USUAL, serve

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    serve(parts=parts or USUAL, zone=zone, out=sys.stdout, stop=stop, options=options)
    return ExitCode.READY
