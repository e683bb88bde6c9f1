"""Orders of wallets: executed once, answered the same, balances to the base unit."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pytest
import requests
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from orders.config import Settings
from orders.market.tokens import SOL, USDC
from orders.solana.jupiter import request_ids
from orders.solana.programs import TIP_ACCOUNT, SwapTerms
from orders.solana.transactions import swap_instructions
from tests.acceptance.bots.wallet import LAMPORTS, BotWallet
from tests.acceptance.conftest import MakeStack
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


def test_no_fee_is_charged_anywhere(wallet: BotWallet) -> None:
    order = wallet.order()
    wire = base64.b64decode(order["transaction"])
    message = VersionedTransaction.from_bytes(wire).message
    encoded_message = base64.b64encode(to_bytes_versioned(message)).decode()
    assert wallet.result("getFeeForMessage", encoded_message)["value"] == 0
    fees = ("signatureFeeLamports", "prioritizationFeeLamports", "rentFeeLamports", "feeBps")
    assert {order[name] for name in fees} == {0}
    before = wallet.result("getBalance", wallet.address)["value"]
    done = wallet.execute(wallet.sign(order["transaction"]), order["requestId"]).json()
    config = {"maxSupportedTransactionVersion": 0}
    meta = wallet.result("getTransaction", done["signature"], config)["meta"]
    assert (meta["fee"], meta["preBalances"][0], meta["postBalances"][0]) == (
        0, before, before - LAMPORTS,
    )  # fmt: skip
    assert wallet.result("getBalance", wallet.address)["value"] == before - LAMPORTS


def test_tip_is_paid_beside_the_swap(wallet: BotWallet) -> None:
    def tips() -> int:
        return int(wallet.result("getBalance", str(TIP_ACCOUNT))["value"])

    before = tips()
    order = wallet.order(jitoTipLamports=700, priorityFeeLamports=5_000)
    answer = wallet.execute(wallet.sign(order["transaction"]), order["requestId"]).json()
    assert answer["status"] == "Success", answer
    assert wallet.balances()["SOL"] == 9 * LAMPORTS - 700
    assert tips() >= before + 700


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


def encoded(transaction: VersionedTransaction) -> str:
    return base64.b64encode(bytes(transaction)).decode()


def test_execute_refuses_what_was_not_ordered(wallet: BotWallet) -> None:
    order, other = wallet.order(), wallet.order(amount=LAMPORTS // 2)
    stranger = BotWallet(wallet.url)
    stranger.airdrop()
    strangers = stranger.order()
    signed = wallet.sign(order["transaction"])
    wire = base64.b64decode(order["transaction"])
    message = VersionedTransaction.from_bytes(wire).message
    forged, by_stranger = (
        encoded(VersionedTransaction.populate(message, [stranger.keypair.sign_message(text)]))
        for text in (b"else", to_bytes_versioned(message))
    )
    cases = [
        (signed, "unknown", -1),
        (signed, order["requestId"][:-2] + "AA", -1),
        (signed, other["requestId"], -3),
        (signed, strangers["requestId"], -3),
        (stranger.sign(strangers["transaction"]), order["requestId"], -3),
        ("%%%", order["requestId"], -2),
        (base64.b64encode(wire[:50]).decode(), order["requestId"], -2),
        (forged, order["requestId"], -2),
        (by_stranger, order["requestId"], -2),
        (order["transaction"], order["requestId"], -1003),
    ]
    for transaction, request_id, code in cases:
        answer = wallet.execute(transaction, request_id)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert wallet.balances() == stranger.balances() == {"SOL": 10 * LAMPORTS}


def made(
    wallet: BotWallet,
    settings: Settings,
    instructions: Sequence[Instruction],
    blockhash: str,
    *others: Keypair,
) -> tuple[str, str]:
    """A transaction of the wallet's own making, and a requestId as if the service had built it."""
    message = MessageV0.try_compile(
        wallet.keypair.pubkey(), list(instructions), [], Hash.from_string(blockhash)
    )
    signed = VersionedTransaction(message, [wallet.keypair, *others])
    request_id = request_ids.issue(settings.secret_key, to_bytes_versioned(message), 10**12)
    return encoded(signed), request_id


def test_execute_answers_for_what_the_chain_refuses(wallet: BotWallet, stack: Stack) -> None:
    other = Keypair()
    recent = wallet.result("getLatestBlockhash")["value"]["blockhash"]
    mints = (Pubkey.from_string(SOL.mint), Pubkey.from_string(USDC.mint))

    def swap(amount: int, user: Pubkey) -> list[Instruction]:
        return swap_instructions(SwapTerms(user, *mints, "raydium", amount, 1)).in_order()

    mine = wallet.keypair.pubkey()
    tip = TransferParams(from_pubkey=other.pubkey(), to_pubkey=mine, lamports=1)
    cases = [
        made(wallet, stack.settings, swap(LAMPORTS, mine), str(Hash.new_unique())),
        made(wallet, stack.settings, [Instruction(other.pubkey(), b"x", [])], recent),
        made(wallet, stack.settings, swap(11 * LAMPORTS, mine), recent),
        made(wallet, stack.settings, [transfer(tip), *swap(LAMPORTS, mine)], recent, other),
    ]
    answers = [wallet.execute(*case).json() for case in cases]
    assert [answer["code"] for answer in answers] == [-1004, -1002, -1002, -2]
    assert {answer["status"] for answer in answers} == {"Failed"}
    assert wallet.balances() == {"SOL": 10 * LAMPORTS}


def test_execute_takes_less_than_four_seconds_with_default_delays(make_stack: MakeStack) -> None:
    default = Settings()
    stack = make_stack(
        quote_latency_ms=default.quote_latency_ms,
        swap_latency_ms=default.swap_latency_ms,
        confirm_poll_ms=default.confirm_poll_ms,
    )
    wallet = BotWallet(stack.url)
    wallet.airdrop()

    def in_time() -> bool:
        order = wallet.order()
        signed = wallet.sign(order["transaction"])
        try:
            answer = wallet.execute(signed, order["requestId"], patience_s=4)
        except requests.ReadTimeout:
            return False
        return bool(answer.json()["status"] == "Success")

    # A busy machine may take its time now and then.
    assert any(in_time() for _ in range(3))
