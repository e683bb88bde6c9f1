"""Two web processes behind a real nginx with the project's configuration, and three workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

import pytest
import requests
import socketio

from orders.config import Settings
from orders.domain import exact_json
from tests.clients import SocketIoClient, history, submit, wait_terminal, wait_until
from tests.http_client import ask
from tests.nginx import find_nginx, name_server, run_nginx
from tests.stack import Stack, free_port

pytestmark = pytest.mark.skipif(
    find_nginx() is None, reason="no nginx: neither the wheel nor one on PATH"
)

HOSTS = {"web": "127.0.0.1", "web-b": "127.0.0.2"}
"""Both processes listen on one port, as replicas of a container do."""


@dataclass
class Cluster:
    """nginx, and each web process by itself."""

    stack: Stack
    url: str
    direct: dict[str, str]
    alive: dict[str, str]

    def client_at(self, name: str) -> str:
        """A client's address (for X-Forwarded-For) that nginx sends to that web process."""
        address = self.find_client_at(name)
        assert address is not None, f"nginx never chose {name}"
        return address

    def find_client_at(self, name: str, attempts: int = 255) -> str | None:
        for number in range(1, attempts):
            address = f"203.0.113.{number}"
            before = self.answered(name)
            requests.get(f"{self.url}/api/tokens", headers=forwarded(address), timeout=10)
            if self.answered(name) > before:
                return address
        return None

    def wait_until_chosen(self, name: str) -> None:
        """Waits until nginx sends clients to a process that it may have taken for dead."""
        wait_until(lambda: self.find_client_at(name, 20), f"nginx choosing {name}")

    def answered(self, name: str) -> float:
        """Requests for the tokens that this process has answered."""
        text = requests.get(f"{self.direct[name]}/metrics", timeout=10).text
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in text.splitlines()
            if line.startswith("orders_http_requests_total{") and 'route="/api/tokens"' in line
        )

    def sockets(self, name: str) -> float:
        """Socket.IO connections that this process has."""
        text = requests.get(f"{self.direct[name]}/metrics", timeout=10).text
        line = next(
            line
            for line in text.splitlines()
            if line.startswith('orders_stream_sockets{transport="socketio"}')
        )
        return float(line.rsplit(" ", 1)[1])

    def wait_for_sockets(self, name: str, count: int) -> None:
        wait_until(lambda: self.sockets(name) == count, f"{count} connections to {name}")


