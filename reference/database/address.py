"""What people write into DATABASE_URL, as the driver understands it."""

from contextlib import suppress
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

POSTGRESQL, SQLITE = "postgresql+asyncpg", "sqlite+aiosqlite"
DRIVERS = {"postgresql": POSTGRESQL, "postgres": POSTGRESQL, "sqlite": SQLITE}
"""For an address that names none."""
TLS_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
"""Of sslmode (PostgreSQL's documentation, 34.19); the driver has the same words, and calls it ssl."""
PARAMETERS = {"host", "port", "ssl"}
EXPECTED = (
    f"must be {POSTGRESQL}://<user>:<password>@<host>/<database> or {SQLITE}:///<file>, where signs of the password "
    "such as / @ # [ are written %2F %40 %23 %5B"
)


def driver_address(text: str) -> str:
    """The address with the driver and its parameters.

    Raises ValueError that says what is expected, without the text: any part of it may be the password.
    """
    scheme, separator, rest = text.strip().partition("://")
    address = f"{DRIVERS.get(scheme, scheme)}{separator}{rest}"
    url = _read(address)
    if url.drivername not in DRIVERS.values():
        raise ValueError(EXPECTED)
    if not url.database or ":memory:" in url.database:
        raise ValueError("must name a database, which is a file with SQLite")
    return address if url.drivername == SQLITE else _with_tls(url).render_as_string(hide_password=False)


def _read(address: str) -> URL:
    """Raises ValueError also where two readers would see different passwords: the log could not leave it out."""
    with suppress(ValueError, ArgumentError):
        url, parts = make_url(address), urlsplit(address)
        if parts.port == url.port and unquote(parts.password or "") == (url.password or ""):
            return url
    raise ValueError(EXPECTED)


def _with_tls(url: URL) -> URL:
    parameters = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
    if not parameters.keys() <= PARAMETERS or parameters.get("ssl", "prefer") not in TLS_MODES:
        raise ValueError(f"has no parameter but sslmode={'|'.join(sorted(TLS_MODES))}, host and port")
    return url.set(query=parameters)
