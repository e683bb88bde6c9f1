"""The chain's interface. A real RPC node would be another class with these methods."""

from dataclasses import dataclass, field
from typing import Protocol

from orders.chain.transaction import Transaction
from orders.market.scenarios.conditions import Conditions


@dataclass(frozen=True, slots=True)
class Blockhash:
    """A recent blockhash and the last block height at which a transaction may use it."""

    value: str
    last_valid_block_height: int


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """What the chain knows of a transaction; amounts in base units.

    Neither `found` nor `expired`: undecided. `found` without `landed` or `error`: in process.
    `expired` is a promise that the transaction is not there and never will be.
    """

    found: bool
    landed: bool = False
    error: str | None = None
    slot: int | None = None
    amount_out: int | None = None
    expired: bool = False
    lands_in_s: float | None = field(default=None, compare=False)
    """Seconds until the outcome is settled, if the chain can tell."""


class Chain(Protocol):
    """Lands transactions, each signature at most once.

    `conditions` come from an order's scenario; a real chain ignores them.
    """

    def latest_blockhash(self, conditions: Conditions | None = None) -> Blockhash:
        """Returns a blockhash to build with. Raises RpcUnavailable."""

    def send(self, tx: Transaction, conditions: Conditions | None = None) -> SignatureStatus:
        """Hands `tx` to the chain, which ignores one that it already has.

        Returns what `status` would return right afterwards, but never `expired`. Raises
        RpcUnavailable, VenueTimeout or BlockhashExpired. None of them proves that `tx` will not
        land, because it may have been accepted now or earlier: only `status` can tell.
        """

    def status(
        self,
        signature: str,
        last_valid_block_height: int,
        conditions: Conditions | None = None,
    ) -> SignatureStatus:
        """Returns what became of a transaction. Raises RpcUnavailable."""

    def wait(
        self,
        signature: str,
        last_valid_block_height: int,
        known: SignatureStatus | None,
        timeout_s: float,
        conditions: Conditions | None = None,
    ) -> SignatureStatus:
        """Returns what became of a transaction once that may have changed, or after `timeout_s`.

        `known` is the last known status. A chain that notifies (Solana's `signatureSubscribe`)
        returns on its notification; another is asked again after its polling interval. Raises
        RpcUnavailable.
        """
