"""Every answer that is not a success, in one shape: ``{error, detail, request_id}``.

``detail`` is a sentence for people. It never repeats what was sent and never says what Stripe,
the framework or the operating system said; that is in the log, under the same request id.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.static_pages import StaticPages
from monitoring.logging import request_id

log = logging.getLogger(__name__)

UNEXPECTED = "Something went wrong on our side. Please try again in a few minutes."
REFUSALS = {
    400: ("bad_request", "The request could not be read."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not support that method."),
    413: ("content_too_large", "The request is too large."),
}
"""Code and sentence for what the framework refuses by itself."""


class ErrorBody(BaseModel):
    """The body of every error."""

    error: str = Field(description="A code for programs.", examples=["invalid_request"])
    detail: str = Field(description="A sentence for people.", examples=["success_url is required."])
    request_id: str | None = Field(description="Quote it to the support; the log has the same.")


class ApiError(Exception):
    """An answer that is not a success; raise it anywhere below a route."""

    def __init__(self, status: int, error: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.detail = detail
        self.headers = headers


def database_failed() -> ApiError:
    """What is answered where nothing could be stored or looked up."""
    return ApiError(500, "database_error", "Our database does not answer. Please try again in a few minutes.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: these statuses and, for what the middleware refuses, ``default``."""
    described = {
        400: "The request is not valid; `detail` says which field and why.",
        401: "The token is missing, wrong or has ended.",
        404: "There is no such session.",
        429: "Too many requests from this address; `Retry-After` says when to try again.",
        500: "The payment provider, the database or the configuration failed. Nothing was charged.",
        501: "Not implemented: planned for a later release.",
    }
    responses: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorBody, "description": described[status]} for status in statuses
    }
    return responses | {"default": {"model": ErrorBody, "description": "Any other error, in the same shape."}}


def error_response(status: int, error: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """One error, in the shape of all; log lines are the caller's affair."""
    body = ErrorBody(error=error, detail=detail, request_id=request_id.get())
    return JSONResponse(body.model_dump(), status_code=status, headers=headers)


def install_error_handlers(app: FastAPI, pages: StaticPages) -> None:
    """Answer every error of the routes in the one shape, and a missing page with the page for that."""

    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.NOT_FOUND and (page := pages.not_found(request)):
            return page
        return _http_error(request, error)

    app.exception_handler(ApiError)(_api_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(refused)


async def _api_error(_request: Request, error: ApiError) -> Response:
    context = {"status": error.status, "error": error.error, "detail": error.detail}
    log.log(_level(error.status), "request_refused", extra={"context": context})
    return error_response(error.status, error.error, error.detail, error.headers)


async def _validation_error(_request: Request, error: RequestValidationError) -> Response:
    faults = error.errors()
    # the inputs themselves stay out of the log: they may hold anything
    context = {"status": 400, "fields": [{"field": _field(fault), "fault": fault["type"]} for fault in faults]}
    log.warning("request_invalid", extra={"context": context})
    return error_response(400, "invalid_request", " ".join(_sentence(fault) for fault in faults))


def _http_error(request: Request, error: HTTPException) -> Response:
    code, detail = REFUSALS.get(error.status_code, ("refused", "The request was refused."))
    context = {"status": error.status_code, "method": request.method}
    log.log(_level(error.status_code), "request_refused", extra={"context": context})
    return error_response(error.status_code, code, detail, error.headers)


def _level(status: int) -> int:
    # what is planned is no fault of anybody
    fault = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED
    return logging.ERROR if fault else logging.WARNING


def _field(fault: Mapping[str, Any]) -> str:
    location = [part for part in fault["loc"][1:] if isinstance(part, str)]
    return ".".join(location) or "The body"


def _sentence(fault: Mapping[str, Any]) -> str:
    field = _field(fault)
    match fault["type"]:
        case "missing":
            return f"{field} is required."
        case "enum" | "literal_error":
            return f"{field} must be {fault['ctx']['expected']}."
        case "value_error":
            return f"{field} {fault['ctx']['error']}."
        case "json_invalid":
            return "The body is not valid JSON."
        case _:
            return f"{field} is not of the right kind."


class UnexpectedErrorMiddleware:
    """Answers what nobody expected like every other error, and logs it with its traceback.

    Innermost, so that the headers of the other middleware are on this answer too; the handler that
    Starlette offers for `Exception` runs outside of all of them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 500 where nothing has been sent yet; else let the server cut the connection."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:
            return  # while it sent the body: there is nobody to answer, and nothing of ours failed
        except Exception:
            if started or scope["type"] != "http":
                raise
            log.exception("unexpected_error")
            await error_response(500, "internal_error", UNEXPECTED)(scope, receive, send)
