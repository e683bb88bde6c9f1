"""Fees and an expiry that a bot asks for stand in the transaction that is built for it."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from solders.keypair import Keypair

from orders.market.tokens import SOL, USDC
from orders.solana.instructions import ComputeUnitLimit, ComputeUnitPrice, SolTransfer
from orders.solana.programs import TIP_ACCOUNT
from orders.solana.signed_transaction import SignedTransaction
from tests.integration.solana.jupiter.clients import (
    WALLET,
    assert_refused,
    fund,
    get_order,
    swap_body,
)

LEVEL = "priorityLevelWithMaxLamports"


def offered(transaction: str) -> tuple[int, int]:
    """Lamports of priority fee and of tips that a transaction offers."""
    actions = SignedTransaction.decode(transaction).actions
    (price,) = [each.micro_lamports for each in actions if isinstance(each, ComputeUnitPrice)]
    (limit,) = [each.units for each in actions if isinstance(each, ComputeUnitLimit)]
    tips = [each for each in actions if isinstance(each, SolTransfer)]
    paid = sum(each.lamports for each in tips if each.destination == TIP_ACCOUNT)
    return -(-price * limit // 1_000_000), paid


def built(client: FlaskClient, **options: Any) -> dict[str, Any]:
    response = client.post("/swap/v1/swap", json=swap_body(client, **options))
    assert response.status_code == 200, response.text
    return dict(response.get_json())


@pytest.mark.parametrize(
    ("options", "priority", "tip"),
    [
        ({}, 0, 0),
        ({"prioritizationFeeLamports": "auto"}, 0, 0),
        ({"prioritizationFeeLamports": 5_001}, 5_001, 0),
        ({"prioritizationFeeLamports": "5001"}, 5_001, 0),
        ({"computeUnitPriceMicroLamports": 1_000}, 120, 0),
        ({"computeUnitPriceMicroLamports": 1}, 1, 0),
        ({"prioritizationFeeLamports": {"jitoTipLamports": 700}}, 0, 700),
        ({"prioritizationFeeLamports": {"jitoTipLamports": 0}}, 0, 0),
        (
            {
                "prioritizationFeeLamports": {
                    "jitoTipLamportsWithPayer": {"lamports": 9, "payer": str(WALLET.pubkey())}
                }
            },
            0,
            9,
        ),
    ],
)
def test_fees_asked_for_stand_in_the_transaction(
    shared_client: FlaskClient, options: dict[str, Any], priority: int, tip: int
) -> None:
    answer = built(shared_client, **options)
    assert offered(answer["swapTransaction"]) == (priority, tip)
    assert answer["prioritizationFeeLamports"] == priority + tip


def test_higher_priority_level_offers_more_and_never_more_than_its_cap(
    shared_client: FlaskClient,
) -> None:
    def fee(level: str, cap: int) -> int:
        asked = {LEVEL: {"priorityLevel": level, "maxLamports": cap, "global": False}}
        answer = built(shared_client, prioritizationFeeLamports=asked)
        priority, tip = offered(answer["swapTransaction"])
        assert (answer["prioritizationFeeLamports"], tip) == (priority, 0)
        return priority

    levels = [fee(level, 10_000_000) for level in ("medium", "high", "veryHigh")]
    assert 0 < levels[0] < levels[1] < levels[2]
    assert fee("veryHigh", levels[0] + 1) == levels[0] + 1
    assert fee("veryHigh", 0) == 0


def test_tip_is_an_instruction_of_its_own_for_clients_that_assemble(
    shared_client: FlaskClient,
) -> None:
    body = swap_body(shared_client, prioritizationFeeLamports={"jitoTipLamports": 700})
    answer = shared_client.post("/swap/v1/swap-instructions", json=body).get_json()
    (tip,) = answer["otherInstructions"]
    assert [each["pubkey"] for each in tip["accounts"]] == [str(WALLET.pubkey()), str(TIP_ACCOUNT)]


@pytest.mark.parametrize(
    "options",
    [
        {"prioritizationFeeLamports": {}},
        {"prioritizationFeeLamports": {"autoMultiplier": 2}},
        {"prioritizationFeeLamports": {"jitoTipLamports": -1}},
        {"prioritizationFeeLamports": {"jitoTipLamports": 10**9 + 1}},
        {"prioritizationFeeLamports": {"jitoTipLamports": 1, LEVEL: {}}},
        {"prioritizationFeeLamports": {LEVEL: "high"}},
        {"prioritizationFeeLamports": {LEVEL: {"priorityLevel": "high"}}},
        {"prioritizationFeeLamports": {LEVEL: {"priorityLevel": "low", "maxLamports": 5}}},
        {"prioritizationFeeLamports": 10**9 + 1},
        {"prioritizationFeeLamports": True},
        {
            "prioritizationFeeLamports": {
                "jitoTipLamportsWithPayer": {"lamports": 1, "payer": str(Keypair().pubkey())}
            }
        },
        {"computeUnitPriceMicroLamports": -1},
        {"computeUnitPriceMicroLamports": 2**64},
        {"computeUnitPriceMicroLamports": 5, "prioritizationFeeLamports": 5},
        {"payer": str(Keypair().pubkey())},
        {"blockhashSlotsToExpiry": 0},
        {"blockhashSlotsToExpiry": 151},
        {"blockhashSlotsToExpiry": "soon"},
    ],
)
def test_fees_and_expiries_that_cannot_be_are_refused(
    shared_client: FlaskClient, options: dict[str, Any]
) -> None:
    assert_refused(shared_client.post("/swap/v1/swap", json=swap_body(shared_client, **options)))


def test_transaction_lives_as_many_slots_as_asked_for(shared_client: FlaskClient) -> None:
    clock = shared_client.application.extensions["solana"]().clock
    for slots in (1, 30, 150):
        before = clock.slot()
        answer = built(shared_client, blockhashSlotsToExpiry=slots)
        height = answer["lastValidBlockHeight"]
        assert before + slots <= height <= clock.slot() + slots
        blockhash = SignedTransaction.decode(answer["swapTransaction"]).blockhash
        # The chain may have gone on, and then knows the shortest-lived one no more.
        known = (height, None) if slots == 1 else (height,)
        assert clock.last_valid_block_height(blockhash) in known


def test_order_offers_priority_fee_and_tip(shared_client: FlaskClient) -> None:
    taker = fund(shared_client, SOL, 2)
    order = get_order(shared_client, taker=taker, priorityFeeLamports=40, jitoTipLamports=700)
    assert offered(order["transaction"]) == (40, 700)
    assert (order["prioritizationFeeLamports"], order["prioritizationFeePayer"]) == (740, taker)
    assert order["mode"] == "manual"
    plain = get_order(shared_client, taker=taker)
    assert offered(plain["transaction"]) == (0, 0)
    assert (plain["prioritizationFeeLamports"], plain["prioritizationFeePayer"]) == (0, None)
    assert plain["mode"] == "ultra"


def test_order_whose_tip_cannot_be_paid_says_so(shared_client: FlaskClient) -> None:
    poor = fund(shared_client, USDC, 5)
    pair = {"inputMint": USDC.mint, "outputMint": SOL.mint, "amount": "5000000"}
    order = get_order(shared_client, taker=poor, jitoTipLamports=7, **pair)
    assert (order["errorCode"], order["transaction"]) == (2, "")
    assert order["errorMessage"] == order["error"] == "Top up `0.000000007` SOL for gas"
    exact = fund(shared_client, SOL, 1)
    order = get_order(shared_client, taker=exact, amount=str(10**9), jitoTipLamports=1)
    assert (order["errorCode"], order["transaction"]) == (2, "")
    order = get_order(shared_client, taker=exact, amount=str(10**9 - 1), jitoTipLamports=1)
    assert order["transaction"]
