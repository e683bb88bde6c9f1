"""The guarantees of every order hold for bots' orders: one swap, the same answer, exact money."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import requests
from solders.pubkey import Pubkey

from orders.market.tokens import SOL, USDC
from orders.solana.programs import SwapTerms
from orders.solana.transactions import swap_instructions
from orders.storage.database import connect, connection, database
from tests.acceptance.bots.wallet import LAMPORTS, BotWallet
from tests.acceptance.conftest import MakeStack
from tests.check_history import ClientLog
from tests.clients import wait_until
from tests.load import violations
from tests.stack import Stack

WALLETS = 100


def count(stack: Stack, query: str) -> int:
    database.close_all()
    connect(stack.settings)
    with connection():
        return int(database.execute_sql(query).fetchone()[0])


def test_web_killed_between_acceptance_and_answer_leaves_one_swap(make_stack: MakeStack) -> None:
    stack = make_stack(swap_latency_ms="1500")
    wallet = BotWallet(stack.url)
    wallet.airdrop()
    order = wallet.order()
    signed = wallet.sign(order["transaction"])
    with ThreadPoolExecutor() as pool:
        first = pool.submit(wallet.execute, signed, order["requestId"])
        wait_until(lambda: count(stack, "SELECT count(*) FROM orders"), "the order")
        stack.kill("web")
        assert isinstance(first.exception(), requests.ConnectionError)
    stack.start_web()
    answers = [wallet.execute(signed, order["requestId"]).json() for _ in range(2)]
    assert answers[0]["status"] == "Success", answers
    assert answers[0] == answers[1]
    assert wallet.balances()["SOL"] == 9 * LAMPORTS
    assert count(stack, "SELECT count(*) FROM chain.transactions") == 1
    assert violations(stack.settings, ClientLog(), quiet=False) == []


def test_worker_killed_after_sending_leaves_one_swap(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, lease_s=1, recovery_interval_s=0.2)
    stack.start_worker("doomed", crash_points="after_send")
    wallet = BotWallet(stack.url)
    wallet.airdrop()
    order = wallet.order()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(wallet.execute, wallet.sign(order["transaction"]), order["requestId"])
        wait_until(lambda: stack.processes["doomed"].poll() is not None, "the worker's end")
        stack.start_worker("heir")
        outcome = answer.result().json()
    assert outcome["status"] == "Success", outcome
    assert wallet.balances()["SOL"] == 9 * LAMPORTS
    assert count(stack, "SELECT count(*) FROM chain.transactions") == 1
    assert violations(stack.settings, ClientLog(), quiet=False) == []


def test_wallets_that_swap_at_once_add_up(stack: Stack) -> None:
    wallets = [BotWallet(stack.url) for _ in range(WALLETS)]

    def trade(wallet: BotWallet) -> int:
        wallet.airdrop(1)
        signed = wallet.sign(wallet.order(amount=LAMPORTS // 10, slippageBps=1_000)["transaction"])
        signature = wallet.result("sendTransaction", signed, {"encoding": "base64"})

        def landed() -> bool:
            (status,) = wallet.result("getSignatureStatuses", [signature])["value"]
            return status is not None and status["err"] is None

        wait_until(landed, f"the landing of {signature}", patience_s=60)
        balances = wallet.balances()
        assert balances["SOL"] == LAMPORTS - LAMPORTS // 10
        return balances[USDC.mint]

    with ThreadPoolExecutor(max_workers=WALLETS) as pool:
        received = list(pool.map(trade, wallets))
    addresses = ", ".join(f"'{wallet.address}'" for wallet in wallets)
    mine = f"FROM ledger_entries WHERE wallet IN ({addresses})"
    assert sum(received) == count(stack, f"SELECT sum(amount) {mine} AND mint = '{USDC.mint}'")
    spent = WALLETS * (LAMPORTS - LAMPORTS // 10)
    assert count(stack, f"SELECT sum(amount) {mine} AND mint = '{SOL.mint}'") == spent
    sums = "SELECT mint FROM ledger_entries GROUP BY mint HAVING sum(amount) <> 0"
    unbalanced = f"SELECT count(*) FROM ({sums}) AS odd"
    assert count(stack, unbalanced) == 0


def test_swaps_transfers_and_limit_orders_keep_every_invariant(make_stack: MakeStack) -> None:
    stack = make_stack()
    for venue in ("Raydium", "Meteora"):
        wallet, friend = BotWallet(stack.url), BotWallet(stack.url)
        wallet.airdrop()
        order = wallet.order(excludeDexes=venue)
        wallet.execute(wallet.sign(order["transaction"]), order["requestId"])
        wallet.send_sol(friend, LAMPORTS)
        made = wallet.limit_order(making=2 * LAMPORTS, taking=10**12)
        assert made["status"] == "Success", made
        assert friend.balances()["SOL"] == LAMPORTS
        assert wallet.balances()["SOL"] == 6 * LAMPORTS, "the limit order holds two"
    assert violations(stack.settings, ClientLog(), quiet=False) == []


def test_tip_is_paid_if_its_swap_fills_and_else_stays(make_stack: MakeStack) -> None:
    stack = make_stack(scenario_blockhash_slots=1, resend_s=0.1)
    mints = Pubkey.from_string(SOL.mint), Pubkey.from_string(USDC.mint)
    for scenario, tip in (("slippage_always", 0), ("dropped_always", 0), (None, 5000)):
        wallet, tipped = BotWallet(stack.url), BotWallet(stack.url)
        wallet.airdrop()
        if scenario is not None:
            address = f"{stack.url}/api/scenarios/wallets/{wallet.address}"
            requests.put(address, json={"scenario": scenario}, timeout=30).raise_for_status()
        terms = SwapTerms(wallet.keypair.pubkey(), *mints, "raydium", LAMPORTS, 1)
        sent = wallet.send_instructions(
            *swap_instructions(terms).in_order(), wallet.payment(tipped, 5000)
        )
        wait_until(
            lambda: not count(stack, "SELECT count(*) FROM orders WHERE outcome IS NULL"),
            "the order's end",
        )
        assert tipped.result("getBalance", tipped.address)["value"] == tip
        spent = 0 if scenario else LAMPORTS + tip
        assert wallet.balances()["SOL"] == 10 * LAMPORTS - spent
        assert count(stack, "SELECT sum(held) FROM balances") == 0
    config = {"maxSupportedTransactionVersion": 0}
    told = wallet.result("getTransaction", sent["result"], config)
    keys = told["transaction"]["message"]["accountKeys"]
    changes = [
        after - before
        for before, after in zip(
            told["meta"]["preBalances"], told["meta"]["postBalances"], strict=True
        )
    ]
    assert changes[0] == -LAMPORTS - 5000
    assert changes[keys.index(tipped.address)] == 5000
    assert violations(stack.settings, ClientLog(), quiet=False) == []
