from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from checks.python_calls import PythonCalls
from tests.checks.code_under_test import complaints

LIMITER = "class RateLimitMiddleware:\n    def __init__(self, app): self.app = app\n"
MIDDLEWARE: dict[str, Any] = {
    "files": ("api/main.py",),
    "calls": ("*.add_middleware | fastapi.FastAPI | api.limiter.RateLimitMiddleware",),
    "argument": "api.limiter.RateLimitMiddleware",
}
ADDED = {
    "added": "app = FastAPI()\napp.add_middleware(RateLimitMiddleware, limit=10)\n",
    "by the constructor": "app = FastAPI(middleware=[Middleware(RateLimitMiddleware, limit=10)])\n",
    "by a list and the constructor": "stack = [Middleware(RateLimitMiddleware)]\napp = FastAPI(middleware=stack)\n",
    "around": "app = FastAPI()\nserved = RateLimitMiddleware(app)\n",
    "in a loop": """
        app = FastAPI()
        for kind, options in [(RateLimitMiddleware, {})]:
            app.add_middleware(kind, **options)
    """,
    "partial": """
        from functools import partial
        app = FastAPI()
        app.add_middleware(partial(RateLimitMiddleware, limit=1))
    """,
}
NOT_ADDED = {
    "imported alone": "app = FastAPI()\n",
    "a list that nobody uses": "app = FastAPI()\nstack = [Middleware(RateLimitMiddleware)]\n",
    "another": "class Other: ...\napp = FastAPI()\napp.add_middleware(Other)\n",
}
IMPORTS = """
from fastapi import FastAPI
from starlette.middleware import Middleware
from .limiter import RateLimitMiddleware
"""


def limited(main: str) -> dict[str, str]:
    return {"api/main.py": IMPORTS + textwrap.dedent(main), "api/limiter.py": LIMITER}


@pytest.mark.parametrize("main", ADDED.values(), ids=ADDED.keys())
def test_middleware_is_added(tmp_path: Path, main: str) -> None:
    assert complaints(tmp_path, limited(main), **MIDDLEWARE) == []


@pytest.mark.parametrize("main", NOT_ADDED.values(), ids=NOT_ADDED.keys())
def test_middleware_is_not_added(tmp_path: Path, main: str) -> None:
    assert complaints(tmp_path, limited(main), **MIDDLEWARE)


SESSION: dict[str, Any] = {
    "files": ("*.py",),
    "calls": ("stripe.checkout.Session.create | stripe.StripeClient.*.sessions.create",),
    "keywords": {"mode": "subscription", "automatic_tax": {"enabled": True}},
}
CREATED = {
    "literal": """
        import stripe
        stripe.checkout.Session.create(mode="subscription", automatic_tax={"enabled": True, "liability": None})
    """,
    "spread": """
        import stripe
        TAX = dict(enabled=True)
        OPTIONS = {"mode": "subscription", "automatic_tax": TAX}
        stripe.checkout.Session.create(**OPTIONS)
    """,
    "key by key": """
        import stripe
        options = {"mode": "subscription"}
        options["automatic_tax"] = {"enabled": True}
        stripe.checkout.Session.create(**options)
    """,
    "a client": """
        from stripe import StripeClient as Client
        client = Client("key")
        client.v1.checkout.sessions.create(params={"mode": "subscription", "automatic_tax": {"enabled": True}})
    """,
}
NOT_CREATED = {
    "payment": CREATED["literal"].replace("subscription", "payment"),
    "off": CREATED["literal"].replace("True", "False"),
    "a text": CREATED["literal"].replace("True", "'True'"),
    "missing": CREATED["literal"].replace("automatic_tax", "other"),
}


@pytest.mark.parametrize("text", CREATED.values(), ids=CREATED.keys())
def test_keywords_wherever_they_are_written(tmp_path: Path, text: str) -> None:
    assert complaints(tmp_path, {"a.py": text}, **SESSION) == []


@pytest.mark.parametrize("text", NOT_CREATED.values(), ids=NOT_CREATED.keys())
def test_keywords_that_are_wrong(tmp_path: Path, text: str) -> None:
    assert complaints(tmp_path, {"a.py": text}, **SESSION)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("eval('1')\n", True),
        ("from os import system as s\ns('ls')\n", True),
        ("import os\ngetattr(os, 'system')('ls')\n", True),
        ("import os\nrun = os.system\nrun('ls')\n", True),
        ("import os\ndef unused():\n    os.system('ls')\n", True),
        ("from os import *\nsystem('ls')\n", True),
        ("import os\nif False:\n    os.system('ls')\n", False),
        ("# os.system('ls')\ntext = 'eval(1)'\n", False),
        ("class Model:\n    def eval(self): ...\nModel().eval()\n", False),
        ("def eval(x): ...\neval(1)\n", False),
    ],
)
def test_forbidden_calls(tmp_path: Path, text: str, found: bool) -> None:
    assert bool(complaints(tmp_path, {"a.py": text}, files=("*.py",), forbid=("eval", "os.system"))) is found


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"files": ()}, "name at least one glob"),
        ({"files": ("a.py",)}, "nothing would be checked"),
        ({"files": ("/a.py",), "imports": ("a",)}, "leaves the root"),
        ({"files": ("a.py",), "imports": ("a",), "argument": "x"}, "there are none"),
        ({"files": ("a.py",), "calls": ("*.*",)}, "names everything"),
        ({"files": ("a.py",), "calls": ("a",), "handler_of": "stripe"}, "must begin with /"),
    ],
)
def test_options_that_assert_nothing_are_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        PythonCalls(**options)
