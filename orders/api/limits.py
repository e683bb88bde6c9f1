"""Rate limits: orders per caller, sign-ups and log-ins per address; counted in Redis.

While Redis is away each process counts for itself: a limit must never refuse or delay a request
because of a server that orders don't need.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from flask import Flask, Response
from flask_limiter import Limiter
from limits.errors import StorageError
from redis import RedisError

from orders.api.callers import address_key, rate_limit_key
from orders.config import Settings

OFF = "off"
KEY_PREFIX = "orders:limit"

PER_CALLER = ("orders.execute", "orders.place", "market.schedule_launch")
"""Endpoints that share the RATE_LIMIT of a caller."""
PER_ADDRESS = ("auth.signup", "auth.login")
"""Endpoints that share the AUTH_RATE_LIMIT of an address."""


def register_limits(app: Flask, settings: Settings) -> None:
    """Limits the endpoints above, as the settings say. Call it after the blueprints."""
    if settings.rate_limit == OFF:
        return
    limiter = Limiter(
        rate_limit_key,
        storage_uri=_storage_uri(settings.redis_url),
        storage_options=_storage_options(settings),
        key_prefix=KEY_PREFIX,
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        headers_enabled=False,
    )
    logging.getLogger("flask-limiter").setLevel(logging.CRITICAL)
    app.after_request(lambda response: _tell(response, limiter))
    limiter.init_app(app)
    orders_limit = limiter.shared_limit(settings.rate_limit, scope="orders")
    _apply(app, PER_CALLER, orders_limit)
    if settings.auth_rate_limit != OFF:
        _apply(
            app,
            PER_ADDRESS,
            limiter.shared_limit(settings.auth_rate_limit, scope="auth", key_func=address_key),
        )


def _apply(app: Flask, endpoints: tuple[str, ...], limit: object) -> None:
    for endpoint in endpoints:
        app.view_functions[endpoint] = limit(app.view_functions[endpoint])  # type: ignore[operator]


def _tell(response: Response, limiter: Limiter) -> Response:
    """RateLimit headers, and how long to wait after a refusal."""
    limit = limiter.current_limit
    if limit is None:
        return response
    try:
        reset_s = max(int(limit.reset_at - time.time()) + 1, 0)
        remaining = max(limit.remaining, 0)
    except (RedisError, StorageError):
        return response
    response.headers["RateLimit-Limit"] = str(limit.limit.amount)
    response.headers["RateLimit-Remaining"] = str(remaining)
    response.headers["RateLimit-Reset"] = str(reset_s)
    if response.status_code == 429:
        response.headers["Retry-After"] = str(reset_s)
    return response


def _storage_uri(redis_url: str) -> str:
    return redis_url.replace("unix://", "redis+unix://", 1)


def _storage_options(settings: Settings) -> dict[str, Any]:
    return {
        "socket_timeout": settings.redis_timeout_s,
        "socket_connect_timeout": settings.redis_timeout_s,
    }
