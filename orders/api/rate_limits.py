"""Rate limits: orders per caller, sign-ups and log-ins per address; counted in Redis.

While Redis is away each process counts by itself: a limit must never refuse or delay a request
because a server is away that orders do not need.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from http import HTTPStatus

from flask import Flask, Response, current_app
from flask_limiter import Limiter, RateLimitExceeded
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import RateLimiter
from redis import RedisError

from orders.api.authentication import address_key, rate_limit_key
from orders.api.problems import problem
from orders.api.rate_limit_storage import (
    SCHEME,
    STRATEGY,
    CountedWindow,
    Window,
    current_window,
)
from orders.config import Settings
from orders.domain.errors import RateLimited
from orders.messaging.request_connections import RequestConnections

OFF = "off"
KEY_PREFIX = "orders:limit"
ORDERS, RPC, AUTH = "orders", "rpc", "auth"
"""What is counted together."""
COUNTED = "counted_limits"
"""Where the app keeps the limits of what is counted within a request."""

PER_CALLER = (
    "orders.execute",
    "orders.execute_and_stream",
    "orders.place",
    "orders.amend",
    "linked_orders.place",
    "bulk_orders.cancel_all",
    "bulk_orders.export",
    "market.schedule_launch",
    "market_moves.start",
    "account.faucet",
    "account.reset",
    "webhooks.create",
    "webhooks.test",
)
"""Endpoints that share the RATE_LIMIT of a caller."""
PER_ADDRESS = ("auth.signup", "auth.login", "auth.change_password")
"""Endpoints that share the AUTH_RATE_LIMIT of an address."""
BOTS_PER_CALLER = (
    "jupiter.order_api_execute",
    "jupiter.order_api_ultra_execute",
    "jupiter.trigger_api_execute",
    "wallets.faucet",
    "wallet_scenarios.choose",
)
"""Endpoints for bots that share the RATE_LIMIT of a caller."""
BOTS_PER_ADDRESS = (
    "rpc.call",
    "jupiter.swap_api_quote",
    "jupiter.swap_api_swap",
    "jupiter.swap_api_instructions",
    "jupiter.order_api_order",
    "jupiter.order_api_ultra_order",
    "jupiter.order_api_holdings",
    "jupiter.order_api_balances",
    "jupiter.trigger_api_create_order",
    "jupiter.trigger_api_cancel_order",
    "jupiter.trigger_api_cancel_orders",
    "jupiter.trigger_api_list_orders",
    "jupiter.token_api_prices",
    "jupiter.token_api_search",
    "wallets.balances",
    "wallet_scenarios.read",
    "wallet_scenarios.clear",
)
"""Endpoints for bots that share the RPC_RATE_LIMIT of an address."""


def register_limits(app: Flask, settings: Settings, connections: RequestConnections) -> None:
    """Limits the endpoints above as the settings say. Call it after registering the blueprints."""
    if settings.rate_limit == OFF:
        return
    limiter = _limiter(settings.redis_url, connections)
    logging.getLogger("flask-limiter").setLevel(logging.CRITICAL)
    app.register_error_handler(RateLimitExceeded, _refuse)
    app.after_request(_tell)
    limiter.init_app(app)
    orders_limit = limiter.shared_limit(settings.rate_limit, scope=ORDERS)
    app.extensions[COUNTED] = {ORDERS: _Counted(limiter, ORDERS, settings.rate_limit)}
    _apply(app, PER_CALLER, orders_limit)
    if settings.jupiter:
        _apply(app, BOTS_PER_CALLER, orders_limit)
    if settings.jupiter and settings.rpc_rate_limit != OFF:
        _apply(
            app,
            BOTS_PER_ADDRESS,
            limiter.shared_limit(settings.rpc_rate_limit, scope=RPC, key_func=address_key),
        )
        app.extensions[COUNTED][RPC] = _Counted(limiter, RPC, settings.rpc_rate_limit, address_key)
    if settings.auth_rate_limit != OFF:
        _apply(
            app,
            PER_ADDRESS,
            limiter.shared_limit(settings.auth_rate_limit, scope=AUTH, key_func=address_key),
        )


def _limiter(redis_url: str, connections: RequestConnections) -> Limiter:
    return Limiter(
        rate_limit_key,
        storage_uri=_storage_uri(redis_url),
        storage_options={"connections": connections},  # type: ignore[dict-item]
        key_prefix=KEY_PREFIX,
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        strategy=STRATEGY,
        headers_enabled=False,
    )


class _Counted:
    """A limit counted per call; one request or WebSocket may bring many calls."""

    def __init__(
        self, limiter: Limiter, scope: str, rates: str, key: Callable[[], str] = rate_limit_key
    ) -> None:
        self._limiter, self._scope, self._key = limiter, scope, key
        self._items: list[RateLimitItem] = parse_many(rates)
        self._without_redis = CountedWindow(MemoryStorage())

    def is_exceeded(self) -> bool:
        """Counts once more; whether that is once too often."""
        try:
            return self._count(self._limiter.limiter)
        except RedisError:
            return self._count(self._without_redis)

    def _count(self, strategy: RateLimiter) -> bool:
        names = (KEY_PREFIX, self._key(), self._scope)
        return not all(strategy.hit(item, *names) for item in self._items)


def count_order() -> None:
    """Counts an order that came within another request. Raises `RateLimited`."""
    _count(ORDERS)


def count_call() -> None:
    """Counts a JSON-RPC call that came over a WebSocket. Raises `RateLimited`."""
    _count(RPC)


def _count(scope: str) -> None:
    counted: _Counted | None = current_app.extensions.get(COUNTED, {}).get(scope)
    if counted is not None and counted.is_exceeded():
        raise RateLimited("Too many requests; wait before you try again.")


def _apply(app: Flask, endpoints: tuple[str, ...], limit: object) -> None:
    for endpoint in endpoints:
        app.view_functions[endpoint] = limit(app.view_functions[endpoint])  # type: ignore[operator]


def _refuse(error: RateLimitExceeded) -> Response:
    rule = error.limit.limit if error.limit else None
    accepted = f"{rule.amount} requests in {rule.get_expiry()} s are accepted. " if rule else ""
    window = current_window()
    wait_s = _seconds_left(window) if window else 1
    return problem("rate_limited", f"Too many requests: {accepted}Try again in {wait_s} s.")


def _seconds_left(window: Window) -> int:
    return max(math.ceil(window.resets_at - time.time()), 1)


def _tell(response: Response) -> Response:
    """Adds the RateLimit headers, and Retry-After if the limit is why the request is refused."""
    window = current_window()
    if window is None:
        return response
    reset_s = str(_seconds_left(window))
    response.headers["RateLimit-Limit"] = str(window.amount)
    response.headers["RateLimit-Remaining"] = str(window.remaining)
    response.headers["RateLimit-Reset"] = reset_s
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and window.is_exceeded:
        response.headers["Retry-After"] = reset_s
    return response


def _storage_uri(redis_url: str) -> str:
    return f"{SCHEME}+{redis_url.replace('unix://', 'redis+unix://', 1)}"
