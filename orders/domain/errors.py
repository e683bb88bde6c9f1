"""Every failure the domain knows. A class's docstring is its message to the user.

`code` is stable and documented in docs/errors.md; the HTTP status of each code stands in
`orders/api/problems.py` alone.

    CodedError
      EngineError          requests, storage, fencing
        ExecutionError     the engine gave an attempt up
      DexError             the market or the chain failed an attempt (orders/market/errors.py)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import ClassVar


class CodedError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal_error"
    retryable: ClassVar[bool] = False
    """Whether a further attempt at the order may succeed."""

    def __init__(self, message: str | None = None) -> None:
        # Under `python -OO` there are no docstrings; the code is then the best there is.
        super().__init__(message or (type(self).__doc__ or self.code).strip())


def catalogue() -> dict[str, type[CodedError]]:
    """Every code that has been defined, and the first class that has it."""
    found: dict[str, type[CodedError]] = {}
    known = [CodedError]
    for kind in known:
        known += kind.__subclasses__()
        found.setdefault(kind.code, kind)
    return found


class EngineError(CodedError):
    """Something went wrong."""


class ValidationFailed(EngineError):
    """The request has fields that are missing, unknown or out of range."""

    code = "validation_failed"

    def __init__(self, errors: dict[str, list[str]], message: str | None = None) -> None:
        super().__init__(message)
        self.errors = errors


@contextmanager
def within(path: str) -> Iterator[None]:
    """Puts the path of a part of the request, such as `orders.0`, before fields refused in it."""
    try:
        yield
    except ValidationFailed as error:
        error.errors = {f"{path}.{name}": texts for name, texts in error.errors.items()}
        raise


class MalformedRequest(EngineError):
    """The request could not be read."""

    code = "malformed_request"


class UnknownToken(ValidationFailed):
    """The token is not listed here; see /api/tokens."""

    code = "unknown_token"


class SameToken(ValidationFailed):
    """tokenIn and tokenOut are the same token; choose two."""

    code = "same_token"


class Unauthenticated(EngineError):
    """A valid bearer token is needed; log in and send it as `Authorization: Bearer <token>`."""

    code = "unauthenticated"


class NoSuchAccount(Unauthenticated):
    """The account of this token does not exist; log in with another one."""


class InvalidCredentials(EngineError):
    """The email address or the password is wrong."""

    code = "invalid_credentials"


class EmailTaken(EngineError):
    """An account with this email address exists already; log in instead."""

    code = "email_taken"


class SessionNotFound(EngineError):
    """The account has no such session, or it has ended."""

    code = "session_not_found"


class OrderNotFound(EngineError):
    """There is no such order."""

    code = "order_not_found"


class IdempotencyConflict(EngineError):
    """This Idempotency-Key was used with another payload; take a new key for a new order."""

    code = "idempotency_conflict"


class ClientOrderIdConflict(EngineError):
    """This clientOrderId stands for another order, for ever; choose another one."""

    code = "client_order_id_conflict"


class NotCancellable(EngineError):
    """The order can no longer be cancelled."""

    code = "not_cancellable"

    def __init__(self, status: str) -> None:
        super().__init__(f"The order is {status}; only pending and open orders can be cancelled.")
        self.status = status


class NotAmendable(EngineError):
    """The order's terms can no longer be changed."""

    code = "not_amendable"


class OrderChanged(EngineError):
    """The order has changed since it was read."""

    code = "order_changed"

    def __init__(self, sequence: int) -> None:
        super().__init__(f"The order's sequence is {sequence} by now: read it again.")


class NotRetryable(EngineError):
    """Only failed orders that no wallet has signed can be placed again."""

    code = "not_retryable"


class UnknownScenario(EngineError):
    """There is no such scenario; see /api/scenarios."""

    code = "unknown_scenario"


class ScenarioNotAllowed(EngineError):
    """Scenarios are not open to this caller; production needs SCENARIOS=1 and an account."""

    code = "scenario_not_allowed"


class LaunchConflict(EngineError):
    """A token with this symbol or mint address exists already; choose others."""

    code = "launch_conflict"


class TooManyLaunches(EngineError):
    """There are as many launches as this service keeps; its operator can remove old ones."""

    code = "too_many_launches"


class MoveNotFound(EngineError):
    """There is no such move of the market, or it is over."""

    code = "move_not_found"


class TooManyMoves(EngineError):
    """The token has as many moves as it can have at once; end one first."""

    code = "too_many_moves"


class OperatorRequired(EngineError):
    """Outside local mode only an operator's token moves the market."""

    code = "operator_required"


class RequestTimeout(EngineError):
    """The request did not arrive in time; nothing was done: send it again."""

    code = "request_timeout"


class RetryLater(EngineError):
    """The service cannot do this now."""

    def __init__(self, message: str | None = None, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class InsufficientFunds(EngineError):
    """The wallet does not have what the order spends; nothing was stored."""

    code = "insufficient_funds"

    def __init__(self, token: str, needed: Decimal, available: Decimal) -> None:
        super().__init__(
            f"The order needs {needed:f} {token}; {available:f} {token} are available."
        )
        self.details = {"token": token, "needed": needed, "available": available}


class FaucetLimit(RetryLater):
    """The faucet gives no more this hour."""

    code = "faucet_limit"


class FaucetOff(EngineError):
    """This service gives no paper money beyond what accounts begin with."""

    code = "faucet_off"


class AccountBusy(RetryLater):
    """Orders of the account are still in flight; try again when they have ended."""

    code = "account_busy"


class QueueFull(RetryLater):
    """Too many orders are waiting; nothing was stored: try again in a moment."""

    code = "queue_full"


class RateLimited(RetryLater):
    """Too many requests; nothing was stored: wait before you try again."""

    code = "rate_limited"


class StoreUnavailable(RetryLater):
    """The database is not available; nothing is confirmed as stored: try again in a moment."""

    code = "store_unavailable"


class ClockSkewed(RetryLater):
    """The clock of the machine that serves this is wrong; nothing was stored: try again."""

    code = "clock_skewed"


class Fenced(EngineError):
    """Another process moved the order; this one must stop working on it."""

    code = "fenced"


class ExecutionError(EngineError):
    """The engine itself had to give the attempt up."""


class WorkerLost(ExecutionError):
    """The worker that executed the order died; nothing was sent."""

    code = "worker_lost"
    retryable = True


class DeadlineExceeded(ExecutionError):
    """The order could not be executed in time."""

    code = "deadline_exceeded"


class InternalError(ExecutionError):
    """The engine met an error of its own; the order was not executed."""

    code = "internal_error"
