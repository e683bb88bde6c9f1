"""Methods about the chain itself: blocks, blockhashes, epochs, fees."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

import base58
from solders.message import from_bytes_versioned

from orders.solana.accounts import rent
from orders.solana.ledger_clock import LedgerClock
from orders.solana.rpc.dispatch import Method
from orders.solana.rpc.errors import MIN_CONTEXT_SLOT_NOT_REACHED, RpcError, invalid_params
from orders.solana.rpc.params import Params, commitment

SLOTS_IN_EPOCH = 432_000
API_VERSION = "2.3.0"
FEATURE_SET = 0
MAX_ACCOUNT_BYTES = 10 * 1024 * 1024
RECENT_FEE_SLOTS = 20
FEE_LAMPORTS = 0
"""This chain charges no fee."""


class Network:
    """The methods that concern no account."""

    def __init__(self, clock: LedgerClock, seed: str) -> None:
        self._clock = clock
        self._genesis = base58.b58encode(hashlib.sha256(f"genesis/{seed}".encode()).digest())

    def methods(self) -> dict[str, Method]:
        """The methods by name."""
        return {
            "getLatestBlockhash": self.latest_blockhash,
            "isBlockhashValid": self.is_blockhash_valid,
            "getBlockHeight": self.slot,
            "getSlot": self.slot,
            "getEpochInfo": self.epoch_info,
            "getVersion": lambda _: {"solana-core": API_VERSION, "feature-set": FEATURE_SET},
            "getHealth": lambda _: "ok",
            "getGenesisHash": lambda _: self._genesis.decode(),
            "getMinimumBalanceForRentExemption": minimum_balance,
            "getFeeForMessage": self.fee_for_message,
            "getRecentPrioritizationFees": self.recent_fees,
        }

    def latest_blockhash(self, params: Params) -> dict[str, Any]:
        """The newest blockhash, whatever the commitment."""
        slot = context_slot(self._clock, params.config(0))
        latest = self._clock.latest_blockhash()
        value = {
            "blockhash": latest.value,
            "lastValidBlockHeight": latest.last_valid_block_height,
        }
        return in_context(slot, value)

    def is_blockhash_valid(self, params: Params) -> dict[str, Any]:
        """Whether a transaction may still be built on a blockhash."""
        valid = self._clock.last_valid_block_height(params.text(0)) is not None
        return in_context(context_slot(self._clock, params.config(1)), valid)

    def slot(self, params: Params) -> int:
        """The slot, which equals the block height: no slot is ever skipped."""
        return context_slot(self._clock, params.config(0))

    def epoch_info(self, params: Params) -> dict[str, Any]:
        """The chain's position in its epoch."""
        slot = self.slot(params)
        return {
            "absoluteSlot": slot,
            "blockHeight": slot,
            "epoch": slot // SLOTS_IN_EPOCH,
            "slotIndex": slot % SLOTS_IN_EPOCH,
            "slotsInEpoch": SLOTS_IN_EPOCH,
            "transactionCount": None,
        }

    def fee_for_message(self, params: Params) -> dict[str, Any]:
        """The fee of a message; null once its blockhash has expired."""
        try:
            message = from_bytes_versioned(base64.b64decode(params.text(0), validate=True))
            blockhash = str(message.recent_blockhash)
        except (ValueError, binascii.Error, AttributeError):
            raise invalid_params("Invalid params: no base64 encoded message.") from None
        valid = self._clock.last_valid_block_height(blockhash) is not None
        slot = context_slot(self._clock, params.config(1))
        return in_context(slot, FEE_LAMPORTS if valid else None)

    def recent_fees(self, params: Params) -> list[dict[str, int]]:
        """Zero priority fees: nobody has paid any."""
        if params.get(0) is not None:
            params.texts(0, 128)
        slot = self._clock.slot("processed")
        return [
            {"slot": each, "prioritizationFee": 0}
            for each in range(slot - RECENT_FEE_SLOTS + 1, slot + 1)
        ]


def minimum_balance(params: Params) -> int:
    """Lamports that exempt an account of that many bytes from rent, as on mainnet."""
    return rent(params.whole(0, most=MAX_ACCOUNT_BYTES))


def context_slot(clock: LedgerClock, config: dict[str, Any]) -> int:
    """The newest slot of the wanted commitment, which answers are as of. Raises `RpcError` if the
    caller has heard of a newer one.
    """
    slot, least = clock.slot(commitment(config)), config.get("minContextSlot")
    if least is None:
        return slot
    if not isinstance(least, int) or isinstance(least, bool):
        raise invalid_params("Invalid params: `minContextSlot` is a number.")
    if slot < least:
        raise RpcError(
            MIN_CONTEXT_SLOT_NOT_REACHED,
            "Minimum context slot has not been reached",
            {"contextSlot": slot},
        )
    return slot


def in_context(slot: int, value: Any) -> dict[str, Any]:
    """An answer together with its slot."""
    return {"context": {"apiVersion": API_VERSION, "slot": slot}, "value": value}
