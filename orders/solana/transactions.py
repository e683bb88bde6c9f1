"""Building swap transactions: version 0, one signer, unsigned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import Instruction
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from orders.solana import programs
from orders.solana.programs import WRAPPED_SOL, SwapTerms

COMPUTE_UNITS = 120_000
"""Compute units that a swap may use at most."""
MICROLAMPORTS = 1_000_000


@dataclass(frozen=True, slots=True)
class SwapInstructions:
    """The instructions around a swap, in the groups in which Jupiter names them."""

    compute_budget: list[Instruction]
    setup: list[Instruction]
    swap: Instruction
    cleanup: Instruction | None

    def in_order(self) -> list[Instruction]:
        """All instructions in their order in a transaction."""
        ending = [] if self.cleanup is None else [self.cleanup]
        return [*self.compute_budget, *self.setup, self.swap, *ending]


def swap_instructions(
    terms: SwapTerms, *, wrap_and_unwrap: bool = True, priority_fee_lamports: int = 0
) -> SwapInstructions:
    """A swap's instructions, with those that make missing accounts, wrap and unwrap SOL."""
    price = priority_fee_lamports * MICROLAMPORTS // COMPUTE_UNITS
    budget = [set_compute_unit_limit(COMPUTE_UNITS), set_compute_unit_price(price)]
    setup = [
        programs.create_token_account(terms.user, terms.user, mint)
        for mint in (terms.mint_in, terms.mint_out)
        if mint != terms.mint_in or mint == WRAPPED_SOL
    ]
    if wrap_and_unwrap and terms.mint_in == WRAPPED_SOL:
        setup[1:1] = _wrap(terms.user, terms.amount_in)
    cleanup = None
    if wrap_and_unwrap and WRAPPED_SOL in (terms.mint_in, terms.mint_out):
        wrapped = programs.token_account(terms.user, WRAPPED_SOL)
        cleanup = programs.close_token_account(terms.user, wrapped)
    return SwapInstructions(budget, setup, programs.swap(terms), cleanup)


def build(
    payer: Pubkey, instructions: Sequence[Instruction], blockhash: str
) -> VersionedTransaction:
    """An unsigned version-0 transaction: its one signature is all zeros."""
    message = MessageV0.try_compile(payer, list(instructions), [], Hash.from_string(blockhash))
    return VersionedTransaction.populate(message, [Signature.default()])


def _wrap(user: Pubkey, lamports: int) -> list[Instruction]:
    wrapped = programs.token_account(user, WRAPPED_SOL)
    sent = transfer(TransferParams(from_pubkey=user, to_pubkey=wrapped, lamports=lamports))
    return [sent, programs.sync_native(wrapped)]
