"""Turns the bytes of a JSON-RPC 2.0 request into the bytes of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from orders.domain import exact_json
from orders.domain.errors import EngineError, RateLimited, RetryLater
from orders.market.errors import DexError
from orders.observability import observe
from orders.solana.rpc.errors import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    NODE_UNHEALTHY,
    PARSE_ERROR,
    RATE_LIMITED,
    RpcError,
    invalid_params,
)
from orders.solana.rpc.params import Params

Method = Callable[[Params], Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a request; an empty body where nothing is to be answered."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    """Over HTTP. Failed calls are no failed requests; only too many of them are."""


class Dispatcher:
    """Answers calls of the methods that it was given.

    `count` is asked before each call, where not every call is a request of its own; it raises
    `RateLimited`.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        most_at_once: int,
        count: Callable[[], None] = lambda: None,
    ) -> None:
        self._methods = methods
        self._most_at_once = most_at_once
        self._count = count

    def answer(self, body: bytes) -> Answered:
        """The answer to a call or a batch of calls."""
        try:
            request = exact_json.loads_strict(body)
        except exact_json.MalformedJson:
            return _refusal(PARSE_ERROR, "Parse error")
        if not isinstance(request, list):
            answered = self.call(request)
            return Answered(b"") if answered is None else _answered(answered)
        if not 0 < len(request) <= self._most_at_once:
            return _refusal(INVALID_REQUEST, f"A batch has 1 to {self._most_at_once} calls")
        answers = [answer for each in request if (answer := self.call(each)) is not None]
        return Answered(exact_json.encode(answers) if answers else b"")

    def call(self, request: Any) -> dict[str, Any] | None:
        """The answer to one call; None for a notification, which has no id."""
        if not _is_call(request):
            return _failure(_id(request), RpcError(INVALID_REQUEST, "Invalid Request"))
        call_id = _id(request)
        try:
            result = self._run(request["method"], request.get("params"))
        except RpcError as error:
            answered = _failure(call_id, error)
        else:
            answered = {"jsonrpc": "2.0", "result": result, "id": call_id}
        return answered if "id" in request else None

    def _run(self, name: str, params: Any) -> Any:
        method = self._methods.get(name)
        if method is None:
            raise RpcError(METHOD_NOT_FOUND, "Method not found")
        if params is not None and not isinstance(params, list):
            raise invalid_params("Invalid params: expected a list.")
        try:
            self._count()
            return method(Params(params or ()))
        except RpcError:
            raise
        except RateLimited as error:
            raise RpcError(RATE_LIMITED, str(error)) from None
        except (RetryLater, DexError) as error:
            raise RpcError(NODE_UNHEALTHY, f"Node is unhealthy: {error}") from None
        except EngineError as error:
            raise invalid_params(str(error)) from None
        except Exception as error:
            observe.internal_error("rpc", error)
            raise RpcError(INTERNAL_ERROR, "Internal error") from None


def _is_call(request: Any) -> bool:
    return (
        isinstance(request, dict)
        and request.get("jsonrpc") == "2.0"
        and isinstance(request.get("method"), str)
        and isinstance(request.get("id"), str | int | None)
    )


def _id(request: Any) -> str | int | None:
    given = request.get("id") if isinstance(request, dict) else None
    return given if isinstance(given, str | int) and not isinstance(given, bool) else None


def _answered(answer: dict[str, Any]) -> Answered:
    limited = answer.get("error", {}).get("code") == RATE_LIMITED
    status = HTTPStatus.TOO_MANY_REQUESTS if limited else HTTPStatus.OK
    return Answered(exact_json.encode(answer), status)


def _refusal(code: int, message: str) -> Answered:
    return Answered(exact_json.encode(_failure(None, RpcError(code, message))))


def _failure(call_id: str | int | None, error: RpcError) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "error": error.present(), "id": call_id}