def forwarded(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


@pytest.fixture(scope="module")
def lasting_cluster(
    module_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    settings = replace(
        module_settings,
        port=free_port(),
        quote_latency_ms=20,
        swap_latency_ms="200-500",
        trusted_proxies=1,
        log_format="json",
    )
    directory = tmp_path_factory.mktemp("cluster")
    stack = Stack(settings, directory)
    direct = {name: f"http://{host}:{settings.port}" for name, host in HOSTS.items()}
    alive = dict(HOSTS)
    with ExitStack() as running:
        running.callback(stack.stop)
        stack.start(workers=3, web=False)
        start_webs(stack, direct)
        dns_port = running.enter_context(name_server(lambda: list(alive.values())))
        url = running.enter_context(run_nginx(directory, free_port(), settings.port, dns_port))
        yield Cluster(stack, url, direct, alive)


@pytest.fixture
def cluster(lasting_cluster: Cluster) -> Cluster:
    """The cluster, with both web processes running and known to nginx, and nobody connected."""
    start_webs(lasting_cluster.stack, lasting_cluster.direct)
    lasting_cluster.alive |= HOSTS
    for name in HOSTS:
        lasting_cluster.wait_until_chosen(name)
        lasting_cluster.wait_for_sockets(name, 0)
    return lasting_cluster


def start_webs(stack: Stack, direct: dict[str, str]) -> None:
    """Starts the web processes that do not run, at the same time."""
    missing = [name for name in HOSTS if name not in stack.processes]
    for name in missing:
        stack.spawn_web(name, host=HOSTS[name])
    for name in missing:
        stack.wait_ready(direct[name])


class RoamingClient:
    """A client that reconnects and resumes by itself, as the page does."""

    def __init__(self, url: str, address: str, transports: list[str]) -> None:
        self.seen: dict[str, list[int]] = {}
        self.connections = 0
        # The client's own headers go with the first request of a connection only.
        session = requests.Session()
        session.headers.update(forwarded(address))
        self._client = socketio.Client(
            json=exact_json,
            http_session=session,
            reconnection_delay=0.1,
            reconnection_delay_max=0.5,
        )
        self._client.on("connect", self._on_connect)
        self._client.on("order_update", self._hear)
        self._client.connect(url, headers=forwarded(address), transports=transports)

    def has_seen(self, sequences: dict[str, list[int]]) -> bool:
        return all(self.seen[order_id] == events for order_id, events in sequences.items())

    def has_come_back(self) -> bool:
        return self.connections >= 2

    def watch(self, order_id: str) -> None:
        self.seen[order_id] = []
        self._subscribe(order_id)

    def close(self) -> None:
        self._client.disconnect()

    def _on_connect(self) -> None:
        self.connections += 1
        for order_id in list(self.seen):
            self._subscribe(order_id)

    def _subscribe(self, order_id: str) -> None:
        after = max(self.seen[order_id], default=0)

        def acknowledged(answer: dict[str, object]) -> None:
            for event in answer["history"]:  # type: ignore[attr-defined]
                self._hear(event)

        request = {"orderId": order_id, "afterSequence": after}
        self._client.emit("subscribe", request, callback=acknowledged)

    def _hear(self, event: dict[str, object]) -> None:
        self.seen[str(event["orderId"])].append(int(str(event["sequence"])))


def test_client_on_one_web_process_sees_orders_posted_to_the_other(cluster: Cluster) -> None:
    watcher = SocketIoClient(cluster.direct["web-b"])
    ids = [submit(cluster.direct["web"]) for _ in range(10)]
    for order_id in ids:
        assert watcher.subscribe(order_id)["ok"]
    for order_id in ids:
        watcher.wait_terminal(order_id)
        assert watcher.seen[order_id] == history(cluster.url, order_id)
    watcher.close()


def test_list_feed_of_one_web_process_shows_orders_posted_to_the_other(cluster: Cluster) -> None:
    watcher = SocketIoClient(cluster.direct["web-b"])
    assert watcher.call("subscribe_orders")["ok"]
    order_id = submit(cluster.direct["web"])
    seen = watcher.wait_terminal(order_id)
    assert seen == history(cluster.url, order_id)
    watcher.close()


@pytest.mark.parametrize("transports", [["polling"], ["websocket"], ["polling", "websocket"]])
def test_every_transport_stays_with_its_process_through_nginx(
    cluster: Cluster, transports: list[str]
) -> None:
    clients = {
        name: RoamingClient(cluster.url, cluster.client_at(name), transports) for name in HOSTS
    }
    for name in HOSTS:
        assert cluster.sockets(name) == 1
    order_id = submit(cluster.url)
    for client in clients.values():
        client.watch(order_id)
    wait_terminal(cluster.url, order_id)
    for client in clients.values():
        wait_until(partial(client.has_seen, {order_id: [1, 2, 3, 4, 5]}), "all events")
        assert client.connections == 1
        client.close()


METRICS_ADDRESSES = (
    "/metrics",
    "/metrics/",
    "/metrics%2f",
    "/metrics%2F%2f",
    "//metrics",
    "/metrics//",
    "/%6detrics",
    "/./metrics",
    "/api/../metrics",
    "/api/..%2fmetrics",
    "/metrics?a=b",
    "/metrics%3fa",
    "/metrics;a",
)


def test_metrics_are_not_served_to_the_world(cluster: Cluster) -> None:
    for address in METRICS_ADDRESSES:
        head = f"GET {address} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answer = ask(cluster.url, head.encode())
        assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400")), address
        assert b"orders_" not in answer, address


def test_killed_web_process_moves_its_clients_over_without_a_lost_event(cluster: Cluster) -> None:
    clients = [
        RoamingClient(cluster.url, cluster.client_at("web-b"), transports)
        for transports in (["websocket"], ["polling"])
    ]
    assert cluster.sockets("web-b") == 2
    ids = [submit(cluster.url) for _ in range(10)]
    for client in clients:
        for order_id in ids:
            client.watch(order_id)
    wait_until(lambda: all(client.seen[ids[0]] for client in clients), "the first event")
    # Removed from the name server too, as a dead container is.
    del cluster.alive["web-b"]
    cluster.stack.kill("web-b")
    for order_id in ids:
        wait_terminal(cluster.url, order_id)
    stored = {
        order_id: [event["sequence"] for event in history(cluster.url, order_id)]
        for order_id in ids
    }
    for client in clients:
        # A client that had received everything must still notice the end and reconnect.
        wait_until(client.has_come_back, "a second connection")
        wait_until(partial(client.has_seen, stored), "every event, once, in order")
    wait_until(lambda: cluster.sockets("web") == 2, "both clients at the other process")
    for client in clients:
        client.close()


def test_orders_are_accepted_while_a_dead_process_is_still_listed(cluster: Cluster) -> None:
    addresses = [cluster.client_at(name) for name in HOSTS]
    cluster.stack.kill("web-b")
    ids = [submit(cluster.url, forwarded(address)) for address in addresses for _ in range(3)]
    assert len(set(ids)) == 6
    for order_id in ids:
        assert wait_terminal(cluster.url, order_id)
