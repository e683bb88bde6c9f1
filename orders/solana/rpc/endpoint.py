"""JSON-RPC over HTTP at `POST /rpc`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException

from orders.domain import exact_json
from orders.solana.rpc.errors import INVALID_REQUEST, RATE_LIMITED, RpcError

if TYPE_CHECKING:
    from orders.solana.rpc.wiring import Rpc

JSON = "application/json"
PATH = "/rpc"

rpc = Blueprint("rpc", __name__)


@rpc.post(PATH)
def call() -> Response:
    """Answers one call or a batch of them."""
    if request.mimetype != JSON:
        refused = "Supplied content type is not allowed. Content-Type: application/json is required"
        return Response(refused, 415, content_type="text/plain")
    parts: Rpc = current_app.extensions["rpc"]()
    answered = parts.dispatcher.answer(request.get_data(cache=False))
    response = Response(answered.body, answered.status, content_type=JSON)
    if answered.status == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = "1"
    return response


@rpc.errorhandler(HTTPStatus.TOO_MANY_REQUESTS)
@rpc.errorhandler(HTTPException)
def refused(error: HTTPException) -> Response:
    """Answers what the framework refuses with a JSON-RPC error."""
    status = error.code or 500
    code = RATE_LIMITED if status == 429 else INVALID_REQUEST
    failure = RpcError(code, error.description or error.name)
    body = {"jsonrpc": "2.0", "error": failure.present(), "id": None}
    return Response(exact_json.encode(body), status, content_type=JSON)
