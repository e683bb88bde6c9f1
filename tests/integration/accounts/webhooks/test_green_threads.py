"""Sending under green threads, as web processes and workers do: a receiver's name server or a
receiver that takes its time keeps no other thread waiting, and its own no longer than the timeout.
"""

from __future__ import annotations

import subprocess
import sys

from tests.stack import ROOT

BEGIN = """
from orders.local.green_threads import use_green_threads
use_green_threads(psycopg=True)
import socket, threading, time
from dataclasses import replace
from datetime import UTC, datetime
from eventlet import patcher
from orders.accounts.webhooks.addresses import resolve
from orders.accounts.webhooks.name_lookup import MOST_AT_ONCE
from orders.accounts.webhooks.sending import Message, Sender, new_secret
from tests.conftest import FAST

def send(url, timeout_s):
    sender = Sender(replace(FAST, webhook_timeout_s=timeout_s), url)
    return sender.send(Message("order:1", b"{}"), [new_secret()], datetime.now(UTC)).error
"""
NAME_SERVER = """
asked, answer = [], patcher.original("threading").Event()

def getaddrinfo(host, *_, **__):
    asked.append(host)
    if not answer.wait(20):
        raise OSError("no other thread ran meanwhile")
    return [(2, 1, 6, "", ("1.1.1.1", 443))]

socket.getaddrinfo = getaddrinfo
"""
"""Stands still as the C library's lookup does, until some thread lets it answer."""

ANSWERED_BY_ANOTHER_THREAD = """
def let_it_answer():
    while not asked:
        time.sleep(0.01)
    answer.set()

threading.Thread(target=let_it_answer).start()
print(resolve("example.org", 443, private=False, timeout_s=30))
"""
SILENT = """
print(send("https://example.org/", 0.2))
for _ in range(MOST_AT_ONCE + 9):
    try:
        resolve("example.org", 443, private=False, timeout_s=0.01)
    except TimeoutError:
        pass
print(len(asked) == MOST_AT_ONCE)
answer.set()
print(resolve("example.org", 443, private=False, timeout_s=30))
"""
DRIPPING_HANDSHAKE = """
server = socket.create_server(("127.0.0.1", 0))

def drip():
    connection, _ = server.accept()
    try:
        connection.sendall(b"\\x16\\x03\\x03\\x40\\x00\\x02")
        for _ in range(200):
            time.sleep(0.05)
            connection.sendall(b"\\x00")
    except OSError:
        pass
    connection.close()

threading.Thread(target=drip).start()
print(send(f"https://127.0.0.1:{server.getsockname()[1]}/", 0.5))
"""


def run(*parts: str) -> list[str]:
    """Runs the program in a process with green threads; returns the lines that it prints."""
    command = [sys.executable, "-c", "\n".join((BEGIN, *parts))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_name_is_looked_up_while_other_threads_run() -> None:
    assert run(NAME_SERVER, ANSWERED_BY_ANOTHER_THREAD) == ["['1.1.1.1']"]


def test_silent_name_servers_cost_the_timeout_and_a_bounded_number_of_threads() -> None:
    assert run(NAME_SERVER, SILENT) == [
        "The receiver did not answer in time.",
        "True",
        "['1.1.1.1']",
    ]


def test_a_tls_handshake_that_drips_ends_at_the_timeout() -> None:
    assert run(DRIPPING_HANDSHAKE) == ["The receiver did not answer in time."]
