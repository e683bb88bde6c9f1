"""The live feed: what workers publish on Socket.IO's Redis channel, as it arrives here."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry
from socketio import RedisManager

from orders.config import Settings
from orders.domain import exact_json
from orders.messaging.publisher import CHANNEL
from orders.observability import observe

RECONNECT_FIRST_S = 0.1

ORDER_EVENT = re.compile(
    rb'\{"method":"emit","event":"order_update","room":"([0-9a-f-]{36})",'
    rb'"feed":(?:null|"([0-9a-f-]{36})"),'
)
"""How a published order event begins: the order, and the account whose list feed shows it."""


class EventFeed(RedisManager):
    """Socket.IO's client manager, with three differences: order events go through the hubs,
    those that nobody here watches are dropped unread, and after an outage Redis is tried again
    within seconds.

    `on_event` takes each order event and the account whose list feed shows it (None: the
    anonymous one); `is_watched` tells from an order's id and that account whether anybody here
    wants it; `on_connected` is called after each (re)connection, because what was published
    before it may be lost.
    """

    on_event: Callable[[dict[str, Any], str | None], None]
    is_watched: Callable[[str, str | None], bool]
    on_connected: Callable[[], None]

    def __init__(self, settings: Settings) -> None:
        # Pushes of RESP3 would be formatted for a log line each.
        options: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "protocol": 2}
        if not settings.redis_url.startswith("unix:"):
            options |= {
                "socket_connect_timeout": settings.redis_timeout_s,
                "socket_keepalive": True,
            }
        super().__init__(
            settings.redis_url, channel=CHANNEL, json=exact_json, redis_options=options
        )
        self._reconnect_max_s = settings.redis_reconnect_max_s

    def _handle_emit(self, message: dict[str, Any]) -> None:
        if message.get("event") == "order_update" and "feed" in message:
            self.on_event(message["data"][0], message["feed"])
        else:
            super()._handle_emit(message)

    def _listen(self) -> Iterator[bytes]:
        for published in self._published():
            event = ORDER_EVENT.match(published)
            if event is None or self._is_watched(event):
                yield published

    def _is_watched(self, event: re.Match[bytes]) -> bool:
        order_id, account_id = event.groups()
        return self.is_watched(order_id.decode(), account_id.decode() if account_id else None)

    def _published(self) -> Iterator[bytes]:
        """Every message of the channel, whatever happens to the connection."""
        pause_s = RECONNECT_FIRST_S
        while True:
            try:
                for message in self._subscribed():
                    pause_s = RECONNECT_FIRST_S
                    yield message
            except Exception as error:
                observe.feed_lost(error, pause_s)
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, self._reconnect_max_s)

    def _subscribed(self) -> Iterator[bytes]:
        """The messages of one connection.

        It is read directly: redis-py's own loop polls the socket before each message.
        """
        self._redis_connect()
        pool = self.redis.connection_pool
        connection = pool.get_connection()
        try:
            connection.send_command("SUBSCRIBE", self.channel)
            while True:
                kind, _, payload = connection.read_response(timeout=None, push_request=True)
                if kind == b"message":
                    yield payload
                elif kind == b"subscribe":
                    self.on_connected()
        finally:
            connection.disconnect()
            pool.disconnect()
