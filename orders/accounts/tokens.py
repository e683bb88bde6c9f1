"""Bearer tokens: signing and reading them. Sessions tell whether a token is still valid."""

from __future__ import annotations

import hmac
import time
from functools import lru_cache
from typing import Any
from uuid import UUID

import jwt

from orders.config import Settings
from orders.domain.caller import Credential
from orders.domain.errors import Unauthenticated
from orders.domain.identifiers import parse_uuid

ALGORITHM = "HS256"
MAX_TOKEN_LENGTH = 4096
NOT_VALID = "The bearer token is not valid; log in again."


def issue_token(settings: Settings, account_id: UUID, session_id: UUID | None = None) -> str:
    """A signed bearer token for the account (JWT, RFC 7519), valid for `token_ttl_s`."""
    now = int(time.time())
    claims = {"sub": str(account_id), "iat": now, "exp": now + settings.token_ttl_s}
    if session_id is not None:
        claims["sid"] = str(session_id)
    return jwt.encode(claims, _token_key(settings.secret_key), ALGORITHM)


def read_token(settings: Settings, token: object) -> Credential | None:
    """What a bearer token says; without one None.

    Raises `Unauthenticated` if it is empty, malformed, expired or forged, or missing while
    REQUIRE_AUTH is on.
    """
    if token is None:
        if settings.require_auth:
            raise Unauthenticated()
        return None
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        raise Unauthenticated(NOT_VALID)
    claims = _claims(settings.secret_key, token)
    account_id, session_id = parse_uuid(claims["sub"]), parse_uuid(str(claims.get("sid")))
    if account_id is None or (session_id is None and "sid" in claims):
        raise Unauthenticated(NOT_VALID)
    return Credential(account_id, session_id, int(claims.get("iat", 0)), int(claims["exp"]))


def _claims(secret: str, token: str) -> dict[str, Any]:
    try:
        return jwt.decode(
            token,
            _token_key(secret),
            algorithms=[ALGORITHM],
            options={"require": ["exp", "sub"]},
        )
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The bearer token has expired; log in again.") from None
    except (jwt.PyJWTError, ValueError):
        raise Unauthenticated(NOT_VALID) from None


@lru_cache(maxsize=4)
def _token_key(secret: str) -> bytes:
    # A key derived for tokens alone: nothing signed for another purpose passes as a token.
    return hmac.digest(secret.encode(), b"orders: bearer tokens", "sha256")
