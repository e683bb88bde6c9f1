"""`make demo`: five orders at once against the running system, each followed live.

python -m orders.local.demo [--url http://127.0.0.1:5000] [--orders 5]

Without --url it looks where HOST and PORT, or the file .env, say.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen
from uuid import uuid4

import socketio
from rich.console import Console
from rich.live import Live
from rich.table import Table

from orders.config import ConfigurationError, Settings, load_settings
from orders.domain import exact_json
from orders.domain.lifecycle import TERMINAL

SWAPS = [
    ("SOL", "USDC", "1.5"),
    ("USDC", "SOL", "250"),
    ("JUP", "SOL", "400"),
    ("SOL", "BONK", "0.75"),
    ("RAY", "USDT", "120"),
]
STEPS = ["pending", "routing", "building", "submitted", "confirmed"]
TIMEOUT_S = 120


@dataclass
class Followed:
    """One order of the demo and the events received so far."""

    token_in: str
    token_out: str
    amount_in: str
    order_id: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    submitted_at: float = 0.0
    ended_at: float | None = None

    @property
    def status(self) -> str:
        """The status of the last event."""
        return str(self.events[-1]["status"]) if self.events else "…"

    def hear(self, event: dict[str, Any]) -> None:
        """Takes one event."""
        self.events.append(event)
        if event["status"] in TERMINAL:
            self.ended_at = time.monotonic()

    def data_of(self, status: str) -> dict[str, Any]:
        """The data of the last event with this status."""
        found = [event["data"] for event in self.events if event["status"] == status]
        return dict(found[-1]) if found else {}


class Account:
    """The demo's own account, whose wallet has paper money for all its swaps."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.headers: dict[str, str] = {}
        body = {"email": f"demo-{uuid4().hex[:8]}@example.org", "password": uuid4().hex}
        self.token = str(self.ask("/api/auth/signup", body)["token"])
        self.headers = {"Authorization": f"Bearer {self.token}"}
        for symbol, _, amount in SWAPS:
            self.ask("/api/account/faucet", {"token": symbol, "amount": amount})

    def ask(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """Sends a POST with a body, else a GET; returns the answer."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **self.headers, **(headers or {})}
        with urlopen(Request(self.url + path, data, sent), timeout=10) as answer:
            return exact_json.loads(answer.read())

    def balances(self) -> dict[str, Decimal]:
        """The account's total of each token, by symbol."""
        found = self.ask("/api/account/balances")["balances"]
        return {balance["token"]: Decimal(balance["total"]) for balance in found}


def main() -> int:
    """Runs the demo; returns 0 if every order ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url")
    parser.add_argument("--orders", type=int, default=5)
    arguments = parser.parse_args()
    console = Console()
    try:
        url = arguments.url or own_url(load_settings())
    except ConfigurationError as error:
        console.print(str(error), markup=False)
        return 1
    try:
        urlopen(f"{url}/health", timeout=3).close()
    except (URLError, OSError):
        console.print(f"Nothing answers at {url}. Start the system with: make run")
        return 1
    orders = [Followed(*SWAPS[i % len(SWAPS)]) for i in range(arguments.orders)]
    account = Account(url)
    before = account.balances()
    _run(account, orders, console)
    _summarise(orders, console)
    _show_money(account, before, console)
    return 0 if all(order.ended_at for order in orders) else 1


def own_url(settings: Settings) -> str:
    """The address at which this machine reaches a process with these settings."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _run(account: Account, orders: list[Followed], console: Console) -> None:
    client = socketio.Client(json=exact_json)
    by_id: dict[str, Followed] = {}
    client.on("order_update", lambda event: by_id[event["orderId"]].hear(event))
    client.connect(account.url, auth={"token": account.token}, transports=["websocket"])
    threads = [threading.Thread(target=_submit, args=(account, order)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for order in orders:
        by_id[order.order_id] = order
        answer = client.call("subscribe", {"orderId": order.order_id})
        for event in answer["history"]:
            order.hear(event)
    deadline = time.monotonic() + TIMEOUT_S
    with Live(_table(orders), console=console, refresh_per_second=10) as live:
        while time.monotonic() < deadline and not all(order.ended_at for order in orders):
            live.update(_table(orders))
            time.sleep(0.1)
        live.update(_table(orders))
    client.disconnect()


def _submit(account: Account, order: Followed) -> None:
    order.submitted_at = time.monotonic()
    body = {"tokenIn": order.token_in, "tokenOut": order.token_out, "amountIn": order.amount_in}
    key = {"Idempotency-Key": f"demo-{uuid4()}"}
    order.order_id = account.ask("/api/orders", body, key)["orderId"]


def _table(orders: list[Followed]) -> Table:
    table = Table(title="Orders", expand=False)
    for heading in ("Order", "Swap", "Progress", "Attempt", "Venue", "Received"):
        table.add_column(heading, justify="right" if heading == "Received" else "left")
    for order in orders:
        building = order.data_of("building")
        confirmed = order.data_of("confirmed")
        received = confirmed.get("amountOut")
        table.add_row(
            order.order_id[-12:],
            f"{order.amount_in} {order.token_in} → {order.token_out}",
            _progress(order.status),
            str(order.data_of("routing").get("attempt", "")),
            str(building.get("chosenDex", "")),
            f"{Decimal(received):,f}" if received is not None else "",
        )
    return table


def _progress(status: str) -> str:
    if status not in STEPS:
        return f"[red]{status}[/red]"
    reached = STEPS.index(status)
    colour = "green" if status == "confirmed" else "cyan"
    return f"[{colour}]{'●' * (reached + 1)}[/{colour}]{'○' * (4 - reached)} {status}"


def _summarise(orders: list[Followed], console: Console) -> None:
    console.print("\n[bold]Routing decisions[/bold]")
    for order in orders:
        reason = order.data_of("building").get("reason", "no route was found")
        console.print(f"  {order.order_id[-12:]}  {reason}")
    console.print("\n[bold]Summary[/bold]")
    for status in sorted({order.status for order in orders}):
        console.print(f"  {status}: {sum(order.status == status for order in orders)}")
    times = [order.ended_at - order.submitted_at for order in orders if order.ended_at]
    if times:
        console.print(f"  slowest: {max(times):.1f} s, fastest: {min(times):.1f} s")
    retries = sum(event["status"] == "pending" for o in orders for event in o.events) - len(orders)
    console.print(f"  retries: {retries}")


def _show_money(account: Account, before: dict[str, Decimal], console: Console) -> None:
    """Prints the account's balances and what has changed."""
    positions = account.ask("/api/account/positions")
    now = account.balances()
    table = Table(title="The account's money", expand=False)
    for heading in ("Token", "Before", "Now", "Change", "Profit, USD"):
        table.add_column(heading, justify="left" if heading == "Token" else "right")
    for each in positions["positions"]:
        symbol = each["token"]
        was, has = before.get(symbol, Decimal(0)), now.get(symbol, Decimal(0))
        profit = each["realisedProfitUsd"] + each["unrealisedProfitUsd"]
        table.add_row(symbol, f"{was:,f}", f"{has:,f}", f"{has - was:+,f}", f"{profit:+,.2f}")
    console.print(table)
    console.print(f"  equity: {positions['equityUsd']:,.2f} USD")


if __name__ == "__main__":
    sys.exit(main())
