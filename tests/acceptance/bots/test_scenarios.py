"""Failures on demand for bots: asked for with the order, or set for a wallet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from orders.market.scenarios.catalogue import SCENARIOS
from orders.market.scenarios.scenario import Fails, Group, Scenario
from orders.market.tokens import SOL, USDC
from tests.acceptance.bots.wallet import LAMPORTS, BotWallet
from tests.acceptance.conftest import MakeStack
from tests.check_history import ClientLog
from tests.clients import wait_terminal, wait_until
from tests.load import violations
from tests.stack import Stack

CHANCE_IS_AGAINST: dict[str, Any] = {
    "slippage_failure_rate": 1.0,
    "quote_latency_ms": 100,
    "quote_timeout_ms": 400,
    "scenario_blockhash_slots": 1,
    "worker_concurrency": 100,
    "resend_s": 0.1,
    "lease_s": 1,
    "recovery_interval_s": 0.2,
}
SHORT = {"lands_late": "lands_late:1", "adverse_move": "adverse_move:20"}
OF_ORDERS = [each for each in SCENARIOS if each.group not in (Group.CRASH, Group.API)]
LANDS_AND_FAILS = ("slippage_once", "slippage_always")


class Trader(BotWallet):
    """A wallet whose orders meet scenarios."""

    @property
    def _scenario_url(self) -> str:
        return f"{self.url}/api/scenarios/wallets/{self.address}"

    def meet(self, scenario: str, times: int | None = None) -> requests.Response:
        """Sets what the wallet's next orders meet."""
        body = {"scenario": scenario} | ({} if times is None else {"times": times})
        return requests.put(self._scenario_url, json=body, timeout=30)

    def meets(self) -> dict[str, Any]:
        """What the wallet's next orders meet."""
        return dict(requests.get(self._scenario_url, timeout=30).json())

    def ask(self, path: str, scenario: str) -> requests.Response:
        """Asks for an order with a scenario of its own."""
        query: dict[str, Any] = {
            "inputMint": SOL.mint,
            "outputMint": USDC.mint,
            "amount": LAMPORTS,
            "taker": self.address,
        }
        headers = {"X-Scenario": scenario}
        return requests.get(f"{self.url}{path}", params=query, headers=headers, timeout=30)

    def swap_transaction(self, scenario: str | None = None) -> str:
        """A signed swap by way of `/swap/v1`."""
        url = f"{self.url}/swap/v1"
        query: dict[str, Any] = {"inputMint": SOL.mint, "outputMint": USDC.mint, "amount": LAMPORTS}
        quoted = requests.get(f"{url}/quote", params=query, timeout=30).json()
        body = {"quoteResponse": quoted, "userPublicKey": self.address}
        headers = {"X-Scenario": scenario} if scenario else None
        answer = requests.post(f"{url}/swap", json=body, headers=headers, timeout=30)
        return self.sign(answer.json()["swapTransaction"])

    def send(self, signed: str) -> requests.Response:
        """Sends a transaction to the node, as the call of a whole request."""
        params = [signed, {"encoding": "base64", "skipPreflight": True}]
        body = {"jsonrpc": "2.0", "id": 1, "method": "sendTransaction", "params": params}
        return requests.post(f"{self.url}/rpc", json=body, timeout=30)

    def landed(self, signature: str) -> dict[str, Any] | None:
        """What the node says of a transaction."""
        (status,) = self.result("getSignatureStatuses", [signature])["value"]
        return status if status is None else dict(status)

    def ended(self, signature: str) -> Any:
        """The error that a transaction landed with; None if it succeeded."""
        return wait_until(lambda: self.landed(signature), f"the landing of {signature}")["err"]

    def recorded(self, signature: str) -> dict[str, Any]:
        """The order of a transaction, once it has ended."""

        def found() -> list[dict[str, Any]]:
            listed = requests.get(f"{self.url}/api/orders?limit=100", timeout=10).json()["orders"]
            return [each for each in listed if each["wallet"] == self.address]

        (order, *_) = wait_until(found, f"the order of {signature}")
        return wait_terminal(self.url, order["orderId"])


