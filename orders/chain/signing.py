"""The transaction of one attempt: signed here for a venue's instruction, or by a wallet itself."""

from uuid import UUID

from orders.chain.protocol import Blockhash
from orders.chain.transaction import Transaction, signature_for
from orders.domain.signed_swap import SignedSwap
from orders.market.venue import Quote, SwapInstruction


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


def signed_by_wallet(
    signed: SignedSwap, quote: Quote, last_valid_block_height: int, order_id: UUID, attempt: int
) -> Transaction:
    """The swap that a wallet signed, for this attempt of this order, beside its venue's quote."""
    return Transaction(
        signature=signed.signature,
        dex=signed.dex,
        token_in_mint=quote.token_in.mint,
        token_out_mint=quote.token_out.mint,
        amount_in=quote.amount_in,
        quoted_amount_out=quote.amount_out,
        min_amount_out=signed.min_amount_out,
        last_valid_block_height=last_valid_block_height,
        blockhash=signed.blockhash,
        order_id=order_id,
        attempt=attempt,
        signer=signed.signer,
        wire=signed.wire,
    )
