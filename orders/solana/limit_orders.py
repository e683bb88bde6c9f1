"""Limit orders as instructions that their maker signs, in the form of Jupiter's limit order
program.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from orders.solana.programs import MAX_SLIPPAGE_BPS

LIMIT_ORDERS = Pubkey.from_string("j1o2qRpjcyUwEvwtcfhEQefh773ZgjxcVRry7LDqg5X")
PLACE = hashlib.sha256(b"global:initialize_order").digest()[:8]
CANCEL = hashlib.sha256(b"global:cancel_order").digest()[:8]
"""The discriminator of an Anchor program's method."""
_PLACE = struct.Struct("<8sQQQH")
"""Method, amount given, amount wanted, Unix time of the expiry or 0, slippage in basis points."""
PLACE_ACCOUNTS = 4


@dataclass(frozen=True, slots=True)
class LimitTerms:
    """An order that waits for its price; amounts in base units, `expires_at` in Unix seconds."""

    maker: Pubkey
    order: Pubkey
    mint_in: Pubkey
    mint_out: Pubkey
    making_amount: int
    taking_amount: int
    expires_at: int
    slippage_bps: int


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """The cancelling of a limit order by its maker."""

    maker: Pubkey
    order: Pubkey


def new_address() -> Pubkey:
    """A new address for an order; nobody has its key."""
    return Pubkey.from_bytes(hashlib.sha256(os.urandom(32)).digest())


def place(terms: LimitTerms) -> Instruction:
    """The instruction that places the order."""
    data = _PLACE.pack(
        PLACE, terms.making_amount, terms.taking_amount, terms.expires_at, terms.slippage_bps
    )
    others = (terms.order, terms.mint_in, terms.mint_out)
    return Instruction(LIMIT_ORDERS, data, [_signer(terms.maker), *map(_named, others)])


def cancel(terms: CancelTerms) -> Instruction:
    """The instruction that cancels the order."""
    return Instruction(LIMIT_ORDERS, CANCEL, [_signer(terms.maker), _named(terms.order)])


def read(data: bytes, accounts: Sequence[Pubkey]) -> LimitTerms | CancelTerms | None:
    """Reads a limit order's instruction; None if it is not one."""
    if data == CANCEL and len(accounts) >= 2:
        return CancelTerms(accounts[0], accounts[1])
    if len(data) != _PLACE.size or len(accounts) < PLACE_ACCOUNTS:
        return None
    method, making, taking, expires_at, slippage_bps = _PLACE.unpack(data)
    maker, order, mint_in, mint_out = accounts[:PLACE_ACCOUNTS]
    if method != PLACE or not making or not taking or mint_in == mint_out:
        return None
    if slippage_bps > MAX_SLIPPAGE_BPS:
        return None
    return LimitTerms(maker, order, mint_in, mint_out, making, taking, expires_at, slippage_bps)


def _signer(maker: Pubkey) -> AccountMeta:
    return AccountMeta(maker, is_signer=True, is_writable=True)


def _named(account: Pubkey) -> AccountMeta:
    return AccountMeta(account, is_signer=False, is_writable=True)
