"""The live feed: events that workers publish on Redis, as they arrive in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orders.config import Settings
from orders.domain import exact_json
from orders.messaging.live_feed import EVENTS, MONEY, unpack
from orders.observability import observe

RECONNECT_FIRST_S = 0.1


class LiveFeed:
    """Listens to all events and passes on those that are watched in this process.

    `on_event` takes an event and the account whose list shows it (None: the anonymous one).
    `is_watched` tells from the order and that account whether anybody here wants its events.
    `on_money` takes an account whose money moved without an order. `on_connected` is called after
    each (re)connection, because events published before it may be lost.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        is_watched: Callable[[UUID, UUID | None], bool],
        on_event: Callable[[dict[str, Any], UUID | None], None],
        on_money: Callable[[UUID], None],
        on_connected: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._is_watched = is_watched
        self._on_event = on_event
        self._on_money = on_money
        self._on_connected = on_connected

    def run(self) -> None:
        """Listens for as long as the process lives, whatever happens to the connection."""
        pause_s = RECONNECT_FIRST_S
        while True:
            started = time.monotonic()
            try:
                self._listen()
            except Exception as error:
                observe.feed_lost(error, pause_s)
            if time.monotonic() - started > self._settings.redis_reconnect_max_s:
                pause_s = RECONNECT_FIRST_S
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, self._settings.redis_reconnect_max_s)

    def _listen(self) -> None:
        """Hands on the events of one connection. Raises `redis.RedisError` when it ends."""
        with self._connect() as redis, redis.pubsub() as pubsub:
            channels = (EVENTS, MONEY)
            pubsub.subscribe(*channels)
            for message in pubsub.listen():
                if message["type"] == "subscribe":
                    # Each channel is acknowledged with the number of those that are.
                    if message["data"] == len(channels):
                        self._on_connected()
                elif message["channel"] == MONEY.encode():
                    self._on_money(UUID(message["data"].decode()))
                else:
                    self._receive(message["data"])

    def _connect(self) -> Redis:
        # This class retries by itself, and an idle feed may be silent for any time.
        options: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "socket_timeout": None}
        if not self._settings.redis_url.startswith("unix:"):
            options["socket_connect_timeout"] = self._settings.redis_timeout_s
            options["socket_keepalive"] = True
        return Redis.from_url(self._settings.redis_url, **options)

    def _receive(self, message: bytes) -> None:
        for order_id, account_id, event in unpack(message):
            if self._is_watched(order_id, account_id):
                self._on_event(exact_json.loads(event), account_id)
