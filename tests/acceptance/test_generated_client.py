"""A client generated from the API document works as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.stack import Stack

# A program of its own, so that the generated package finds only what it brings along.
PROGRAM = """
import sys, time
from orders_client import Client
from orders_client.api.orders import (
    get_orders_order_id, get_orders_order_id_history, post_orders_execute)
from orders_client.models import NewOrderRequest, OrderAnswer, PlacedAnswer, Problem

client = Client(base_url=sys.argv[1])
order = NewOrderRequest(token_in="SOL", token_out="USDC", amount_in="1.5")
placed = post_orders_execute.sync(client=client, body=order, idempotency_key="generated")
assert isinstance(placed, PlacedAnswer), placed
again = post_orders_execute.sync(client=client, body=order, idempotency_key="generated")
assert again.order_id == placed.order_id, again
while True:
    record = get_orders_order_id.sync(placed.order_id, client=client)
    assert isinstance(record, OrderAnswer), record
    if record.status == "confirmed":
        break
    time.sleep(0.05)
told = get_orders_order_id_history.sync(placed.order_id, client=client)
print([str(event.status) for event in told.history])
order.token_out = "SOL"
refused = post_orders_execute.sync(client=client, body=order)
assert isinstance(refused, Problem), refused
print(refused.code)
"""


def test_generated_client_submits_and_reads_an_order(stack: Stack, tmp_path: Path) -> None:
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    generate += ["--fail-on-warning"]
    generate += ["--url", f"{stack.url}/openapi.json", "--output-path", "orders_client"]
    run(generate, tmp_path)
    told = run([sys.executable, "-c", PROGRAM, stack.url], tmp_path)
    assert told.split("\n") == [
        "['pending', 'routing', 'building', 'submitted', 'confirmed']", "same_token", "",
    ]  # fmt: skip


def run(command: list[str], folder: Path) -> str:
    """Runs a command that must succeed; returns what it printed."""
    # The generator formats its output with ruff and warns if there is none.
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
