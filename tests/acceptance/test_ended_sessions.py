"""A session that ends takes its token and its live connections along, in every process."""

from __future__ import annotations

from collections.abc import Callable

import requests
import socketio
import websocket

from orders.domain import exact_json
from tests.acceptance.conftest import MakeStack, Servers
from tests.acceptance.test_money import Trader
from tests.clients import PATIENCE_S, wait_until
from tests.stack import free_port

RESTING = {
    "tokenIn": "SOL",
    "tokenOut": "USDC",
    "amount": 1,
    "type": "limit",
    "limitPrice": "1000000",
}


def socket_io(url: str, token: str) -> socketio.Client:
    client = socketio.Client(json=exact_json, reconnection=False)
    client.connect(url, auth={"token": token})
    return client


def plain(url: str, path: str, token: str) -> websocket.WebSocket:
    connection = websocket.create_connection(
        f"{url.replace('http', 'ws', 1)}{path}?token={token}", timeout=PATIENCE_S
    )
    connection.recv()
    return connection


def messages(url: str, token: str) -> websocket.WebSocket:
    """The address for messages, where the client says later who it is."""
    connection = websocket.create_connection(
        f"{url.replace('http', 'ws', 1)}/ws", timeout=PATIENCE_S
    )
    connection.send(exact_json.dumps({"type": "authenticate", "token": token}))
    assert exact_json.loads(connection.recv())["ok"]
    return connection


def close_code(connection: websocket.WebSocket) -> int:
    while True:
        opcode, payload = connection.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            connection.close()
            return int.from_bytes(payload[:2], "big")


def test_ended_session_is_cut_off_in_every_process_and_others_stay(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0, session_check_s=0.3)
    stack.start_web("other", port=(port := free_port()))
    other = f"http://127.0.0.1:{port}"
    trader = Trader(stack.url)
    body = {"email": trader.email, "password": "correct horse battery"}
    kept = requests.post(f"{stack.url}/api/auth/login", json=body, timeout=10).json()["token"]
    order_id = trader.ask("POST", "/api/orders", RESTING).json()["orderId"]

    ending = [socket_io(url, trader.token) for url in (stack.url, other)]
    staying = socket_io(other, kept)
    anonymous = socketio.Client(reconnection=False)
    anonymous.connect(other)
    paths = (f"/ws/orders/{order_id}", "/ws/account")
    sockets = [plain(url, path, trader.token) for url in (stack.url, other) for path in paths]
    sockets.append(messages(other, trader.token))
    silent = plain(other, "/ws/account", kept)

    assert trader.ask("POST", "/api/auth/logout").status_code == 200
    wait_until(lambda: not any(client.connected for client in ending), "the end of Socket.IO")
    assert [close_code(each) for each in sockets] == [4401] * 5
    wait_until(refuses(other, trader.token), "the token's refusal by the other process")
    assert staying.connected
    assert anonymous.connected
    silent.ping()
    assert requests.get(f"{other}/api/account", headers=bearer(kept), timeout=10).ok
    for client in (staying, anonymous):
        client.disconnect()
    silent.close()


def test_known_sessions_go_on_while_postgresql_is_away(
    make_frail: MakeStack, servers: Servers
) -> None:
    stack = make_frail(workers=0, watchers=0, session_check_s=0.05)
    trader = Trader(stack.url)
    assert trader.ask("GET", "/api/account").ok
    servers.postgres.stop()
    answers = {trader.ask("GET", "/api/account").json()["code"] for _ in range(3)}
    assert answers == {"store_unavailable"}
    assert trader.ask("GET", "/api/scenarios").ok
    servers.postgres.start()
    wait_until(lambda: trader.ask("GET", "/api/account").ok, "the account")


def refuses(url: str, token: str) -> Callable[[], bool]:
    def asked() -> bool:
        answer = requests.get(f"{url}/api/account", headers=bearer(token), timeout=10)
        return answer.status_code == 401

    return asked


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
