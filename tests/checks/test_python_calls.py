from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from readiness.api import CannotTell
from tests.checks.code_under_test import complaints
from tests.checks.routers_under_test import MAIN, REGISTERED

CHECKOUT = "from fastapi import APIRouter\nrouter = APIRouter(prefix='/api/billing')\n"
HEALTH = "from fastapi import APIRouter\nrouter = APIRouter()\n"
ROUTER: dict[str, Any] = {
    "files": ("api/main.py",),
    "imports": ("api.billing.checkout",),
    "calls": ("*.include_router",),
    "argument": "api.billing.checkout.router",
}


def service(main: str = MAIN, **more: str) -> dict[str, str]:
    extra = {path.replace("__", "/") + ".py": text for path, text in more.items()}
    return {"api/main.py": main, "api/billing/checkout.py": CHECKOUT, "api/health.py": HEALTH, **extra}


@pytest.mark.parametrize("main", REGISTERED.values(), ids=REGISTERED.keys())
def test_a_router_is_registered(tmp_path: Path, main: str) -> None:
    assert complaints(tmp_path, service(textwrap.dedent(main)), **ROUTER) == []


NOT_REGISTERED = {
    "the import is gone": "app = FastAPI()\napp.include_router(checkout_routes.router)\n",
    "commented out": MAIN.replace("app.include", "# app.include"),
    "only in a string": MAIN.replace("app.include", '"""') + '"""',
    "another router": "from api import health as checkout_routes\n"
    + MAIN.replace("from api.billing import checkout as checkout_routes", "from api.billing import checkout"),
    "if False": MAIN.replace("app.include", "if False:\n    app.include"),
    "a switch that is off": MAIN.replace("app.include", "BILLING = False\nif BILLING:\n    app.include"),
    "TYPE_CHECKING": "from typing import TYPE_CHECKING\n" + MAIN.replace("from api", "if TYPE_CHECKING:\n    from api"),
    "after an exit": MAIN.replace("app.include", "raise SystemExit\napp.include"),
    "short-circuited": MAIN.replace("app.include", "False and app.include"),
    "a function that nobody calls": MAIN.replace("app.include", "def register():\n    app.include"),
    "a function that only calls itself": MAIN.replace(
        "app.include", "def register():\n    register()\n    app.include"
    ),
    "a method that nobody calls": MAIN.replace("app.include", "class R:\n  def register(self):\n    app.include")
    + "\nR()",
    "a lambda that is thrown away": MAIN.replace("app.include", "if 0: app.include"),
    "a loop over nothing": MAIN.replace("app.include", "for _ in ():\n    app.include"),
    "the name is bound to something else": MAIN.replace("app.include", "checkout_routes = object()\napp.include"),
    "the else of True": MAIN.replace("app.include", "if True:\n    pass\nelse:\n    app.include"),
    "only when run by hand": MAIN.replace("app.include", "if __name__ == '__main__':\n    app.include")
    + "# uvicorn api.main:app",
}


@pytest.mark.parametrize("main", NOT_REGISTERED.values(), ids=NOT_REGISTERED.keys())
def test_a_router_is_not_registered(tmp_path: Path, main: str) -> None:
    assert complaints(tmp_path, service(main), **ROUTER)


def test_through_other_files(tmp_path: Path) -> None:
    main = "from fastapi import FastAPI\nfrom api.routers import register\napp = FastAPI()\nregister(app)\n"
    routers = """
        from api.billing import checkout_router
        ROUTERS = [checkout_router]
        def register(application):
            for router in ROUTERS:
                application.include_router(router)
    """
    package = "from .checkout import router as checkout_router\n"
    files = service(main, api__routers=routers) | {"api/billing/__init__.py": package}
    options = ROUTER | {"files": ("api/**/*.py",)}
    assert complaints(tmp_path, files, **options) == []
    assert complaints(tmp_path, files, **(options | {"files": ("api/routers.py", "api/billing/__init__.py")})) == []
    unused = files | {"api/main.py": main.replace("register(app)", "")}
    assert "only in a function that nothing uses" in complaints(tmp_path, unused, **options)[0]


def test_a_factory_that_only_a_server_names(tmp_path: Path) -> None:
    main = MAIN.replace("app = FastAPI()\napp", "def create_app():\n    app = FastAPI()\n    app")
    assert complaints(tmp_path, service(main), **ROUTER)
    files = service(main) | {"Dockerfile": 'CMD ["uvicorn", "--factory", "api.main:create_app"]\n'}
    assert complaints(tmp_path, files, **ROUTER) == []


def test_a_test_that_calls_it_does_not_make_it_part_of_the_service(tmp_path: Path) -> None:
    main = MAIN.replace("app.include", "def register():\n    app.include")
    files = service(main) | {"tests/test_main.py": "from api.main import register\nregister()\n"}
    assert complaints(tmp_path, files, **ROUTER)


def test_a_module_that_is_imported_but_is_not_there(tmp_path: Path) -> None:
    files = service()
    del files["api/billing/checkout.py"]
    (tmp_path / "api/billing").mkdir(parents=True)
    (tmp_path / "api/billing/__init__.py").touch()
    assert "which is not there" in complaints(tmp_path, files, **ROUTER)[0]


def test_a_router_that_was_renamed(tmp_path: Path) -> None:
    files = service() | {"api/billing/checkout.py": CHECKOUT.replace("router =", "other =")}
    assert complaints(tmp_path, files, **ROUTER) == [
        "*.include_router cannot get api.billing.checkout.router: it is not defined"
    ]


def test_a_syntax_error_fails_with_its_place(tmp_path: Path) -> None:
    found = complaints(tmp_path, service(MAIN + "\ndef broken(:\n"), **ROUTER)
    assert found == ["api/main.py:8 is not Python: invalid syntax"]


def test_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CannotTell, match=r"no file matches api/main\.py"):
        complaints(tmp_path, {"other.py": ""}, **ROUTER)


def test_the_root_may_be_above_or_have_a_src_folder(tmp_path: Path) -> None:
    for folder in ("src", "service"):
        files = {f"{folder}/{path}": text for path, text in service().items()}
        assert complaints(tmp_path / folder, files, **(ROUTER | {"files": (f"{folder}/api/main.py",)})) == []


def test_keywords(tmp_path: Path) -> None:
    options = ROUTER | {"keywords": {"tags": ["Checkout"], "prefix": None}}
    assert complaints(tmp_path, service(), **options) == []
    assert complaints(tmp_path, service(MAIN.replace("Checkout", "Other")), **options)
    assert complaints(tmp_path, service(MAIN.replace("tags=", "prefix='/v2', tags=")), **options)


NESTED = """
from fastapi import APIRouter, FastAPI
from api.billing import checkout
api = APIRouter()
api.include_router(checkout.router)
def mount(app):
    app.include_router(api)
app = FastAPI()
mount(app)
"""


def test_a_router_inside_another_that_is_registered(tmp_path: Path) -> None:
    assert complaints(tmp_path, service(NESTED), **ROUTER) == []
    for lost in (NESTED.replace("mount(app)\n", "pass\n"), NESTED.replace("app.include_router(api)", "pass")):
        assert complaints(tmp_path, service(lost), **ROUTER)
