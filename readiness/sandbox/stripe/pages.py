"""The hosted pay page that a checkout session's URL leads to: for now it shows what is sold."""

from __future__ import annotations

from html import escape

from readiness.sandbox.stripe.store import Object

PREFIX = "/c/pay/"
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="robots" content="noindex"><title>{title}</title></head>
<body><main><h1>{title}</h1><p>{text}</p>{links}</main></body>
</html>
"""


def pay(session: Object | None, *, now: int) -> tuple[int, str]:
    """Status and HTML of the page of a session, which may be over or may never have been."""
    if session is None:
        return 404, PAGE.format(title="Not found", text="There is no such checkout session.", links="")
    if session["status"] == "complete":
        return 200, PAGE.format(title="All done", text="This checkout session has been paid.", links="")
    if session["status"] == "expired" or session["expires_at"] <= now:
        return 200, PAGE.format(title="Expired", text="This checkout session has expired.", links="")
    items = ", ".join(f"{item['quantity'] or ''} {item['description']}".strip() for item in session["line_items"])
    total = f"{session['amount_total']} {session['currency']}" if session["line_items"] else "nothing to pay now"
    cancel = session["cancel_url"]
    back = f'<p><a rel="nofollow" href="{escape(cancel)}">Back</a></p>' if cancel else ""
    return 200, PAGE.format(title="Checkout", text=escape(f"{items}: {total} (smallest unit)"), links=back)
