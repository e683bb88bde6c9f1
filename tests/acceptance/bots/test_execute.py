"""Orders of wallets: executed once, answered the same, balances to the base unit."""

from __future__ import annotations

import base64

import pytest
import requests
from solders.transaction import VersionedTransaction

from orders.market.tokens import USDC
from tests.acceptance.bots.wallet import LAMPORTS, BotWallet
from tests.stack import Stack


@pytest.fixture
def wallet(stack: Stack) -> BotWallet:
    """A wallet with 10 SOL."""
    funded = BotWallet(stack.url)
    funded.airdrop()
    return funded


def test_signed_order_swaps_and_moves_the_balances(wallet: BotWallet) -> None:
    order = wallet.order()
    answer = wallet.execute(wallet.sign(order["transaction"]), order["requestId"]).json()
    assert answer["status"] == "Success", answer
    assert answer["totalInputAmount"] == str(LAMPORTS)
    assert int(answer["totalOutputAmount"]) >= int(order["otherAmountThreshold"])
    assert wallet.balances() == {"SOL": 9 * LAMPORTS, USDC.mint: int(answer["totalOutputAmount"])}


def test_repeated_execute_is_one_swap_with_the_same_answer(wallet: BotWallet) -> None:
    order = wallet.order()
    signed = wallet.sign(order["transaction"])
    first = wallet.execute(signed, order["requestId"]).json()
    again = wallet.execute(signed, order["requestId"]).json()
    assert again == first
    assert wallet.balances()["SOL"] == 9 * LAMPORTS


def test_bot_order_is_an_order_like_any_other(wallet: BotWallet, stack: Stack) -> None:
    order = wallet.order()
    signature = wallet.execute(wallet.sign(order["transaction"]), order["requestId"]).json()[
        "signature"
    ]
    listed = requests.get(f"{stack.url}/api/orders?limit=100", timeout=10).json()["orders"]
    (found,) = [each for each in listed if each["txHash"] == signature]
    assert found["status"] == "confirmed"
    assert found["attempts"] == 1
    assert found["maxSlippageBps"] == 50


def test_order_without_funds_says_so(stack: Stack) -> None:
    order = BotWallet(stack.url).order()
    assert (order["errorCode"], order["transaction"]) == (1, "")


def test_execute_refuses_what_was_not_ordered(wallet: BotWallet) -> None:
    order, other = wallet.order(), wallet.order(amount=LAMPORTS // 2)
    signed = wallet.sign(order["transaction"])
    stranger = BotWallet(wallet.url)
    wire = base64.b64decode(order["transaction"])
    forged = VersionedTransaction.populate(
        VersionedTransaction.from_bytes(wire).message, [stranger.keypair.sign_message(b"else")]
    )
    cases = [
        (signed, "unknown", -1),
        (signed, order["requestId"][:-2] + "AA", -1),
        (signed, other["requestId"], -3),
        ("%%%", order["requestId"], -2),
        (base64.b64encode(wire[:50]).decode(), order["requestId"], -2),
        (base64.b64encode(bytes(forged)).decode(), order["requestId"], -2),
        (order["transaction"], order["requestId"], -1003),
    ]
    for transaction, request_id, code in cases:
        answer = wallet.execute(transaction, request_id)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert wallet.balances() == {"SOL": 10 * LAMPORTS}
