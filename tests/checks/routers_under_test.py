"""Correct ways to register the checkout router in `api/main.py`."""

from __future__ import annotations

MAIN = """
from fastapi import FastAPI
from api.billing import checkout as checkout_routes

app = FastAPI()
app.include_router(checkout_routes.router, tags=["Checkout"])
"""

REGISTERED = {
    "as the document has it": MAIN,
    "another alias": """
        from fastapi import FastAPI
        import api.billing.checkout as c
        app = FastAPI()
        app.include_router(c.router)
    """,
    "the whole dotted name": """
        import fastapi, api.billing.checkout
        app = fastapi.FastAPI()
        app.include_router(router=api.billing.checkout.router)
    """,
    "the router itself": """
        from fastapi import FastAPI
        from api.billing.checkout import router as checkout_router
        app = FastAPI()
        app.include_router(checkout_router)
    """,
    "a relative import": """
        from fastapi import FastAPI
        from .billing import checkout
        app = FastAPI()
        app.include_router(checkout.router)
    """,
    "a loop over a tuple": """
        from fastapi import FastAPI
        from api.billing import checkout
        from api import health
        app = FastAPI()
        for router in (health.router, checkout.router):
            app.include_router(router)
    """,
    "a loop over modules": """
        from fastapi import FastAPI
        from api.billing import checkout
        from api import health
        app = FastAPI()
        for module in [health, checkout]:
            app.include_router(module.router)
    """,
    "a loop over pairs": """
        from fastapi import FastAPI
        from api.billing import checkout
        from api import health
        ROUTERS = [(health.router, "Health"), (checkout.router, "Checkout")]
        app = FastAPI()
        for router, tag in ROUTERS:
            app.include_router(router, tags=[tag])
    """,
    "a loop over a table": """
        from fastapi import FastAPI
        from api.billing import checkout
        ROUTERS = {"Checkout": checkout.router}
        app = FastAPI()
        for tag, router in ROUTERS.items():
            app.include_router(router, tags=[tag])
    """,
    "a list that grows": """
        from fastapi import FastAPI
        from api.billing import checkout
        routers = []
        routers.append(checkout.router)
        app = FastAPI()
        [app.include_router(router) for router in routers]
    """,
    "an application factory": """
        from fastapi import FastAPI
        def create_app() -> FastAPI:
            from api.billing import checkout
            app = FastAPI()
            app.include_router(checkout.router)
            return app
        app = create_app()
    """,
    "a function that registers": """
        from fastapi import FastAPI
        from api.billing import checkout
        def register(app, router):
            app.include_router(router)
        app = FastAPI()
        register(app, checkout.router)
    """,
    "a function that gives all routers": """
        from fastapi import FastAPI
        from api.billing import checkout
        def routers():
            return [checkout.router]
        app = FastAPI()
        for router in routers():
            app.include_router(router)
    """,
    "a generator of routers": """
        from fastapi import FastAPI
        from api.billing import checkout
        def routers():
            yield checkout.router
        app = FastAPI()
        for router in routers():
            app.include_router(router)
    """,
    "a class that holds the application": """
        from fastapi import FastAPI
        from api.billing import checkout
        class Service:
            def __init__(self):
                self.app = FastAPI()
                self.router = checkout.router
                self._register()
            def _register(self):
                self.app.include_router(self.router)
        app = Service().app
    """,
    "a module that is imported by its name": """
        from importlib import import_module
        from fastapi import FastAPI
        app = FastAPI()
        for name in ("billing.checkout", "health"):
            app.include_router(import_module(f"api.{name}").router)
    """,
    "a local name": """
        from fastapi import FastAPI
        from api.billing import checkout
        app = FastAPI()
        include = app.include_router
        router = checkout.router
        include(router)
    """,
    "a guard that imports nothing else": """
        from fastapi import FastAPI
        try:
            from api.billing import checkout
        except ImportError:
            raise
        app = FastAPI()
        if checkout is not None:
            app.include_router(checkout.router)
    """,
    "served, and started for development too": """
        from fastapi import FastAPI
        from api.billing import checkout
        app = FastAPI()
        app.include_router(checkout.router)
        if __name__ == "__main__":
            import uvicorn
            uvicorn.run("api.main:app")
    """,
}
