"""The web process: how it starts, treats odd connections and ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import psycopg2
import requests
import websocket
from psycopg2.extensions import connection as Connection

from tests.acceptance.conftest import MakeStack
from tests.acceptance.test_money import Trader
from tests.clients import MARKET, SocketIoClient, submit, wait_until
from tests.stack import ROOT, Stack, environment, free_port

BODY = b'{"tokenIn":"SOL","tokenOut":"USDC","amountIn":"1.5"}'


def address(stack: Stack) -> tuple[str, int]:
    parts = urlsplit(stack.url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def test_sigterm_under_load_answers_what_is_in_flight_and_exits_0(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0)
    accepted: list[str] = []
    torn: list[str] = []

    def load() -> None:
        connection = http.client.HTTPConnection(*address(stack), timeout=20)
        headers = {"Content-Type": "application/json"}
        while True:
            try:
                connection.request("POST", "/api/orders/execute", BODY, headers)
            except OSError:
                return
            try:
                answer = connection.getresponse()
                accepted.append(str(http_order_id(answer.read())))
            except http.client.IncompleteRead as error:
                torn.append(repr(error))
                return
            except (OSError, http.client.HTTPException):
                return  # The connection was closed before the server saw the request.

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(accepted) > 100)
    code = stack.kill("web", signal.SIGTERM)
    for thread in threads:
        thread.join()
    assert code == 0, stack.logs()
    assert not torn
    stack.start_web("another")
    for order_id in accepted[-30:]:
        assert requests.get(f"{stack.url}/api/orders/{order_id}", timeout=10).status_code == 200


def http_order_id(payload: bytes) -> str:
    return str(json.loads(payload)["orderId"])


def test_a_slow_request_is_finished_before_the_end(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0, quote_latency_ms=1500)
    answers: list[int] = []

    def ask() -> None:
        query = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "1"}
        answer = requests.get(f"{stack.url}/api/quotes", params=query, timeout=20)
        answers.append(answer.status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(stack.connections, "a connection")
    time.sleep(0.2)
    assert stack.kill("web", signal.SIGTERM) == 0
    thread.join()
    assert answers == [200]


def test_client_that_connects_during_the_signal_ends_no_request_early(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(workers=0, watchers=0, web=False)
    # Chance decides which of the two a process notices first; four are hardly all lucky.
    urls = {f"web{number}": f"http://127.0.0.1:{free_port()}" for number in range(4)}
    for name, url in urls.items():
        stack.spawn_web(name, port=urlsplit(url).port)
    for url in urls.values():
        stack.wait_ready(url)
    connecting = psycopg2.connect(stack.settings.database_url)
    with closing(connecting) as connection, ThreadPoolExecutor() as pool:
        connection.cursor().execute("LOCK TABLE orders IN EXCLUSIVE MODE")
        orders = [pool.submit(submit, url) for url in urls.values()]
        wait_until(lambda: _waiting_for_locks(connection) == len(urls), "orders that are stored")
        late = [_come_with_sigterm(stack, name, url) for name, url in urls.items()]
        time.sleep(0.5)
        connection.rollback()
        codes = [stack.processes.pop(name).wait(timeout=40) for name in urls]
        assert all(order.result() for order in orders)
    assert codes == [0] * len(urls), stack.logs()
    for client in late:
        client.close()


def _come_with_sigterm(stack: Stack, name: str, url: str) -> socket.socket:
    process = stack.processes[name]
    process.send_signal(signal.SIGSTOP)
    client = socket.create_connection(("127.0.0.1", urlsplit(url).port or 0))
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    return client


def _waiting_for_locks(connection: Connection) -> int:
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
    (waiting,) = cursor.fetchone() or (0,)
    return int(waiting)


def test_live_connections_are_ended_so_that_they_come_back(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0)
    order_id = submit(stack.url)
    paths = (f"/ws/orders/{order_id}", f"/ws/account?token={Trader(stack.url).token}", "/ws")
    plain = [
        websocket.create_connection(stack.url.replace("http", "ws") + path, timeout=20)
        for path in paths
    ]
    for greeted in plain[:2]:
        greeted.recv()
    client = SocketIoClient(stack.url)
    assert client.subscribe(order_id)["ok"]
    reasons: list[str] = []
    client._client.on("disconnect", lambda reason: reasons.append(reason))
    assert stack.kill("web", signal.SIGTERM) == 0
    for each in plain:
        opcode, payload = each.recv_data()
        assert (opcode, int.from_bytes(payload[:2], "big")) == (websocket.ABNF.OPCODE_CLOSE, 1001)
    wait_until(lambda: reasons)
    # The reason "server disconnect" would keep a browser from reconnecting by itself.
    assert reasons != [client._client.reason.SERVER_DISCONNECT]


def test_requests_that_outlast_the_grace_time_do_not_keep_the_process(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(
        workers=0, watchers=0, quote_latency_ms=30_000, quote_timeout_ms=30_000, stop_grace_s=0.5
    )
    path = "/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1"
    connection = http.client.HTTPConnection(*address(stack), timeout=20)
    connection.request("GET", path)
    wait_until(stack.connections, "a connection")
    time.sleep(0.2)
    assert stack.kill("web", signal.SIGTERM) == 0


def test_a_taken_port_is_one_sentence(stack: Stack) -> None:
    run = subprocess.run(
        [sys.executable, "wsgi.py"], cwd=ROOT, env=environment(stack.settings),
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
    assert "is taken" in run.stderr


def test_a_missing_secret_is_one_sentence(stack: Stack) -> None:
    env = {**environment(stack.settings), "SECRET_KEY": "", "PORT": "0"}
    run = subprocess.run(
        [sys.executable, "wsgi.py"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=30
    )
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert "SECRET_KEY" in run.stderr


def test_a_default_secret_is_refused_in_production(stack: Stack) -> None:
    env = {**environment(stack.settings), "SECRET_KEY": "secret", "ENVIRONMENT": "production"}
    run = subprocess.run(
        [sys.executable, "wsgi.py"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=30
    )
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert "at least 32 characters" in run.stderr


def test_a_connection_serves_many_requests(stack: Stack) -> None:
    connection = http.client.HTTPConnection(*address(stack), timeout=10)
    connection.connect()
    kept = connection.sock
    for _ in range(5):
        connection.request("GET", "/health")
        assert connection.getresponse().read() == b'{"status":"ok"}'
        assert connection.sock is kept


def test_a_body_of_5_mb_is_refused(stack: Stack) -> None:
    answer = requests.post(
        f"{stack.url}/api/orders/execute",
        data=b"x" * 5_000_000,
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_a_body_in_chunks_is_read(stack: Stack) -> None:
    answer = requests.post(
        f"{stack.url}/api/orders/execute",
        data=iter([BODY[:20], BODY[20:]]),
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert answer.status_code == 202, answer.text


def test_a_body_in_chunks_is_bounded_too(stack: Stack) -> None:
    answer = requests.post(
        f"{stack.url}/api/orders/execute",
        data=iter([b" " * 65_536] * 2),
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_silent_connections_keep_nobody_waiting(stack: Stack) -> None:
    idle = [socket.create_connection(address(stack)) for _ in range(200)]
    for half in idle[:100]:
        half.sendall(b"POST /api/orders/execute HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
    answer = requests.post(f"{stack.url}/api/orders/execute", json=MARKET, timeout=5)
    assert answer.status_code == 202
    for connection in idle:
        connection.close()


def test_bytes_that_are_not_http_leave_no_traceback(stack: Stack) -> None:
    with socket.create_connection(address(stack), timeout=10) as connection:
        connection.sendall(os.urandom(200) + b"\r\n\r\n")
        assert b"Traceback" not in connection.recv(4096)
    assert requests.get(f"{stack.url}/health", timeout=5).status_code == 200


def test_log_ins_do_not_hold_up_other_requests(stack: Stack) -> None:
    credentials = {"email": "nobody@example.org", "password": "wrong password"}

    def log_in() -> None:
        for _ in range(5):
            requests.post(f"{stack.url}/api/auth/login", json=credentials, timeout=20)

    threads = [threading.Thread(target=log_in) for _ in range(4)]
    for thread in threads:
        thread.start()
    served = 0
    while any(thread.is_alive() for thread in threads):
        assert requests.get(f"{stack.url}/health", timeout=10).status_code == 200
        served += 1
    # Twenty hashes one after the other on the event loop would let about one through between two.
    assert served > 20
