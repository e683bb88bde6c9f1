"""Every failure as `application/problem+json` (RFC 9457), and the HTTP status of every code."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from flask import Flask, Response, current_app, g
from werkzeug.exceptions import HTTPException
from werkzeug.routing import WebsocketMismatch

from orders.api.headers import ID_BYTES, SECURITY_HEADERS
from orders.config import Settings
from orders.domain import exact_json
from orders.domain.errors import EngineError, InsufficientFunds, RetryLater, ValidationFailed
from orders.market.errors import DexError
from orders.observability import observe

MIMETYPE = "application/problem+json"
CATALOGUE = "/docs/errors"
"""The page that `type` links to, with one heading per code."""

WEBSOCKET_ONLY = {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
"""Headers of an answer that asks for a WebSocket (RFC 6455, 4.4)."""

PROBLEMS: dict[str, tuple[int, str]] = {
    "unknown_scenario": (422, "There is no such scenario"),
    "operator_required": (403, "Only for operators"),
    "move_not_found": (404, "There is no such move of the market"),
    "too_many_moves": (409, "The token has too many moves"),
    "scenario_not_allowed": (403, "Scenarios are not open to you here"),
    "malformed_request": (400, "The request can't be read"),
    "validation_failed": (400, "The request has invalid fields"),
    "unknown_token": (400, "The token is not listed"),
    "same_token": (400, "Both tokens are the same"),
    "insufficient_liquidity": (400, "The pools can't fill this amount"),
    "unauthenticated": (401, "A valid bearer token is needed"),
    "invalid_credentials": (401, "Wrong email address or password"),
    "faucet_off": (403, "The faucet is off"),
    "cross_site_request": (403, "Another site's page may not do this"),
    "not_found": (404, "There is nothing at this address"),
    "order_not_found": (404, "There is no such order"),
    "session_not_found": (404, "The account has no such session"),
    "webhook_not_found": (404, "There is no such webhook"),
    "pool_not_found": (404, "The token has no pool yet"),
    "method_not_allowed": (405, "This method is not supported here"),
    "request_timeout": (408, "The request took too long to arrive"),
    "idempotency_conflict": (409, "The Idempotency-Key was used for another order"),
    "client_order_id_conflict": (409, "The clientOrderId stands for another order"),
    "not_cancellable": (409, "The order can't be cancelled any more"),
    "not_amendable": (409, "The order can't be amended any more"),
    "email_taken": (409, "The email address is taken"),
    "too_many_webhooks": (409, "The account has too many webhooks"),
    "launch_conflict": (409, "The token exists already"),
    "too_many_launches": (409, "There are too many launches"),
    "order_changed": (412, "The order has changed since it was read"),
    "payload_too_large": (413, "The request body is too large"),
    "uri_too_long": (414, "The address is too long"),
    "unsupported_media_type": (415, "The request body must be JSON"),
    "misdirected_request": (421, "This host name is not the service's"),
    "insufficient_funds": (422, "The wallet does not have enough"),
    "upgrade_required": (426, "This address speaks WebSocket"),
    "faucet_limit": (429, "The faucet gives no more this hour"),
    "rate_limited": (429, "Too many requests"),
    "headers_too_large": (431, "The headers are too large"),
    "internal_error": (500, "Something went wrong on our side"),
    "account_busy": (503, "Orders of the account are still in flight"),
    "queue_full": (503, "Too many orders are waiting"),
    "store_unavailable": (503, "The database is not available"),
    "clock_skewed": (503, "The clock of this server is wrong"),
    "no_quote": (503, "No venue gave a quote"),
    "venue_timeout": (503, "No venue answered in time"),
    "rpc_unavailable": (503, "The chain is not reachable"),
}
"""Code -> HTTP status and title."""

CODES_BY_STATUS = {
    400: "malformed_request",
    401: "unauthenticated",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    500: "internal_error",
}
"""Codes of the failures that the framework raises by itself."""

DETAILS_BY_STATUS = {
    404: "There is nothing at this address; /docs lists what there is.",
    413: "The request body is larger than this service accepts.",
    415: "Send the body as application/json.",
}


def problem(
    code: str,
    detail: str,
    errors: dict[str, list[str]] | None = None,
    headers: dict[str, str] | None = None,
    status: int | None = None,
    details: dict[str, Any] | None = None,
) -> Response:
    """The answer about a failure; `details` become further members of it."""
    document = problem_document(
        code, detail, public_url=_settings().public_url, request_id=g.get("request_id")
    )
    if status is not None:
        document["status"] = status
    if errors is not None:
        document["errors"] = errors
    document |= details or {}
    return Response(exact_json.encode(document), document["status"], headers, mimetype=MIMETYPE)


def early_problem(
    code: str, detail: str, public_url: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer about a request that is refused before Flask sees it."""
    request_id = token_hex(ID_BYTES)
    document = problem_document(code, detail, public_url=public_url, request_id=request_id)
    response = Response(exact_json.encode(document), document["status"], mimetype=MIMETYPE)
    response.headers.update({**SECURITY_HEADERS, "X-Request-ID": request_id, **(headers or {})})
    return response


def problem_document(
    code: str, detail: str, *, public_url: str, request_id: str | None
) -> dict[str, Any]:
    """The body of the answer."""
    status, title = PROBLEMS.get(code, PROBLEMS["internal_error"])
    return {
        "type": f"{public_url.rstrip('/')}{CATALOGUE}#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "requestId": request_id,
        "error": detail,
        "success": False,
    }


def register_problem_handlers(app: Flask) -> None:
    """Makes every failure of the app a problem: the domain's, the market's, the framework's."""
    app.register_error_handler(EngineError, _from_engine)
    app.register_error_handler(DexError, _from_market)
    app.register_error_handler(WebsocketMismatch, _from_plain_request)
    app.register_error_handler(HTTPException, framework_problem)
    app.register_error_handler(Exception, _from_defect)


def _from_engine(error: EngineError) -> Response:
    if error.code not in PROBLEMS:
        return _from_defect(error)
    headers = {}
    if isinstance(error, RetryLater):
        headers["Retry-After"] = str(error.retry_after_s)
        if error.code == "store_unavailable":
            observe.store_unavailable("api", error)
    if PROBLEMS[error.code][0] == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    errors = error.errors if isinstance(error, ValidationFailed) else None
    details = error.details if isinstance(error, InsufficientFunds) else None
    return problem(error.code, str(error), errors, headers, details=details)


def _from_market(error: DexError) -> Response:
    if error.code not in PROBLEMS:
        return _from_defect(error)
    return problem(
        error.code, str(error), headers={"Retry-After": "1"} if error.retryable else None
    )


def _from_plain_request(_: WebsocketMismatch) -> Response:
    return upgrade_required()


def upgrade_required() -> Response:
    """The answer to a plain request at a WebSocket address."""
    detail = "Connect with a WebSocket; a plain request gets nothing here."
    return problem("upgrade_required", detail, headers=WEBSOCKET_ONLY)


def framework_problem(error: HTTPException) -> Any:
    """The answer about a failure that the framework raised."""
    status = error.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    code = CODES_BY_STATUS.get(status, "malformed_request" if status < 500 else "internal_error")
    detail = DETAILS_BY_STATUS.get(status) or error.description or error.name
    headers = {
        name: value
        for name, value in error.get_headers()
        if name in ("Allow", "Retry-After", "WWW-Authenticate")
    }
    return problem(code, detail, headers=headers, status=status)


def _from_defect(error: Exception) -> Response:
    observe.internal_error("api", error)
    return problem("internal_error", "Something went wrong on our side; it has been logged.")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
