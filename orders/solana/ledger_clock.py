"""The chain's time: slots, recent blockhashes, and how settled a slot is."""

from __future__ import annotations

from orders.chain.protocol import Blockhash
from orders.chain.simulated_chain import SimulatedChain

CONFIRMED_AFTER = 1
FINALIZED_AFTER = 32
"""Slots after which a block is final."""
LAG = {"processed": 0, "confirmed": CONFIRMED_AFTER, "finalized": FINALIZED_AFTER}


class LedgerClock:
    """Asks the chain for its time. Each slot has one block, so heights are slots."""

    def __init__(self, chain: SimulatedChain) -> None:
        self._chain = chain

    def slot(self, commitment: str = "processed") -> int:
        """The newest slot with that commitment."""
        return self._chain.height() - LAG[commitment]

    def latest_blockhash(self) -> Blockhash:
        """The newest blockhash. Raises `RpcUnavailable`."""
        return self._chain.latest_blockhash()

    def blockhash_with_slots_left(self, slots: int) -> Blockhash:
        """A recent blockhash that expires after that many slots. Raises `RpcUnavailable`."""
        return self._chain.blockhash_with_slots_left(slots)

    def last_valid_block_height(self, blockhash: str) -> int | None:
        """The last block height at which a transaction with this blockhash is accepted; None if it
        is not a recent blockhash.
        """
        return self._chain.last_valid_block_height(blockhash)

    def settled(self, slot: int) -> str | None:
        """How settled the block of that slot is; None before it exists."""
        depth = self._chain.height() - slot
        reached = [name for name, lag in LAG.items() if depth >= lag]
        return reached[-1] if reached else None
