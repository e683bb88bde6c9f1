"""A transaction is taken as a whole or not at all, whatever fails or comes between."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from app import create_app
from orders.config import Settings
from orders.domain import failpoints
from orders.domain.caller import Caller
from orders.market.tokens import SOL, USDC
from orders.solana import history, limit_orders
from orders.solana.limit_orders import CancelTerms, LimitTerms
from orders.wiring import wire
from tests.clock import ManualClock
from tests.integration.solana.rpc.clients import (
    LAMPORTS,
    balance,
    count,
    funded,
    send,
    signed,
    sol_transfer,
    swap,
)

ACTIVE = "SELECT count(*) FROM orders WHERE outcome IS NULL"
HELD = "SELECT coalesce(sum(held), 0) FROM balances"


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def kill_points(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def die(_: int) -> None:
        raise Killed

    monkeypatch.setattr(failpoints, "die", die)
    yield
    failpoints.arm("")


def limit(wallet: Keypair, sol: int) -> tuple[Pubkey, Instruction]:
    """A limit order that rests, and its address."""
    mints = (Pubkey.from_string(SOL.mint), Pubkey.from_string(USDC.mint))
    address = limit_orders.new_address()
    terms = LimitTerms(
        wallet.pubkey(), address, *mints, sol * LAMPORTS, sol * 10_000 * 10**6, 0, 50
    )
    return address, limit_orders.place(terms)


def cancel(wallet: Keypair, address: Pubkey) -> Instruction:
    return limit_orders.cancel(CancelTerms(wallet.pubkey(), address))


def test_limit_order_of_a_refused_transaction_is_not_placed(client: FlaskClient) -> None:
    wallet = funded(client, 10)
    _, order = limit(wallet, 8)
    too_much = sol_transfer(wallet, Keypair().pubkey(), 5 * LAMPORTS)
    refused = send(client, signed(client, wallet, order, too_much), skipPreflight=True)["error"]
    assert refused["data"]["err"] == {"InstructionError": [1, {"Custom": 1}]}
    assert (count(ACTIVE), count(HELD)) == (0, 0)


def test_limit_orders_that_need_more_than_there_is_are_refused_together(
    client: FlaskClient,
) -> None:
    wallet = funded(client, 3)
    orders = [limit(wallet, 2)[1] for _ in range(2)]
    refused = send(client, signed(client, wallet, *orders), skipPreflight=True)["error"]
    assert refused["data"]["err"] == {"InstructionError": [1, {"Custom": 1}]}
    assert (count(ACTIVE), count(HELD)) == (0, 0)


def test_cancels_take_effect_together(client: FlaskClient) -> None:
    wallet = funded(client, 5)
    placed = [limit(wallet, 1) for _ in range(2)]
    send(client, signed(client, wallet, *(order for _, order in placed)))
    (first, _), (second, _) = placed
    send(client, signed(client, wallet, cancel(wallet, second)))
    both = [cancel(wallet, first), cancel(wallet, second)]
    refused = send(client, signed(client, wallet, *both), skipPreflight=True)["error"]
    assert refused["data"]["err"] == {"InstructionError": [1, {"Custom": 3012}]}
    assert count(ACTIVE) == 1


@pytest.mark.usefixtures("kill_points")
def test_killed_half_way_a_transaction_is_taken_whole_when_sent_again(
    client: FlaskClient,
) -> None:
    wallet, tipped = funded(client), Keypair().pubkey()
    transaction = signed(client, wallet, *swap(wallet), sol_transfer(wallet, tipped, 5000))
    failpoints.arm("half_taken")
    with pytest.raises(Killed):
        send(client, transaction)
    assert (count(ACTIVE), count(HELD)) == (0, 0)
    for _ in range(2):
        assert "result" in send(client, transaction)
    assert (count(ACTIVE), count(HELD)) == (1, LAMPORTS + 5000)


def test_refused_transaction_of_a_race_does_nothing(client: FlaskClient) -> None:
    app = client.application
    for _ in range(4):
        wallet, friend = funded(client, 3), Keypair().pubkey()
        tip = sol_transfer(wallet, Keypair().pubkey(), 9 * LAMPORTS // 10)
        racing = [
            signed(client, wallet, *swap(wallet, 2 * LAMPORTS), tip),
            signed(client, wallet, sol_transfer(wallet, friend, 9 * LAMPORTS // 10)),
        ]
        before = count(ACTIVE)
        with ThreadPoolExecutor(2) as pool:
            sent = [
                pool.submit(send, app.test_client(), each, skipPreflight=True) for each in racing
            ]
            swap_taken, sent_to_friend = ("result" in each.result() for each in sent)
        assert swap_taken != sent_to_friend
        assert count(ACTIVE) - before == swap_taken
        assert bool(balance(client, friend)) == sent_to_friend


def test_transaction_that_never_landed_is_refused_once_its_blockhash_ran_out(
    settings: Settings,
) -> None:
    clock = ManualClock(datetime.now(UTC))
    components = wire(settings, clock)
    client = create_app(settings, components).test_client()
    wallet = funded(client)
    transaction = signed(client, wallet, *swap(wallet))
    signature = send(client, transaction)["result"]
    components.submission.cancel(history.order_of(signature), Caller(wallet=str(wallet.pubkey())))
    assert send(client, transaction)["result"] == signature
    clock.advance(61)
    refused = send(client, transaction)["error"]
    assert (refused["code"], refused["data"]["err"]) == (-32002, "BlockhashNotFound")
    components.close()
