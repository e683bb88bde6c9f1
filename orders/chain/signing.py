"""Signing: turns a venue's swap instruction into the transaction of one attempt."""

from uuid import UUID

from orders.chain.protocol import Blockhash
from orders.chain.transaction import Transaction, signature_for
from orders.market.venue import SwapInstruction


def sign(
    instruction: SwapInstruction, blockhash: Blockhash, order_id: UUID, attempt: int
) -> Transaction:
    """The swap, signed for this attempt of this order and valid as long as `blockhash`."""
    return Transaction(
        signature=signature_for(order_id, attempt),
        dex=instruction.dex,
        token_in_mint=instruction.token_in_mint,
        token_out_mint=instruction.token_out_mint,
        amount_in=instruction.amount_in,
        quoted_amount_out=instruction.quoted_amount_out,
        min_amount_out=instruction.min_amount_out,
        last_valid_block_height=blockhash.last_valid_block_height,
        blockhash=blockhash.value,
        order_id=order_id,
        attempt=attempt,
    )
