"""The HTML of the hosted pay page: no script, nothing from elsewhere, usable with a keyboard and a phone."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from readiness.billing.prices import ZERO_DECIMAL
from readiness.sandbox.stripe.store import Object

STYLE = """
:root{color-scheme:light dark;
--ink:#1a1f36;--soft:#525a70;--line:#c3c9d6;--paper:#fff;--ground:#f4f6fa;--accent:#4338ca;
--bad:#b3123b}
@media (prefers-color-scheme:dark){:root{--ink:#eef0f6;--soft:#b3bacb;--line:#4a5166;--paper:#1c2130;--ground:#12151f;
--accent:#a5a0ff;--bad:#ff8fa8}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}
.columns{display:grid;gap:1.5rem}
@media (min-width:48rem){main{padding-top:4rem}.columns{grid-template-columns:1fr 1.2fr}}
.note{margin:0 0 1.5rem;color:var(--soft);font-size:.875rem}
h1{font-size:1.125rem;margin:0 0 .25rem}
.total{font-size:2.25rem;font-weight:650;margin:0 0 1rem;letter-spacing:-.02em}
dl{display:grid;grid-template-columns:1fr auto;gap:.5rem 0;margin:0}
dd{margin:0;padding-left:1rem;text-align:right}dt,dd{overflow-wrap:anywhere}
.sum{border-top:1px solid var(--line);padding-top:.5rem;font-weight:600}
.card{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem}
fieldset{border:0;padding:0;margin:1rem 0}legend,.label{font-weight:600;padding:0;display:block;margin-bottom:.25rem}
.way{display:flex;gap:.75rem;align-items:flex-start;padding:.65rem .75rem;border:1px solid var(--line);
border-radius:.5rem;margin-top:.5rem;cursor:pointer}
.way:has(:checked){border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
.way input{margin:.3rem 0 0;accent-color:var(--accent)}.way small{display:block;color:var(--soft);font-size:.875rem}
input[type=text],input[type=email]{width:100%;font:inherit;padding:.6rem .75rem;border:1px solid var(--line);
border-radius:.5rem;background:var(--paper);color:inherit}
button,.back{display:block;width:100%;min-height:2.75rem;font:inherit;font-weight:600;border-radius:.5rem;
text-align:center;padding:.6rem;margin-top:.75rem;cursor:pointer}
button{border:1px solid var(--accent);background:var(--accent);color:var(--paper)}
button.second{background:none;color:var(--accent)}
.back{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.error{color:var(--bad);border:1px solid currentcolor;border-radius:.5rem;padding:.65rem .75rem;margin:0 0 1rem;
font-weight:600}
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><link rel="icon" href="data:,">
<title>{title}</title><style>{style}</style>
</head>
<body><main><p class="note">Local sandbox: no money moves, and nothing here reaches Stripe.</p>{body}</main></body>
</html>
"""
WAYS: Mapping[str, tuple[str, str]] = {
    "visa": ("Card 4242 4242 4242 4242", "Pays at once"),
    "chargeDeclined": ("Card 4000 0000 0000 0002", "Is declined"),
    "authenticationRequired": ("Card 4000 0025 0000 3155", "Asks for 3-D Secure"),
    "debit": ("Bank debit", "Completes unpaid; the money comes days later"),
    "debit_fails": ("Bank debit that fails", "Completes unpaid; the bank refuses days later"),
    "number": ("Another of Stripe's test cards", "Type its number below"),
}


def money(amount: int | None, currency: str | None) -> str:
    """``99.00 USD``; nothing where there is no amount."""
    if amount is None or currency is None:
        return "Nothing to pay now"
    shown = f"{amount:,}" if currency in ZERO_DECIMAL else f"{amount / 100:,.2f}"
    return f"{shown} {currency.upper()}"


def message(title: str, text: str, back: str | None = None) -> str:
    """A page that only says something."""
    return _page(title, f'<div class="card"><h1>{escape(title)}</h1><p>{escape(text)}</p>{_back(back)}</div>')


def checkout(session: Object, *, error: str = "", email: str = "", way: str = "visa") -> str:
    """The page of an open session; `error` says why the last try failed."""
    problem = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    known = (session["customer_details"] or {}).get("email")
    shown = escape(known or email, quote=True)
    fixed = " readonly" if known else ""
    ways = "".join(_way(name, *texts, checked=name == way) for name, texts in WAYS.items())
    form = (
        f'<form class="card" method="post">{problem}<label class="label" for="email">Email</label>'
        f'<input id="email" name="email" type="email" autocomplete="email" required value="{shown}"{fixed}>'
        f"<fieldset><legend>Pay with</legend>{ways}</fieldset>"
        '<label class="label" for="number">Test card number</label>'
        '<input id="number" name="number" type="text" inputmode="numeric" autocomplete="off" maxlength="30" '
        'aria-describedby="hint"><p class="note" id="hint">Only test numbers that Stripe publishes; never a real card. '
        "Used with the last choice above.</p>"
        f"<button>{_verb(session)}</button>{_back(session['cancel_url'])}</form>"
    )
    return _page("Checkout", f'<div class="columns">{_summary(session)}{form}</div>')


def authenticate(session: Object, method: str, email: str) -> str:
    """What stands for the bank's own page."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value, quote=True)}">'
        for name, value in (("method", method), ("email", email))
    )
    text = f"The bank wants to know whether it is you who pays {money(session['amount_total'], session['currency'])}."
    return _page(
        "3-D Secure",
        f'<form class="card" method="post"><h1>3-D Secure</h1><p>{escape(text)}</p>{hidden}'
        '<button name="authentication" value="complete">Complete authentication</button>'
        '<button class="second" name="authentication" value="fail">Fail authentication</button></form>',
    )


def _page(title: str, body: str) -> str:
    return PAGE.format(title=escape(title), style=STYLE, body=body)


def _back(url: str | None) -> str:
    return f'<a class="back" rel="nofollow" href="{escape(url, quote=True)}">Cancel and go back</a>' if url else ""


def _verb(session: Object) -> str:
    match session["mode"]:
        case "subscription":
            return "Subscribe"
        case "setup":
            return "Save"
        case _:
            return f"Pay {money(session['amount_total'], session['currency'])}"


def _way(name: str, title: str, text: str, *, checked: bool) -> str:
    mark = " checked" if checked else ""
    return (
        f'<label class="way"><input type="radio" name="way" value="{name}"{mark}>'
        f"<span>{title}<small>{text}</small></span></label>"
    )


def _summary(session: Object) -> str:
    currency = session["currency"]
    rows = [(_item(item), money(item["amount_total"], currency), "") for item in session["line_items"]]
    if rows:
        tax = (session["total_details"] or {}).get("amount_tax", 0)
        rows.append(("Tax", money(tax, currency), ""))
        rows.append(("Total", money(session["amount_total"], currency), ' class="sum"'))
    lines = "".join(f"<dt{mark}>{escape(name)}</dt><dd{mark}>{value}</dd>" for name, value, mark in rows)
    total = money(session["amount_total"], currency)
    return f'<section><h1>Checkout</h1><p class="total">{total}</p><dl>{lines}</dl></section>'


def _item(item: Object) -> str:
    quantity = item["quantity"] or 1
    return f"{quantity} \u00d7 {item['description']}" if quantity > 1 else str(item["description"])
