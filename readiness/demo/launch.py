"""Serves an ASGI application on a socket that the parent opened: ``python -m readiness.demo.launch FD api.main:app``.

The parent knows the port before the service starts, so nothing can take it in between.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading


def main(descriptor: str, application: str) -> None:
    """Run until SIGTERM, or until the parent is gone; requests in flight end first."""
    import uvicorn

    threading.Thread(target=_follow_parent, daemon=True).start()

    # app_dir is put on the path by uvicorn's own command line only, so it is the working folder here
    sys.path.insert(0, "")
    config = uvicorn.Config(
        application, log_config=None, access_log=False, lifespan="on", proxy_headers=False, timeout_graceful_shutdown=5
    )
    with socket.socket(fileno=int(descriptor)) as listener:
        uvicorn.Server(config).run(sockets=[listener])


def _follow_parent() -> None:
    """Standard input is a pipe that the parent holds: it ends when the parent does, killed or not."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
