"""Limit orders of wallets rest and hold their funds, fill at their price, or are cancelled."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from orders.market.tokens import SOL, USDC
from tests.acceptance.bots.wallet import LAMPORTS, BotWallet
from tests.clients import wait_until
from tests.stack import Stack

REMAINING = ("RemainingMakingAmount", "RemainingTakingAmount")


class Maker(BotWallet):
    """A wallet that places limit orders."""

    def post(self, path: str, **body: Any) -> requests.Response:
        return requests.post(f"{self.url}/trigger/v1/{path}", json=body, timeout=30)

    def create(self, taking: int, making: int = LAMPORTS, **params: Any) -> requests.Response:
        return self.post(
            "createOrder",
            maker=self.address,
            payer=self.address,
            inputMint=SOL.mint,
            outputMint=USDC.mint,
            params={"makingAmount": str(making), "takingAmount": str(taking), **params},
        )

    def run(self, transaction: str, request_id: str) -> requests.Response:
        return self.post("execute", signedTransaction=self.sign(transaction), requestId=request_id)

    def do(self, made: dict[str, Any]) -> str:
        """Executes what was built; returns the signature."""
        outcome = self.run(made["transaction"], made["requestId"]).json()
        assert outcome["status"] == "Success", outcome
        return str(outcome["signature"])

    def place(self, taking: int, making: int = LAMPORTS) -> str:
        """Places an order; returns its address."""
        made = self.create(taking, making).json()
        self.do(made)
        return str(made["order"])

    def orders(self, status: str, **wanted: str) -> list[dict[str, Any]]:
        query = {"user": self.address, "orderStatus": status, **wanted}
        answer = requests.get(f"{self.url}/trigger/v1/getTriggerOrders", params=query, timeout=30)
        return list(answer.json()["orders"])

    def available(self) -> int:
        answer = requests.get(f"{self.url}/api/wallets/{self.address}/balances", timeout=30)
        found = [each for each in answer.json()["balances"] if each["token"] == "SOL"]
        return int(found[0]["available"] * LAMPORTS)


@pytest.fixture
def maker(stack: Stack) -> Maker:
    """A wallet with 10 SOL."""
    wallet = Maker(stack.url)
    wallet.airdrop()
    return wallet


def test_order_whose_price_is_there_fills_at_it_or_better(maker: Maker) -> None:
    address = maker.place(taking=1_000_003, making=LAMPORTS)

    def filled() -> list[dict[str, Any]]:
        return maker.orders("history")

    (order,) = wait_until(filled, "the fill")
    assert {order[f"raw{name}"] for name in REMAINING} == {"0"}
    assert (order["orderKey"], order["status"]) == (address, "Completed")
    assert order["rawTakingAmount"] == "1000003"
    assert maker.orders("active") == []
    assert maker.balances()[USDC.mint] >= 1_000_003
    assert maker.balances()["SOL"] == 9 * LAMPORTS


def test_order_tells_the_transactions_that_opened_and_closed_it(maker: Maker) -> None:
    made = maker.create(taking=10**12).json()
    opened = maker.do(made)
    (resting,) = maker.orders("active")
    assert (resting["openTx"], resting["closeTx"]) == (opened, "")
    cancel = maker.post("cancelOrder", maker=maker.address, order=made["order"]).json()
    cancelled = maker.do(cancel)
    filling = maker.create(taking=1_000_003).json()
    placed = maker.do(filling)

    def ended() -> list[dict[str, Any]]:
        found = maker.orders("history")
        return found if len(found) == 2 else []

    filled, over = wait_until(ended, "both ends")
    assert (over["openTx"], over["closeTx"]) == (opened, cancelled)
    (trade,) = filled["trades"]
    assert (filled["openTx"], filled["closeTx"]) == (placed, trade["txId"])
    assert trade["rawInputAmount"] == filled["rawMakingAmount"] == str(LAMPORTS)
    assert int(trade["rawOutputAmount"]) == maker.balances()[USDC.mint]


def test_resting_order_holds_its_funds_until_it_is_cancelled(maker: Maker) -> None:
    address = maker.place(taking=10**12, making=4 * LAMPORTS)
    (order,) = maker.orders("active")
    assert (order["orderKey"], order["status"]) == (address, "Open")
    assert order["rawMakingAmount"] == str(4 * LAMPORTS)
    assert maker.available() == 6 * LAMPORTS
    made = maker.post("cancelOrder", maker=maker.address, order=address).json()
    assert maker.run(made["transaction"], made["requestId"]).json()["status"] == "Success"
    assert maker.available() == 10 * LAMPORTS
    assert [each["status"] for each in maker.orders("history")] == ["Cancelled"]


def test_all_orders_are_cancelled_by_one_transaction(maker: Maker) -> None:
    for _ in range(3):
        maker.place(taking=10**12)
    made = maker.post("cancelOrders", maker=maker.address).json()
    (transaction,) = made["transactions"]
    assert maker.run(transaction, made["requestId"]).json()["status"] == "Success"
    assert maker.orders("active") == []


def test_repeated_execute_places_one_order(maker: Maker) -> None:
    made = maker.create(taking=10**12, making=8 * LAMPORTS).json()
    for _ in range(2):
        assert maker.run(made["transaction"], made["requestId"]).json()["status"] == "Success"
    assert len(maker.orders("active")) == 1


def test_orders_that_cannot_be_are_refused(maker: Maker) -> None:
    assert maker.create(taking=0).status_code == 400
    assert maker.create(taking=5, expiredAt="1").status_code == 400
    assert maker.create(taking=5, making=2**64).status_code == 400
    too_much = maker.create(taking=10**12, making=11 * LAMPORTS).json()
    refused = maker.run(too_much["transaction"], too_much["requestId"]).json()
    assert (refused["status"], refused["code"]) == ("Failed", -1002)
    assert maker.orders("active") == []


def test_nobody_cancels_a_strangers_order(maker: Maker) -> None:
    address = maker.place(taking=10**12)
    stranger = Maker(maker.url)
    stranger.airdrop()
    asked = stranger.post("cancelOrder", maker=stranger.address, order=address)
    assert asked.status_code == 404
    made = maker.post("cancelOrder", maker=maker.address, order=address).json()
    assert stranger.run(made["transaction"], made["requestId"]).status_code == 400
    assert len(maker.orders("active")) == 1
