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
class Fees:
    """What a wallet offers for a place in a block: a priority fee, which nobody takes here, and a
    tip, which is a transfer.
    """

    unit_price: int = 0
    """Micro-lamports for each compute unit."""
    tip_lamports: int = 0

    @classmethod
    def of(cls, priority_lamports: int, tip_lamports: int = 0) -> Fees:
        """Fees by their lamports."""
        return cls(priority_lamports * MICROLAMPORTS // COMPUTE_UNITS, tip_lamports)

    @property
    def lamports(self) -> int:
        """Priority fee and tip together, as a node computes them: rounded up."""
        return -(-self.unit_price * COMPUTE_UNITS // MICROLAMPORTS) + self.tip_lamports


NO_FEES = Fees()


@dataclass(frozen=True, slots=True)
class SwapInstructions:
    """The instructions around a swap, in the groups in which Jupiter names them."""

    compute_budget: list[Instruction]
    setup: list[Instruction]
    swap: Instruction
    cleanup: Instruction | None
    others: list[Instruction]

    def in_order(self) -> list[Instruction]:
        """All instructions in their order in a transaction."""
        ending = [] if self.cleanup is None else [self.cleanup]
        return [*self.compute_budget, *self.setup, self.swap, *ending, *self.others]


def swap_instructions(
    terms: SwapTerms,
    *,
    wrap_and_unwrap: bool = True,
    fees: Fees = NO_FEES,
    tracking: Pubkey | None = None,
) -> SwapInstructions:
    """A swap's instructions: compute budget, missing accounts, wrapped SOL, the swap, the tip."""
    budget = compute_budget(fees)
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
    others = [programs.tip(terms.user, fees.tip_lamports)] if fees.tip_lamports else []
    return SwapInstructions(budget, setup, programs.swap(terms, tracking), cleanup, others)


def compute_budget(fees: Fees = NO_FEES) -> list[Instruction]:
    """Limit and price of the transaction's compute units."""
    return [set_compute_unit_limit(COMPUTE_UNITS), set_compute_unit_price(fees.unit_price)]


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