def text(scenario: Scenario) -> str:
    return SHORT.get(scenario.name, scenario.written)


def trader(stack: Stack) -> Trader:
    """A wallet with 10 SOL."""
    wallet = Trader(stack.url)
    wallet.airdrop()
    return wallet


def check_executed(stack: Stack, scenario: Scenario) -> None:
    """`/execute` ends as the scenario says; a wallet's order has one attempt."""
    wallet = trader(stack)
    order = wallet.ask("/swap/v2/order", text(scenario)).json()
    signed = wallet.sign(order["transaction"])
    outcome = wallet.execute(signed, order["requestId"]).json()
    assert wallet.execute(signed, order["requestId"]).json() == outcome, scenario.name
    assert wallet.balances()["SOL"] == (9 if outcome["code"] == 0 else 10) * LAMPORTS
    if scenario.name in LANDS_AND_FAILS:
        assert outcome["code"] == 6001, scenario.name
        assert (wallet.landed(outcome["signature"]) or {})["err"] is not None
    elif scenario.fails is not Fails.NEVER:
        assert outcome["code"] == -1000, scenario.name
        assert wallet.landed(outcome["signature"]) is None
    elif "venue" not in scenario.name:
        assert outcome["code"] == 0, (scenario.name, outcome)
    record = wallet.recorded(outcome["signature"])
    assert (record["scenario"], record["attempts"]) == (text(scenario), 1)


def test_orders_with_a_scenario_end_as_it_says(make_stack: MakeStack) -> None:
    stack = make_stack(**CHANCE_IS_AGAINST)
    with ThreadPoolExecutor(len(OF_ORDERS)) as pool:
        for check in [pool.submit(check_executed, stack, scenario) for scenario in OF_ORDERS]:
            check.result()
    check_swap_by_header(stack)
    check_wallets_next_orders(stack)
    check_limit_order(stack)
    assert violations(stack.settings, ClientLog(), quiet=False) == []


def check_swap_by_header(stack: Stack) -> None:
    """The header on `/swap` concerns that transaction alone."""
    wallet = trader(stack)
    doomed, lucky = wallet.swap_transaction("slippage_always"), wallet.swap_transaction("fills")
    signatures = [wallet.send(signed).json()["result"] for signed in (doomed, lucky)]
    error, nothing = [wallet.ended(signature) for signature in signatures]
    assert nothing is None
    index, reason = error["InstructionError"]
    assert reason == {"Custom": 6001}
    assert index > 0
    assert wallet.balances()["SOL"] == 9 * LAMPORTS


def check_wallets_next_orders(stack: Stack) -> None:
    """A wallet's scenario is met so many times, whoever builds the transaction."""
    wallet = trader(stack)
    assert wallet.meet("lands_late", 2).json() == {
        "wallet": wallet.address, "scenario": "lands_late:30", "times": 2,
    }  # fmt: skip
    assert wallet.meet("improves:10", 2).status_code == 200
    for left in (1, None):
        signature = wallet.send(wallet.swap_transaction()).json()["result"]
        assert wallet.ended(signature) is None
        assert wallet.meets()["times"] == left
    assert wallet.meets() == {"wallet": wallet.address, "scenario": None, "times": None}
    unlucky = wallet.send(wallet.swap_transaction()).json()["result"]
    assert wallet.ended(unlucky) is not None


def check_limit_order(stack: Stack) -> None:
    """Limit orders are orders of the wallet too; they are retried."""
    wallet = trader(stack)
    wallet.meet("slippage_once")
    assert wallet.limit_order(LAMPORTS, 1)["status"] == "Success"
    record = wallet.recorded("the limit order")
    assert (record["status"], record["scenario"]) == ("confirmed", "slippage_once")
    assert record["attempts"] == 2


