"""Serves an ASGI application on a socket that the parent opened: ``python -m readiness.demo.launch FD api.main:app``.

The parent knows the port before the service starts, so nothing can take it in between.
"""

from __future__ import annotations

import socket
import sys


def main(descriptor: str, application: str) -> None:
    """Run until SIGTERM; requests in flight end first."""
    import uvicorn

    # app_dir is put on the path by uvicorn's own command line only, so it is the working folder here
    sys.path.insert(0, "")
    config = uvicorn.Config(
        application, log_config=None, access_log=False, lifespan="on", proxy_headers=False, timeout_graceful_shutdown=5
    )
    with socket.socket(fileno=int(descriptor)) as listener:
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
