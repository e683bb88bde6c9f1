"""A node's errors: the codes of JSON-RPC and those that Solana added."""

from __future__ import annotations

from typing import Any

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
PREFLIGHT_FAILURE = -32002
SIGNATURE_VERIFICATION_FAILURE = -32003
NODE_UNHEALTHY = -32005
UNSUPPORTED_VERSION = -32015
MIN_CONTEXT_SLOT_NOT_REACHED = -32016
RATE_LIMITED = 429


class RpcError(Exception):
    """A request that a node refuses."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data

    def present(self) -> dict[str, Any]:
        """The error object of an answer."""
        body: dict[str, Any] = {"code": self.code, "message": str(self)}
        return body if self.data is None else body | {"data": self.data}


def invalid_params(message: str) -> RpcError:
    """Parameters that the method does not accept."""
    return RpcError(INVALID_PARAMS, message)
