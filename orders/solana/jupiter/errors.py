"""Jupiter's form of errors, for every failure under its addresses."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from orders.api.requests import answer
from orders.domain.errors import EngineError, QueueFull, RateLimited, RetryLater, StoreUnavailable
from orders.market.errors import DexError, RpcUnavailable
from orders.observability import observe

INVALID = "INVALID_REQUEST"
NOT_TRADABLE = "TOKEN_NOT_TRADABLE"
NO_ROUTE = "COULD_NOT_FIND_ANY_ROUTE"
CIRCULAR = "CIRCULAR_ARBITRAGE_IS_DISABLED"
NOT_SUPPORTED = "NOT_SUPPORTED"
RATE_LIMITED = "RATE_LIMITED"
FRAMEWORK = {
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
    HTTPStatus.TOO_MANY_REQUESTS: RATE_LIMITED,
}
"""Status of what the framework refuses -> code; anything else is an invalid request."""
UNAVAILABLE = "SERVICE_UNAVAILABLE"
TRIGGER = "/trigger/"
ADDRESSES = ("/swap/", "/ultra/", "/price/", "/tokens/", TRIGGER)
"""What the addresses of Jupiter's API begin with."""
TO_RETRY: dict[type[RetryLater], tuple[str, HTTPStatus]] = {
    QueueFull: ("QUEUE_FULL", HTTPStatus.SERVICE_UNAVAILABLE),
    RateLimited: (RATE_LIMITED, HTTPStatus.TOO_MANY_REQUESTS),
}
"""What may be repeated -> its code and status; anything else is unavailable."""


class JupiterError(Exception):
    """A request that Jupiter would refuse."""

    def __init__(self, message: str, code: str = INVALID, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def register_errors(blueprint: Blueprint) -> None:
    """Answers every failure of the blueprint's views in Jupiter's form."""
    blueprint.register_error_handler(JupiterError, _from_jupiter)
    blueprint.register_error_handler(DexError, _from_market)
    blueprint.register_error_handler(EngineError, _from_engine)
    blueprint.register_error_handler(HTTPException, _from_framework)
    # Registered by its number, because the app has a handler of its own for it.
    blueprint.register_error_handler(HTTPStatus.TOO_MANY_REQUESTS, _from_framework)
    blueprint.register_error_handler(Exception, _from_defect)
    # A request that no view takes belongs to no blueprint, and meets no handler of one.
    blueprint.before_app_request(_refuse_strays)


def _refuse_strays() -> Response | None:
    """Answers a request at an address of Jupiter's that is not there, or not for its method."""
    error = request.routing_exception
    if error is None or (error.code or 500) < 400 or not request.path.startswith(ADDRESSES):
        return None
    return _from_framework(error)


def refusal(
    message: str, code: str, status: int, headers: dict[str, str] | None = None
) -> Response:
    """The answer about an error; Jupiter's Trigger API repeats the status as `code`."""
    body: dict[str, str | int] = {"error": message, "errorCode": code}
    if request.path.startswith(TRIGGER):
        body["code"] = status
    return answer(body, status, headers)


def _from_jupiter(error: JupiterError) -> Response:
    return refusal(str(error), error.code, error.status)


def _from_market(error: DexError) -> Response:
    if isinstance(error, RpcUnavailable):
        return refusal(str(error), UNAVAILABLE, 503, {"Retry-After": "1"})
    return refusal(f"Could not find any route: {error}", NO_ROUTE, 400)


def _from_engine(error: EngineError) -> Response:
    if isinstance(error, RetryLater):
        if isinstance(error, StoreUnavailable):
            observe.store_unavailable("jupiter", error)
        code, status = TO_RETRY.get(type(error), (UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE))
        return refusal(str(error), code, status, {"Retry-After": str(error.retry_after_s)})
    return refusal(str(error), error.code.upper(), 400)


def _from_framework(error: HTTPException) -> Response:
    status = error.code or 500
    code = FRAMEWORK.get(HTTPStatus(status), INVALID)
    allowed = {name: value for name, value in error.get_headers() if name == "Allow"}
    return refusal(error.description or error.name, code, status, allowed)


def _from_defect(error: Exception) -> Response:
    observe.internal_error("jupiter", error)
    return refusal("Something went wrong on our side; it has been logged.", UNAVAILABLE, 500)
