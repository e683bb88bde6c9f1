"""Simulating a transaction: its outcome and a node's log lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orders.execution.price_comparison import PriceComparer
from orders.market.errors import DexError
from orders.market.tokens import TokenRegistry
from orders.solana.execution import SLIPPAGE_EXCEEDED, Execution, execute
from orders.solana.ledger_clock import LedgerClock
from orders.solana.programs import SwapTerms
from orders.solana.signed_transaction import Refused, SignedTransaction, instruction_error

UNITS_PER_INSTRUCTION = 1_500
UNITS_OF_SWAP = 60_000
MESSAGES = {
    "AccountNotFound": "Attempt to debit an account but found no record of a prior credit.",
    "AddressLookupTableNotFound": "Transaction loads an address table account that doesn't exist",
    "AlreadyProcessed": "This transaction has already been processed",
    "BlockhashNotFound": "Blockhash not found",
    "ProgramAccountNotFound": "Attempt to load a program that does not exist",
    "SignatureFailure": "Transaction did not pass signature verification",
}
"""TransactionError -> a node's message."""
INSTRUCTION_MESSAGES = {
    "IllegalOwner": "Provided owner is not allowed",
    "InvalidAccountData": "invalid account data for instruction",
    "InvalidInstructionData": "invalid instruction data",
    "MissingRequiredSignature": "missing required signature for instruction",
    "UnsupportedProgramId": "Unsupported program id",
}


@dataclass(frozen=True, slots=True)
class Simulation:
    """How a transaction would end; `error` is a node's TransactionError, None for success.

    `state` is what it would do, if it succeeds.
    """

    error: Any
    logs: list[str]
    units: int
    state: Execution | None = None


class Simulator:
    """Tries transactions on the balances and prices of this moment."""

    def __init__(
        self, clock: LedgerClock, comparer: PriceComparer, registry: TokenRegistry
    ) -> None:
        self._clock = clock
        self._comparer = comparer
        self._registry = registry

    def simulate(
        self, transaction: SignedTransaction, *, any_blockhash: bool = False
    ) -> Simulation:
        """How the transaction would end now. Raises `StoreUnavailable`."""
        try:
            if not any_blockhash:
                self.check_blockhash(transaction)
            state = execute(transaction, self._registry)
            self._swap(transaction, state)
        except Refused as refusal:
            return Simulation(refusal.error, logs(transaction, refusal.error), 0)
        return Simulation(None, logs(transaction, None), units(transaction), state)

    def check(self, transaction: SignedTransaction) -> Execution:
        """What it does, apart from its swap. Raises `Refused`, `StoreUnavailable`."""
        self.check_blockhash(transaction)
        return execute(transaction, self._registry)

    def check_blockhash(self, transaction: SignedTransaction) -> int:
        """The height up to which it can land. Raises `Refused`."""
        height = self._clock.last_valid_block_height(transaction.blockhash)
        if height is None:
            raise Refused("BlockhashNotFound")
        return height

    def _swap(self, transaction: SignedTransaction, state: Execution) -> None:
        if transaction.swap is None:
            return
        index, terms = transaction.swap
        paid = self._pays(terms)
        if paid < terms.min_amount_out:
            raise Refused(instruction_error(index, SLIPPAGE_EXCEEDED))
        state.changes[state.signer, str(terms.mint_out)] += paid

    def _pays(self, terms: SwapTerms) -> int:
        """What the swap would pay now; -1 if the venue gives no quote."""
        token_in = self._registry.find(str(terms.mint_in))
        token_out = self._registry.find(str(terms.mint_out))
        if token_in is None or token_out is None:
            return -1
        try:
            amount = token_in.from_base(terms.amount_in)
            quotes = self._comparer.compare(token_in, token_out, amount, 0).quotes
        except DexError:
            return -1
        return next((quote.amount_out for quote in quotes if quote.dex == terms.venue), -1)


def describe(error: Any) -> str:
    """A TransactionError in a node's words."""
    if not isinstance(error, dict):
        return MESSAGES.get(error, str(error))
    index, reason = error["InstructionError"]
    return f"Error processing Instruction {index}: {_reason(reason)}"


def logs(transaction: SignedTransaction, error: Any) -> list[str]:
    """A node's log lines for a transaction that ended so."""
    failed, reason = error["InstructionError"] if isinstance(error, dict) else (None, None)
    if error is not None and failed is None:
        return []
    lines: list[str] = []
    message = transaction.message
    for index, compiled in enumerate(message.instructions):
        program = message.account_keys[compiled.program_id_index]
        lines.append(f"Program {program} invoke [1]")
        if index == failed:
            return [*lines, f"Program {program} failed: {_reason(reason)}"]
        lines.append(f"Program {program} success")
    return lines


def _reason(reason: Any) -> str:
    if isinstance(reason, dict):
        return f"custom program error: {reason['Custom']:#x}"
    return INSTRUCTION_MESSAGES.get(reason, str(reason))


def units(transaction: SignedTransaction) -> int:
    """The compute units that the transaction uses."""
    swap = UNITS_OF_SWAP if transaction.swap else 0
    return swap + UNITS_PER_INSTRUCTION * len(transaction.actions)
