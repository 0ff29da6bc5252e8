"""The pages beside the API, the published contract, and the start."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.reference.service import REFERENCE, command, running, settings

INLINE = "console.log('<&\u00e9');\r\nlet a = 1;"
PAGES = {
    "index.html": "<title>home</title>",
    "pricing.html": f'<script src="/a.js"></script><script>{INLINE}</script><style>p{{}}</style>',
    "dashboard/success/index.html": "<title>success</title>",
    "_next/static/chunks/a1.js": "1",
    "robots.txt": "User-agent: *",
    "404.html": "<title>no such page</title>",
}


def sha256(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service without its pages."""
    folder = tmp_path_factory.mktemp("reference")
    for part in ("api", "database", "emails", "monitoring", "config"):
        shutil.copytree(REFERENCE / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REFERENCE / "alembic.ini", folder)
    return folder


@pytest.fixture(scope="module")
def site(copy: Path) -> Iterator[httpx.Client]:
    """The service with pages of our own, and a secret beside them."""
    for name, text in PAGES.items():
        (copy / "web" / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / "web" / name).write_bytes(text.encode())
    (copy / "secret.txt").write_text("outside")
    (copy / "web" / "link.txt").symlink_to(copy / "secret.txt")
    with running(settings(), command(copy)) as service, service.client() as client:
        yield client
    shutil.rmtree(copy / "web")


def test_without_pages_the_api_works(copy: Path) -> None:
    with running(settings(), command(copy)) as service, service.client() as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/pricing", headers={"Accept": "text/html"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "file"),
    [("/", "index.html"), ("/pricing", "pricing.html"), ("/pricing/", "pricing.html"),
     ("/dashboard/success", "dashboard/success/index.html"), ("/dashboard/success/?session_id=cs_test_1",
     "dashboard/success/index.html"), ("/robots.txt", "robots.txt")],
)  # fmt: skip
def test_pages_have_clean_addresses(site: httpx.Client, path: str, file: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.content) == (200, PAGES[file].encode())
    assert answer.headers["cache-control"] == "no-cache"
    assert site.head(path).status_code == 200


def test_the_policy_allows_exactly_the_inline_code_of_the_page(site: httpx.Client) -> None:
    policy = dict(
        part.strip().split(" ", 1) for part in site.get("/pricing").headers["content-security-policy"].split(";")
    )
    assert policy["script-src"] == f"'self' {sha256(INLINE.replace(chr(13), ''))}"
    assert policy["style-src"] == f"'self' {sha256('p{}')}"
    assert "script-src 'self';" in site.get("/").headers["content-security-policy"]


def test_hashed_files_are_kept_and_pages_are_not(site: httpx.Client) -> None:
    assert "immutable" in site.get("/_next/static/chunks/a1.js").headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/link.txt", "/web/../secret.txt"]
)
def test_nothing_outside_of_the_pages_is_served(site: httpx.Client, path: str) -> None:
    assert site.get(path).status_code == 404


def test_a_browser_gets_the_missing_page_and_a_program_the_error(site: httpx.Client) -> None:
    page = site.get("/nothing", headers={"Accept": "text/html,*/*"})
    assert (page.status_code, page.text) == (404, PAGES["404.html"])
    assert site.get("/nothing").json()["error"] == "not_found"
    assert site.get("/api/nothing", headers={"Accept": "text/html"}).json()["error"] == "not_found"


@pytest.mark.parametrize(
    "path", ["/pricing", "/dashboard/success", "/inquiries", "/api-docs", "/dashboard", "/mcp/setup", "/"]
)
def test_the_exported_pages_are_served(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


# --- the contract -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def contract(service: Any) -> dict[str, Any]:
    with service.client() as client:
        document: dict[str, Any] = client.get("/openapi.json").json()
        return document


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("post", "/api/billing/create-checkout-session", {"200", "400", "429", "500", "default"}),
        ("get", "/api/billing/checkout-session/{session_id}", {"200", "404", "429", "500", "default"}),
        ("post", "/api/billing/create-portal-session", {"400", "429", "501", "default"}),
        ("get", "/api/billing/checkout-health", {"200", "429", "503", "default"}),
        ("post", "/api/v1/webhooks/stripe", {"200", "400", "500", "default"}),
        ("get", "/health", {"200"}),
    ],
)
def test_the_contract_documents_every_answer(
    contract: dict[str, Any], method: str, path: str, statuses: set[str]
) -> None:
    assert set(contract["paths"][path][method]["responses"]) == statuses


def test_the_contract_has_one_error_shape_and_no_422(contract: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in contract["components"]["schemas"]
    for operations in contract["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            errors = {s: r for s, r in operation["responses"].items() if s not in {"200", "503"}}
            for answer in errors.values():
                assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorBody"}


def test_the_portal_is_documented_as_planned(contract: dict[str, Any]) -> None:
    portal = contract["paths"]["/api/billing/create-portal-session"]["post"]
    assert "planned" in portal["responses"]["501"]["description"]
    assert "PortalSessionRequest" in str(portal["requestBody"])


# --- the start ----------------------------------------------------------------------------------


def variables() -> set[str]:
    """Those that the service reads: the fields of its Settings, and no code looks elsewhere."""
    sources = {path: path.read_text() for path in REFERENCE.rglob("*.py")}
    assert not [path for path, text in sources.items() if re.search(r"\benviron\b|\bgetenv\b", text)]
    module = ast.parse(sources[REFERENCE / "api" / "settings.py"])
    (fields,) = [node.body for node in module.body if isinstance(node, ast.ClassDef) and node.name == "Settings"]
    return {
        node.target.id.upper()
        for node in fields
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def test_the_example_names_every_variable_and_no_value() -> None:
    example = dict(re.findall(r"^([A-Z_]+)=(.*)$", (REFERENCE / ".env.example").read_text(), re.MULTILINE))
    assert set(example) == variables() == {*settings(), "DATABASE_URL"}
    assert not any(value for name, value in example.items() if re.search("KEY|SECRET|PRICE_MCP|PASSWORD", name))


def test_the_service_starts_from_a_copy_of_the_example(copy: Path) -> None:
    shutil.copy(REFERENCE / ".env.example", copy / ".env")
    kept = {name: value for name, value in os.environ.items() if name not in settings()}
    assert kept == dict(os.environ), "the machine has variables of the service"
    try:
        with running({}, command(copy)) as service, service.client() as client:
            assert client.get("/api/billing/checkout-health").status_code == 503
    finally:
        (copy / ".env").unlink()
