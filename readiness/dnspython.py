"""What is asked of dnspython before anything of it is imported."""

from __future__ import annotations

import sys
from importlib.util import find_spec

NEVER = ("doh", "doq", "trio")
"""Transports that are not used here: DNS over HTTPS and QUIC, and a second kind of event loop."""


def lean() -> None:
    """Keep dnspython from loading an HTTP client and others, and from reading metadata of installed packages."""
    if "dns.name" in sys.modules:
        return
    import dns._features

    for feature in NEVER:
        dns._features.force(feature, enabled=False)  # noqa: SLF001 - its way, in a module without a public name
    dns._features.force("idna", enabled=find_spec("idna") is not None)  # noqa: SLF001 - the same
