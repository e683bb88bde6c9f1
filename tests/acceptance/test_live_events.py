"""Every connection sees each event exactly once, in order, over both transports."""

from __future__ import annotations

import threading

import pytest
import requests

from tests.acceptance.conftest import MakeStack
from tests.clients import (
    SocketIoClient,
    history,
    read_websocket,
    submit,
    wait_terminal,
    wait_until,
)
from tests.stack import Stack

PATHS = [
    "/ws/orders/{id}",
    "/api/orders/{id}/ws",
    "/api/orders/execute?orderId={id}",
    "/api/ws/orders?orderId={id}",
]


@pytest.fixture(scope="module")
def slow(make_lasting: MakeStack) -> Stack:
    """A system whose orders can be watched while they run; its worker has very many threads."""
    return make_lasting(swap_latency_ms="100-300", quote_latency_ms=20, worker_concurrency=150)


def test_five_concurrent_orders_are_seen_whole_over_both_transports(slow: Stack) -> None:
    client = SocketIoClient(slow.url)
    over_websocket: dict[str, list[int]] = {}

    def watch(order_id: str, path: str) -> None:
        events, code = read_websocket(slow.url, path.format(id=order_id))
        assert code == 1000
        over_websocket[order_id] = [event["sequence"] for event in events]

    ids = [submit(slow.url) for _ in range(5)]
    threads = [
        threading.Thread(target=watch, args=(order_id, PATHS[i % 4]))
        for i, order_id in enumerate(ids)
    ]
    for thread in threads:
        thread.start()
    for order_id in ids:
        assert client.subscribe(order_id)["ok"]
    for order_id in ids:
        client.wait_terminal(order_id)
    for thread in threads:
        thread.join()
    client.close()

    for order_id in ids:
        stored = history(slow.url, order_id)
        assert [event["status"] for event in stored] == [
            "pending", "routing", "building", "submitted", "confirmed",
        ]  # fmt: skip
        assert client.seen[order_id] == stored
        assert over_websocket[order_id] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("path", PATHS)
def test_each_websocket_address_gives_history_and_closes_after_the_end(
    stack: Stack, path: str
) -> None:
    order_id = submit(stack.url)
    wait_terminal(stack.url, order_id)
    events, code = read_websocket(stack.url, path.format(id=order_id))
    assert events == history(stack.url, order_id)
    assert code == 1000


def test_watcher_that_resumes_receives_only_what_it_has_not_seen(stack: Stack) -> None:
    order_id = submit(stack.url)
    wait_terminal(stack.url, order_id)
    events, _ = read_websocket(stack.url, f"/ws/orders/{order_id}?afterSequence=3")
    assert [event["sequence"] for event in events] == [4, 5]
    client = SocketIoClient(stack.url)
    client.subscribe(order_id, after=4)
    client.close()
    assert client.sequences(order_id) == [5]


def test_watcher_of_an_unknown_order_is_told_and_closed_with_4404(stack: Stack) -> None:
    for order_id in ("00000000-0000-7000-8000-000000000000", "nonsense"):
        events, code = read_websocket(stack.url, f"/ws/orders/{order_id}")
        assert events[0]["code"] == "order_not_found"
        assert code == 4404


def test_subscription_to_an_unknown_order_is_refused(stack: Stack) -> None:
    client = SocketIoClient(stack.url)
    answer = client.subscribe("nonsense")
    client.close()
    assert answer["ok"] is False
    assert answer["code"] == "order_not_found"


@pytest.mark.parametrize("request_", ["an order", None, {}, {"orderId": 7}])
@pytest.mark.parametrize("event", ["subscribe", "unsubscribe"])
def test_subscription_that_names_no_order_is_told_what_is_wrong(
    stack: Stack, event: str, request_: object
) -> None:
    client = SocketIoClient(stack.url)
    answer = client.call(event, request_)
    client.close()
    assert (answer["ok"], answer["code"]) == (False, "malformed_request")
    assert "orderId" in answer["message"]


def test_list_feed_shows_orders_that_nobody_subscribed_to(stack: Stack) -> None:
    client = SocketIoClient(stack.url)
    assert client.call("subscribe_orders") == {"ok": True}
    order_id = submit(stack.url)
    client.wait_terminal(order_id)
    client.close()
    assert client.sequences(order_id) == [1, 2, 3, 4, 5]


def test_connection_in_list_feed_and_order_room_sees_each_event_once(slow: Stack) -> None:
    client = SocketIoClient(slow.url)
    order_id = submit(slow.url)
    client.subscribe(order_id)
    client.call("subscribe_orders")
    client.wait_terminal(order_id)
    client.close()
    assert client.sequences(order_id) == [1, 2, 3, 4, 5]


def test_events_that_redis_lost_are_read_from_the_database(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0)
    client = SocketIoClient(stack.url)
    order_id = submit(stack.url)
    client.subscribe(order_id)
    # This worker's Redis is another one, so it cannot publish and must be woken by hand.
    from tests.direct import execute_without_publishing

    execute_without_publishing(stack.settings, order_id)
    client.wait_terminal(order_id)
    client.close()
    assert client.sequences(order_id) == [1, 2, 3, 4, 5]


def test_retries_until_failure_are_streamed_with_their_reasons(make_stack: MakeStack) -> None:
    stack = make_stack(slippage_failure_rate=1.0, max_retries=2)
    client = SocketIoClient(stack.url)
    order_id = submit(stack.url)
    client.subscribe(order_id)
    seen = client.wait_terminal(order_id)
    client.close()
    assert seen == history(stack.url, order_id)
    assert [e["data"]["attempt"] for e in seen if e["status"] == "routing"] == [1, 2, 3]
    assert seen[-1]["status"] == "failed"
    assert seen[-1]["data"]["error"]["code"] == "slippage_exceeded"


def test_hundred_orders_all_end_with_a_legal_history(slow: Stack) -> None:
    before = queue_metrics(slow)["completed"]
    ids = [submit(slow.url) for _ in range(100)]
    records = [wait_terminal(slow.url, order_id) for order_id in ids]
    assert {record["status"] for record in records} == {"confirmed"}
    metrics = queue_metrics(slow)
    assert (metrics["completed"] - before, metrics["waiting"], metrics["active"]) == (100, 0, 0)
    wait_until(lambda: queue_metrics(slow)["workers"] == 1)


def queue_metrics(stack: Stack) -> dict[str, int]:
    return dict(requests.get(f"{stack.url}/api/queue/metrics", timeout=10).json())


def test_worker_with_very_many_threads_keeps_connections_for_publishing(slow: Stack) -> None:
    client = SocketIoClient(slow.url)
    client.call("subscribe_orders")
    order_id = submit(slow.url)
    client.wait_terminal(order_id)
    client.close()
    assert client.sequences(order_id) == [1, 2, 3, 4, 5]


def test_amendment_reaches_watchers(stack: Stack) -> None:
    order_id = submit(stack.url, type="limit", limitPrice="1000000")
    watcher = SocketIoClient(stack.url)
    watcher.subscribe(order_id)
    path = f"{stack.url}/api/orders/{order_id}"
    amended = requests.patch(path, json={"limitPrice": "2000000"}, timeout=10)
    assert amended.status_code == 200, amended.text
    requests.delete(path, timeout=10)
    seen = watcher.wait_terminal(order_id)
    watcher.close()
    assert [event["sequence"] for event in seen] == [1, 2, 3]
    assert [event["status"] for event in seen] == ["open", "open", "cancelled"]
    assert seen[1]["data"]["amended"] == {"limitPrice": {"from": 1_000_000, "to": 2_000_000}}
