"""The caller of a request: the account of its bearer token, or the anonymous caller."""

from __future__ import annotations

from hmac import compare_digest

from flask import Request, current_app, g, request

from orders.api.context import components
from orders.domain.caller import Caller
from orders.domain.errors import OperatorRequired, StoreUnavailable, Unauthenticated


def bearer_token(http_request: Request) -> str | None:
    """The token in the Authorization header (RFC 6750); None without that header.

    Raises `Unauthenticated` if the header holds something else.
    """
    header = http_request.headers.get("Authorization")
    if not header:
        return None
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send the token as `Authorization: Bearer <token>`.")
    return token


def current_caller(*, account: bool = False) -> Caller:
    """The caller of this request; `account` refuses the anonymous one.

    Raises `Unauthenticated`, `StoreUnavailable`.
    """
    caller: Caller | None = g.get("caller")
    if caller is None:
        caller = components().sessions.caller(bearer_token(request))
        g.caller = caller
    if account and caller.account_id is None:
        raise Unauthenticated()
    return caller


def require_operator() -> None:
    """Refuses everybody but operators. In local mode every caller is one.

    Raises `OperatorRequired`, `Unauthenticated`.
    """
    settings = current_app.config["SETTINGS"]
    if settings.local:
        return
    token = bearer_token(request) or ""
    expected = settings.operator_token
    if not expected or not compare_digest(token.encode(), expected.encode()):
        raise OperatorRequired()


def rate_limit_key() -> str:
    """The key under which requests are counted: an account's, or a network address's."""
    try:
        account_id = current_caller().account_id
    except (Unauthenticated, StoreUnavailable):
        account_id = None
    return f"account:{account_id}" if account_id else address_key()


def address_key() -> str:
    """The address that the request comes from."""
    return f"address:{request.remote_addr or 'unknown'}"
