"""An account's money through real processes: live, exact, and never more than there is."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import requests
import socketio

from orders.domain import exact_json
from tests.acceptance.conftest import MakeStack
from tests.check_history import ClientLog
from tests.clients import wait_until
from tests.load import violations
from tests.stack import Stack

ORDER = {"tokenIn": "SOL", "tokenOut": "USDC", "amount": 10}


class Trader:
    """An account over HTTP and Socket.IO that keeps the balance updates it receives."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.email = f"{uuid4().hex}@example.org"
        body = {"email": self.email, "password": "correct horse battery"}
        answer = requests.post(f"{url}/api/auth/signup", json=body, timeout=10)
        self.token = answer.json()["token"]
        self.updates: list[dict[str, Any]] = []
        self.statuses: list[str] = []

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=10)

    def read(self, path: str) -> dict[str, Any]:
        return dict(exact_json.loads(self.ask("GET", path).text))

    def follow(self, after: int | None = None) -> tuple[socketio.Client, dict[str, Any]]:
        client = socketio.Client(json=exact_json, reconnection=False)
        client.on("balance_update", self.updates.append)
        client.on("order_update", lambda event: self.statuses.append(event["status"]))
        client.connect(self.url, auth={"token": self.token})
        request = {} if after is None else {"afterSequence": after}
        joined = client.call("subscribe_account", request, timeout=10)
        return client, joined

    def sequences(self) -> list[int]:
        return [update["sequence"] for update in self.updates]


def test_a_purchase_from_an_empty_start_moves_money_live_and_overdrawing_is_refused(
    stack: Stack,
) -> None:
    trader = Trader(stack.url)
    client, joined = trader.follow()
    opening = {each["token"]: each["total"] for each in joined["balances"]}
    assert (joined["ok"], joined["sequence"], opening) == (True, 1, {"SOL": 1000, "USDC": 100_000})
    before = trader.read("/api/account")

    assert trader.ask("POST", "/api/orders", ORDER | {"amount": 1}).status_code == 202
    wait_until(lambda: len(trader.updates) == 2, "two changes of money")
    wait_until(lambda: trader.statuses[-1:] == ["confirmed"], "the last event")
    hold, swap = trader.updates
    assert trader.sequences() == [2, 3]
    assert (hold["causes"][0]["kind"], hold["balances"][0]["held"]) == ("hold", 1)
    assert swap["causes"][0]["kind"] == "swap"
    after = {each["token"]: each for each in swap["balances"]}
    assert (after["SOL"]["total"], after["SOL"]["held"]) == (999, 0)

    (fill,) = trader.read("/api/account/fills")["fills"]
    assert after["USDC"]["total"] == 100_000 + fill["amountOut"]
    positions = trader.read("/api/account/positions")
    quantities = {each["token"]: each["quantity"] for each in positions["positions"]}
    assert quantities == {"SOL": 999, "USDC": after["USDC"]["total"]}
    # What the venue's price was off the market's, fee and impact included.
    assert 0 < abs(positions["realisedProfitUsd"]) < 5
    now = trader.read("/api/account")
    assert now["sequence"] == 3
    assert now["equityUsd"] != before["equityUsd"]
    assert trader.read("/api/account/equity")["points"]

    refused = trader.ask("POST", "/api/orders", ORDER | {"amount": "999.000000001"})
    problem = exact_json.loads(refused.text)
    assert (refused.status_code, problem["code"]) == (422, "insufficient_funds")
    assert problem["token"] == "SOL"
    assert (problem["needed"], problem["available"]) == (Decimal("999.000000001"), 999)
    assert trader.read("/api/account/balances")["sequence"] == 3
    client.disconnect()


def test_client_that_comes_back_is_sent_what_it_missed(stack: Stack) -> None:
    trader = Trader(stack.url)
    client, _ = trader.follow()
    client.disconnect()
    trader.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 5})
    trader.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 6})
    client, joined = trader.follow(after=1)
    assert joined["complete"]
    assert [event["sequence"] for event in joined["history"]] == [2, 3]
    trader.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 7})
    wait_until(lambda: trader.sequences() == [4], "the change after them")
    client.disconnect()


def test_faucet_and_reset_are_told_without_waiting_for_the_next_comparison(
    make_stack: MakeStack,
) -> None:
    trader = Trader(make_stack(stream_repair_s=60).url)
    client, _ = trader.follow()
    trader.ask("POST", "/api/account/faucet", {"token": "USDC", "amount": 5})
    wait_until(lambda: trader.sequences() == [2], "the faucet's change")
    trader.ask("POST", "/api/account/reset", {"balances": {"SOL": 1}})
    wait_until(lambda: trader.sequences() == [2, 3], "the reset's change")
    assert [update["causes"][0]["kind"] for update in trader.updates] == ["faucet", "reset"]
    client.disconnect()


def test_account_stream_needs_a_token(stack: Stack) -> None:
    client = socketio.Client(json=exact_json, reconnection=False)
    client.connect(stack.url)
    assert client.call("subscribe_account", {}, timeout=10)["code"] == "unauthenticated"
    client.disconnect()


@pytest.mark.parametrize("amount", ["30", "7.3"])
def test_twenty_connections_that_overdraw_get_exactly_what_there_is(
    make_stack: MakeStack, amount: str
) -> None:
    stack = make_stack(workers=0, watchers=0, paper_balances="SOL:100")
    trader = Trader(stack.url)
    answers: Counter[str] = Counter()

    def overdraw(_: int) -> None:
        for _ in range(3):
            answer = trader.ask("POST", "/api/orders", ORDER | {"amount": amount})
            answers[str(answer.json().get("code", answer.status_code))] += 1

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(overdraw, range(20)))
    affordable = int(100 / float(amount))
    assert answers == {"202": affordable, "insufficient_funds": 60 - affordable}
    assert violations(stack.settings, ClientLog(), quiet=False) == []
