"""Every failure the domain knows. A class's docstring is its message to the user.

`code` is stable and documented in docs/errors.md; the HTTP status of each code stands in
`orders/api/problems.py` alone. Failures of an execution attempt that come from the market are
`orders.market.errors.DexError`; those that come from the engine itself are `ExecutionError`.
"""

from __future__ import annotations


class EngineError(Exception):
    """Something went wrong."""

    code = "internal_error"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ValidationFailed(EngineError):
    """The request has fields that are missing, unknown or out of range."""

    code = "validation_failed"

    def __init__(self, errors: dict[str, list[str]], message: str | None = None) -> None:
        super().__init__(message)
        self.errors = errors


class MalformedRequest(EngineError):
    """The request could not be read."""

    code = "malformed_request"


class UnknownToken(ValidationFailed):
    """The token is not listed here."""

    code = "unknown_token"


class SameToken(ValidationFailed):
    """tokenIn and tokenOut are the same token."""

    code = "same_token"


class Unauthenticated(EngineError):
    """A valid bearer token is needed."""

    code = "unauthenticated"


class InvalidCredentials(EngineError):
    """The email address or the password is wrong."""

    code = "invalid_credentials"


class EmailTaken(EngineError):
    """An account with this email address exists already."""

    code = "email_taken"


class OrderNotFound(EngineError):
    """There is no such order."""

    code = "order_not_found"


class IdempotencyConflict(EngineError):
    """This Idempotency-Key was used with another payload."""

    code = "idempotency_conflict"


class NotCancellable(EngineError):
    """The order can no longer be cancelled."""

    code = "not_cancellable"

    def __init__(self, status: str) -> None:
        super().__init__(f"The order is {status}; only pending and open orders can be cancelled.")
        self.status = status


class NotRetryable(EngineError):
    """Only failed orders can be placed again."""

    code = "not_retryable"

    def __init__(self, status: str) -> None:
        super().__init__(f"The order is {status}; only failed orders can be placed again.")


class LaunchConflict(EngineError):
    """A token with this symbol or mint address exists already."""

    code = "launch_conflict"


class RetryLater(EngineError):
    """The service cannot do this now."""

    def __init__(self, message: str | None = None, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QueueFull(RetryLater):
    """Too many orders are waiting; nothing was stored."""

    code = "queue_full"


class StoreUnavailable(RetryLater):
    """The database is not reachable; nothing is confirmed as stored."""

    code = "store_unavailable"


class Fenced(EngineError):
    """Another process moved the order; this one must stop working on it."""

    code = "fenced"


class ExecutionError(EngineError):
    """The engine itself had to give the attempt up."""

    retryable = False


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
