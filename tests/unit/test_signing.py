"""A signed swap: its signature is known before it is sent, and it can be stored and sent again."""

from __future__ import annotations

from uuid import UUID

import base58

from orders.chain.protocol import Blockhash
from orders.chain.signing import sign
from orders.chain.transaction import Transaction
from orders.market.tokens import SOL, USDC
from orders.market.venue import SwapInstruction

ORDER = UUID("6f1b1d2e-2b8e-4f0a-9a53-0d6c7c8f1a11")
HASH = Blockhash("3" * 44, 500_000_000)
SWAP = SwapInstruction("raydium", SOL.mint, USDC.mint, 10**9, 155_000_000, 154_000_000)


def test_a_transaction_carries_the_whole_instruction() -> None:
    tx = sign(SWAP, HASH, ORDER, 2)
    assert (tx.dex, tx.token_in_mint, tx.token_out_mint) == (SWAP.dex, SOL.mint, USDC.mint)
    assert (tx.amount_in, tx.quoted_amount_out) == (10**9, 155_000_000)
    assert tx.min_amount_out == 154_000_000
    assert (tx.blockhash, tx.last_valid_block_height) == (HASH.value, HASH.last_valid_block_height)
    assert (tx.order_id, tx.attempt) == (ORDER, 2)


def test_a_signature_is_known_before_and_differs_by_attempt_alone() -> None:
    first, again, second = (sign(SWAP, HASH, ORDER, n) for n in (1, 1, 2))
    assert first == again
    assert first.signature != second.signature
    assert len(base58.b58decode(first.signature)) == 64


def test_a_stored_transaction_is_the_same_when_read_again() -> None:
    tx = sign(SWAP, HASH, ORDER, 1)
    assert Transaction.from_json(tx.to_json()) == tx
