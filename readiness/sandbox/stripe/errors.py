"""What Stripe's API says when it refuses, in its own words and shape (https://docs.stripe.com/api/errors)."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

HELP = "Please see https://stripe.com/docs or we can help at https://support.stripe.com/."


class ApiError(Exception):
    """A refusal; `kind` is Stripe's ``type``."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.headers = dict(headers or {})
        self.more = dict(more or {})
        """Further fields, such as ``decline_code`` and ``payment_intent`` of a card error."""

    def body(self) -> dict[str, Any]:
        """The JSON of the answer, without the fields that do not apply."""
        doc = self.code and f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        fields = {"code": self.code, "doc_url": doc, "message": self.message, "param": self.param, "type": self.kind}
        return {"error": {name: value for name, value in {**fields, **self.more}.items() if value is not None}}


def unrecognized(method: str, path: str) -> ApiError:
    """No such route."""
    return ApiError(f"Unrecognized request URL ({method}: {path}). {HELP}", status=404)


def no_key() -> ApiError:
    """The request carries no API key."""
    return ApiError(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for "
        "details, or we can help at https://support.stripe.com/.",
        status=401,
        headers={"WWW-Authenticate": 'Bearer realm="Stripe"'},
    )


def invalid_key(masked: str) -> ApiError:
    """A key that nobody has."""
    return ApiError(
        f"Invalid API Key provided: {masked}", status=401, headers={"WWW-Authenticate": 'Bearer realm="Stripe"'}
    )


def expired_key(masked: str) -> ApiError:
    """A key that was revoked or rolled."""
    return ApiError(f"Expired API Key provided: {masked}", status=401, code="api_key_expired")


def publishable_key() -> ApiError:
    """A pk_ key on a route that needs a secret one."""
    return ApiError(
        "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of "
        "your API keys at https://dashboard.stripe.com/account/apikeys.",
        status=403,
        code="secret_key_required",
    )


def missing_permission(masked: str, account: str, permission: str) -> ApiError:
    """A restricted key that lacks the `rak_` permission of the route."""
    return ApiError(
        f"The provided key '{masked}' does not have the required permissions for this endpoint on account "
        f"'{account}'. Having the '{permission}' permission would allow this request to continue.",
        status=403,
    )


def other_account(masked: str, account: str) -> ApiError:
    """A Stripe-Account header that names an account which the key does not reach."""
    return ApiError(
        f"The provided key '{masked}' does not have access to account '{account}' (or that account does not exist). "
        "Application access may have been revoked.",
        status=403,
        code="account_invalid",
    )


def resource_missing(noun: str, id: str, *, param: str, status: int, other_mode: str | None) -> ApiError:
    """No such object; `other_mode` (live, test) says where a similar one exists."""
    quoted = id if noun == "checkout.session" else f"'{id}'"
    message = f"No such {noun}: {quoted}"
    if other_mode is not None:
        mine = "test" if other_mode == "live" else "live"
        message += (
            f"; a similar object exists in {other_mode} mode, but a {mine} mode key was used to make this request."
        )
    return ApiError(message, status=status, code="resource_missing", param=param)


def unknown_params(names: Sequence[str], known: Iterable[str]) -> ApiError:
    """Parameters that the call does not have; `names` are written like ``line_items[0][color]``."""
    plural = "s" if len(names) > 1 else ""
    message = f"Received unknown parameter{plural}: {', '.join(names)}"
    last = names[0].rpartition("[")[2].rstrip("]")
    near = difflib.get_close_matches(last, sorted(known), n=1) if len(names) == 1 else []
    return ApiError(message + (f". Did you mean {near[0]}?" if near else ""), code="parameter_unknown", param=names[0])


def missing_param(name: str) -> ApiError:
    """A required parameter is not there."""
    return ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def invalid(message: str, param: str, code: str | None = None) -> ApiError:
    """A parameter's value cannot be used."""
    return ApiError(message, code=code, param=param)


def empty_param(name: str) -> ApiError:
    """An empty string where a value cannot be unset."""
    return ApiError(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; however "
        f"'{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=name,
    )


def idempotency_mismatch(key: str, what: str) -> ApiError:
    """The idempotency key was used for something else before."""
    return ApiError(
        f"Keys for idempotent requests can only be used {what}. Try using a key other than '{key}' if you meant to "
        "execute a different request.",
        kind="idempotency_error",
    )


def idempotency_in_use(key: str) -> ApiError:
    """The first request with this idempotency key still runs."""
    return ApiError(
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        status=409,
        code="idempotency_key_in_use",
    )


def injected(status: int) -> ApiError:
    """What Stripe says with a status that a test asked for."""
    if status == 429:  # noqa: PLR2004 - Too Many Requests
        message = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
        return ApiError(
            message, status=status, code="rate_limit", headers={"Stripe-Rate-Limited-Reason": "global-rate"}
        )
    if status < 500:  # noqa: PLR2004 - the client's fault
        return ApiError(f"The sandbox was told to answer {status}.", status=status)
    message = "An unknown error occurred. Contact us via https://support.stripe.com/contact."
    return ApiError(message, status=status, kind="api_error")