def test_scenario_of_a_call_applies_to_that_call(stack: Stack) -> None:
    wallet = trader(stack)
    for path in ("/swap/v2/order", "/ultra/v1/order"):
        refused = [wallet.ask(path, name) for name in ("http_503", "http_429")]
        assert [each.status_code for each in refused] == [503, 429]
        assert [each.json()["errorCode"] for each in refused] == ["QUEUE_FULL", "RATE_LIMITED"]
        assert {each.headers["Retry-After"] for each in refused} == {"1"}
        with pytest.raises(requests.ConnectionError):
            wallet.ask(path, "http_lost_answer")
        unknown = wallet.ask(path, "slipage_once")
        assert (unknown.status_code, unknown.json()["errorCode"]) == (400, "UNKNOWN_SCENARIO")
        assert "slippage_once" in unknown.json()["error"]


def test_wallets_calls_are_refused_once_and_then_taken(stack: Stack) -> None:
    wallet = trader(stack)
    for name, status, code in (("http_503", 503, -32005), ("http_429", 429, 429)):
        wallet.meet(name, 1)
        order = wallet.order()
        signed = wallet.sign(order["transaction"])
        assert wallet.execute(signed, order["requestId"]).status_code == status
        assert wallet.execute(signed, order["requestId"]).json()["status"] == "Success"
        wallet.meet(name, 1)
        signed = wallet.swap_transaction()
        refused = wallet.send(signed)
        assert refused.json()["error"]["code"] == code
        assert refused.status_code == (429 if status == 429 else 200)
        signature = wallet.send(signed).json()["result"]
        assert wallet.ended(signature) is None
    assert wallet.balances()["SOL"] == 6 * LAMPORTS


def test_late_and_lost_answers_leave_one_swap(stack: Stack) -> None:
    wallet = trader(stack)
    wallet.meet("http_lost_answer", 1)
    order = wallet.order()
    executed = wallet.sign(order["transaction"])
    with pytest.raises(requests.ConnectionError):
        wallet.execute(executed, order["requestId"])
    assert wallet.execute(executed, order["requestId"]).json()["status"] == "Success"
    wallet.meet("http_timeout:2", 1)
    order = wallet.order()
    late = wallet.sign(order["transaction"])
    with pytest.raises(requests.ReadTimeout):
        wallet.execute(late, order["requestId"], patience_s=1)
    assert wallet.execute(late, order["requestId"]).json()["status"] == "Success"
    wallet.meet("http_lost_answer", 1)
    sent = wallet.swap_transaction()
    with pytest.raises(requests.ConnectionError):
        wallet.send(sent)
    signature = wallet.send(sent).json()["result"]
    assert wallet.ended(signature) is None
    assert wallet.balances()["SOL"] == 7 * LAMPORTS


def test_transaction_sent_in_parallel_uses_its_scenario_once(stack: Stack) -> None:
    wallet = trader(stack)
    wallet.meet("improves:10", 5)
    signed = wallet.swap_transaction()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: wallet.send(signed).json(), range(8)))
    assert {answer.get("result") for answer in answers} == {answers[0]["result"]}
    assert wallet.meets()["times"] == 4


def test_killed_workers_leave_one_swap_of_each_wallet(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, **CHANCE_IS_AGAINST)
    for scenario in (each for each in SCENARIOS if each.group is Group.CRASH):
        stack.start_worker("doomed")
        wallet = trader(stack)
        order = wallet.ask("/swap/v2/order", scenario.name).json()
        signed = wallet.sign(order["transaction"])
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(wallet.execute, signed, order["requestId"])
            doomed = stack.processes.pop("doomed")
            assert wait_until(doomed.poll, "the worker's death") == 137
            stack.start_worker("heir")
            assert answer.result().json()["status"] == "Success", scenario.name
        assert wallet.balances()["SOL"] == 9 * LAMPORTS
        stack.kill("heir")
    assert violations(stack.settings, ClientLog(), quiet=False) == []
