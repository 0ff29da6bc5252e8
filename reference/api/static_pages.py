"""Serves the exported pages in ``web/`` with a content security policy made for each of them.

The folder is read once at start: a path of a request is only ever looked up, never joined. Without
the folder the API works and every page is 404.
"""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

WEB = Path(__file__).parents[1] / "web"
MISSING_PAGE = "/404"
FOREVER = "public, max-age=31536000, immutable"


class InlineCode(HTMLParser):
    """Collects the CSP sources (CSP 3, 2.3.1) of the inline scripts and styles of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: dict[str, list[str]] = {"script": [], "style": []}
        self._open: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin to collect an inline script or style."""
        if tag in self.sources and "src" not in dict(attrs):
            self._open, self._text = tag, []

    def handle_data(self, data: str) -> None:
        """Collect."""
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Hash what was collected."""
        if tag == self._open:
            digest = hashlib.sha256("".join(self._text).encode()).digest()
            self.sources[tag].append(f"'sha256-{b64encode(digest).decode()}'")
            self._open = None


def content_security_policy(html: str) -> str:
    """The policy of a page: its own origin and exactly its own inline code."""
    page = InlineCode()
    # a browser hashes what it parsed, and parsing turns every line end into a line feed
    page.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
    page.close()
    scripts, styles = (" ".join(["'self'", *dict.fromkeys(page.sources[tag])]) for tag in ("script", "style"))
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src {scripts}",
            f"style-src {styles}",
            "style-src-attr 'unsafe-inline'",  # attributes that the export writes; they can load nothing
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


@dataclass(frozen=True, kw_only=True)
class Page:
    """One file of the export, with its headers."""

    file: Path
    headers: dict[str, str]

    def response(self, status: int = 200) -> Response:
        """The file."""
        return FileResponse(self.file, status_code=status, headers=self.headers)


class StaticPages:
    """The exported pages by their path: ``/pricing`` is pricing.html or pricing/index.html."""

    def __init__(self, folder: Path = WEB) -> None:
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        self.pages = {_path(file.relative_to(folder)): _page(file) for file in files}

    def routes(self) -> list[Route]:
        """A route for each page and file, and for each page also with a final slash."""
        paths = {path: page for path, page in self.pages.items() if path != MISSING_PAGE}
        paths |= {f"{path}/": page for path, page in paths.items() if page.file.suffix == ".html" and path != "/"}
        return [
            Route(path, partial(_answer, page=page), methods=["GET"], include_in_schema=False)
            for path, page in paths.items()
        ]

    def not_found(self, request: Request) -> Response | None:
        """The page that says that there is no such page, for a browser outside of the API."""
        page = self.pages.get(MISSING_PAGE)
        wanted = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
        return page.response(404) if page and wanted else None


async def _answer(_request: Request, page: Page) -> Response:
    return page.response()


def _path(relative: Path) -> str:
    if relative.suffix != ".html":
        return f"/{relative.as_posix()}"
    parts = relative.with_suffix("").parts
    return "/" + "/".join(parts[:-1] if parts[-1] == "index" else parts)


def _page(file: Path) -> Page:
    if file.suffix == ".html":
        policy = content_security_policy(file.read_text(encoding="utf-8"))
        return Page(file=file, headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"})
    hashed = "static" in file.parts and "_next" in file.parts
    return Page(file=file, headers={"Cache-Control": FOREVER if hashed else "no-cache"})
