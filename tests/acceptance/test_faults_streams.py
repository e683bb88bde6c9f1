"""Broken connections and lost, repeated or reordered events: clients see what is stored."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import socketio.exceptions
import websocket
from redis import Redis

from orders.domain import exact_json
from orders.domain.lifecycle import TERMINAL
from orders.messaging.live_feed import EVENTS
from tests.acceptance.conftest import MakeStack, Servers
from tests.check_history import ClientLog
from tests.clients import PATIENCE_S, SocketIoClient, read_websocket, submit, wait_until
from tests.load import violations
from tests.stack import Stack

SEED = 20_261_124
NOISE = "noise"


class Resumer:
    """Watches one order over connections that it drops at random, until the order has ended."""

    def __init__(self, stack: Stack, order_id: str, transport: str) -> None:
        self.seen: list[int] = []
        self.ended = False
        self._stack = stack
        self._order_id = order_id
        self._chance = random.Random(f"{SEED}/{order_id}")
        connect: dict[str, Callable[[int], None]] = {
            "websocket": self._over_websocket,
            "socketio": self._over_socketio,
        }
        self._connect = connect[transport]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def join(self) -> list[int]:
        """Waits for the order's end; returns the sequences seen."""
        self._thread.join(PATIENCE_S)
        assert self.ended, f"{self._order_id} was seen up to {self.seen} only"
        return self.seen

    def _run(self) -> None:
        attempts = 0
        while not self.ended and attempts < 500:
            attempts += 1
            try:
                self._connect(self._chance.randint(1, 3))
            except (OSError, websocket.WebSocketException, socketio.exceptions.ConnectionError):
                threading.Event().wait(0.05)

    def _take(self, event: dict[str, Any]) -> None:
        if event["type"] == "status_update":
            self.seen.append(event["sequence"])
            self.ended = event["status"] in TERMINAL

    def _over_websocket(self, count: int) -> None:
        after = self.seen[-1] if self.seen else 0
        url = self._stack.url.replace("http", "ws", 1)
        address = f"{url}/ws/orders/{self._order_id}?afterSequence={after}"
        connection = websocket.create_connection(address, timeout=PATIENCE_S)
        try:
            target = len(self.seen) + count
            while len(self.seen) < target and not self.ended:
                opcode, payload = connection.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    return
                message = exact_json.loads(payload)
                for event in message["logs"] if message["type"] == "backfill" else [message]:
                    self._take(event)
        finally:
            # Closed without a goodbye, as by a phone in a tunnel.
            connection.shutdown()

    def _over_socketio(self, count: int) -> None:
        client = SocketIoClient(self._stack.url)
        try:
            answer = client.subscribe(self._order_id, self.seen[-1] if self.seen else 0)
            if not answer["ok"]:
                return
            wait_until(lambda: self._enough(client, count), "events")
        finally:
            client.close()
            for event in client.seen.get(self._order_id, []):
                self._take(event)

    def _enough(self, client: SocketIoClient, count: int) -> bool:
        seen = client.seen.get(self._order_id, [])
        ended = bool(seen) and seen[-1]["status"] in TERMINAL
        return len(seen) >= count or ended or not client.connected


@contextmanager
def noisy_feed(redis_url: str) -> Iterator[None]:
    """Repeats and reorders live events, and cuts the feed so that some are lost."""
    chance = random.Random(SEED)
    stop = threading.Event()
    redis = Redis.from_url(redis_url, client_name=NOISE)
    pubsub = redis.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe(EVENTS)

    def disturb() -> None:
        held: list[tuple[str, str | None, str]] = []
        while not stop.is_set():
            received = pubsub.get_message(timeout=0.1)
            if received is None:
                continue
            for order_id, account_id, text in json.loads(received["data"]):
                event = json.loads(text)
                if not event.get("repeated"):
                    repeated = json.dumps(event | {"repeated": True})
                    held.append((order_id, account_id, repeated))
            if len(held) >= 6:
                chance.shuffle(held)
                redis.publish(EVENTS, json.dumps(held))
                held.clear()
                _cut_other_feeds(redis)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        pubsub.close()


def _cut_other_feeds(redis: Redis) -> None:
    for client in redis.client_list(_type="pubsub"):
        if client["name"] != NOISE:
            redis.client_kill_filter(_id=client["id"])


@pytest.mark.parametrize("transport", ["websocket", "socketio"])
def test_client_that_drops_and_resumes_sees_the_stored_history(
    make_frail: MakeStack, servers: Servers, transport: str
) -> None:
    stack = make_frail(
        workers=1, worker_concurrency=12, swap_latency_ms="100-400", slippage_failure_rate=0.4
    )
    log = ClientLog()
    with noisy_feed(servers.valkey.url):
        ids = [submit(stack.url) for _ in range(12)]
        watchers = {order_id: Resumer(stack, order_id, transport) for order_id in ids}
        wait_until(lambda: sum(len(w.seen) for w in watchers.values()) > 20, "some events")
        stack.kill("web")
        stack.start_web()
        log.streams = {order_id: watcher.join() for order_id, watcher in watchers.items()}
    log.accepted = set(ids)
    assert violations(stack.settings, log) == []


def test_events_arrive_by_the_live_feed_where_nobody_uses_socketio(
    make_frail: MakeStack,
) -> None:
    # The repair by comparison with the database would come too late.
    stack = make_frail(stream_repair_s=60, swap_latency_ms="300")
    order_id = submit(stack.url)
    events, code = read_websocket(stack.url, f"/ws/orders/{order_id}")
    assert [event["sequence"] for event in events] == [1, 2, 3, 4, 5]
    assert code == 1000


def test_reader_that_is_too_slow_is_disconnected_with_4408(
    make_frail: MakeStack, servers: Servers
) -> None:
    stack = make_frail(workers=0, watchers=0, stream_buffer=4)
    order_id = submit(stack.url, type="stop", stopPrice="0.00000001")
    connection = websocket.create_connection(
        f"{stack.url.replace('http', 'ws', 1)}/ws/orders/{order_id}",
        timeout=PATIENCE_S,
    )
    connection.recv()
    with Redis.from_url(servers.valkey.url) as redis:
        for sequence in range(2, 60):
            redis.publish(EVENTS, json.dumps([[order_id, None, _bulky_event(order_id, sequence)]]))
    # The web process serves other clients meanwhile.
    assert requests.get(f"{stack.url}/health", timeout=10).ok
    seen: list[int] = []
    while True:
        opcode, payload = connection.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            break
        seen.append(json.loads(payload)["sequence"])
    connection.close()
    assert int.from_bytes(payload[:2], "big") == 4408
    assert seen == list(range(2, 2 + len(seen)))
    assert len(seen) < 58


def _bulky_event(order_id: str, sequence: int) -> str:
    return json.dumps(
        {
            "type": "status_update", "orderId": order_id, "sequence": sequence, "status": "open",
            "timestamp": "2026-01-01T00:00:00.000Z", "data": {"padding": "x" * 500_000},
        }
    )  # fmt: skip
