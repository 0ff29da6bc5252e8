"""What a new checkout session must keep to, beyond the types of its parameters."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from readiness.sandbox.stripe.errors import invalid, missing_param
from readiness.sandbox.stripe.routes import Call

HALF_AN_HOUR, DAY = 1800, 86_400
EMAIL = re.compile(r"[^@\s,;<>()\[\]\"]+@[^@\s.,;<>()\[\]\"]+(\.[^@\s.,;<>()\[\]\"]+)+")
OTHER_MODES = {
    "subscription_data": ("subscription",),
    "payment_intent_data": ("payment",),
    "setup_intent_data": ("setup",),
    "invoice_creation": ("payment",),
    "customer_creation": ("payment", "setup"),
    "submit_type": ("payment", "subscription"),
}
"""Parameters that go with some modes only."""


def require(call: Call) -> None:
    """Raises ApiError for the first rule that is broken."""
    params = call.params
    if "mode" not in params:
        raise missing_param("mode")
    for name, modes in OTHER_MODES.items():
        if name in params and params["mode"] not in modes:
            raise invalid(f"You can not pass `{name}` in `{params['mode']}` mode.", name)
    if params["mode"] != "setup" and not params.get("line_items"):
        raise missing_param("line_items")
    if params["mode"] == "setup" and "line_items" in params:
        raise invalid("You can not pass `line_items` in `setup` mode.", "line_items")
    _require_way_back(call)
    _require_urls(call)
    _require_customer(call)
    _require_time(call)


def _require_way_back(call: Call) -> None:
    """A hosted page returns by `success_url`, any other by `return_url`."""
    hosted = call.params.get("ui_mode", "hosted_page") == "hosted_page"
    needed, refused = ("success_url", "return_url") if hosted else ("return_url", "success_url")
    stays = not hosted and call.params.get("redirect_on_completion") == "never"
    if needed not in call.params and not stays:
        raise missing_param(needed)
    if refused in call.params:
        raise invalid(f"`{refused}` can not be used with this `ui_mode`.", refused)


def _require_urls(call: Call) -> None:
    for name in ("success_url", "cancel_url", "return_url"):
        if name in call.params and not _is_url(call.params[name]):
            raise invalid("Not a valid URL", name, "url_invalid")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", text)
    except ValueError:
        return False


def _require_customer(call: Call) -> None:
    params = call.params
    if "customer" in params and "customer_email" in params:
        message = "You may only specify one of these parameters: customer, customer_email."
        raise invalid(message, "customer", "parameters_exclusive")
    email = params.get("customer_email")
    if email is not None and not EMAIL.fullmatch(email):
        raise invalid(f"Invalid email address: {email}", "customer_email", "email_invalid")


def _require_time(call: Call) -> None:
    expires_at = call.params.get("expires_at")
    if expires_at is None:
        return
    if expires_at < call.now + HALF_AN_HOUR:
        raise invalid("The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
                      "expires_at")  # fmt: skip
    if expires_at > call.now + DAY:
        raise invalid("The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
                      "expires_at")  # fmt: skip
