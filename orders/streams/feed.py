"""The live feed: what workers publish on Socket.IO's Redis channel, as it arrives here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry
from socketio import RedisManager

from orders import exact_json, observe
from orders.config import Settings
from orders.publisher import CHANNEL

RECONNECT_FIRST_S = 0.1


class EventFeed(RedisManager):
    """Socket.IO's client manager, with two differences: order events go through the hubs, and
    after an outage Redis is tried again within seconds.

    `on_event` takes each order event and the account whose list feed shows it (None: the
    anonymous one); `on_connected` is called after each (re)connection, because what was
    published before it may be lost.
    """

    on_event: Callable[[dict[str, Any], str | None], None]
    on_connected: Callable[[], None]

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            settings.redis_url,
            channel=CHANNEL,
            json=exact_json,
            redis_options={
                "retry": Retry(NoBackoff(), 0),
                "socket_connect_timeout": settings.redis_timeout_s,
                "socket_keepalive": True,
            }
            if not settings.redis_url.startswith("unix:")
            else {"retry": Retry(NoBackoff(), 0)},
        )
        self._reconnect_max_s = settings.redis_reconnect_max_s

    def _handle_emit(self, message: dict[str, Any]) -> None:
        if message.get("event") == "order_update" and "feed" in message:
            self.on_event(message["data"][0], message["feed"])
        else:
            super()._handle_emit(message)

    def _redis_listen_with_retries(self) -> Iterator[dict[str, Any]]:
        pause_s = RECONNECT_FIRST_S
        while True:
            try:
                self._redis_connect()
                self.pubsub.subscribe(self.channel)
                self.on_connected()
                for message in self.pubsub.listen():
                    pause_s = RECONNECT_FIRST_S
                    yield message
            except Exception as error:
                observe.feed_lost(error, pause_s)
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, self._reconnect_max_s)
