"""The programs that the simulated chain runs, and the instructions that it builds.

Addresses and layouts are those of mainnet. The swap is called like Jupiter's aggregator, by its
`route` discriminator; the data after it is this chain's own: venue, amount, minimum, and the
slippage that led to the minimum.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.token.associated import get_associated_token_address

from orders.market.pool import BPS
from orders.market.venues import VENUE_PROGRAMS

SYSTEM = Pubkey.from_string("11111111111111111111111111111111")
TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
ASSOCIATED_TOKEN = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
COMPUTE_BUDGET = Pubkey.from_string("ComputeBudget111111111111111111111111111111")
MEMO = Pubkey.from_string("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")
MEMO_V1 = Pubkey.from_string("Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo")
JUPITER = Pubkey.from_string("JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4")
WRAPPED_SOL = Pubkey.from_string("So11111111111111111111111111111111111111112")
TIP_ACCOUNT = Pubkey.from_string("96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5")
"""Where tips go: the first of Jito's tip accounts, of which Jupiter takes one at random."""

VENUES = tuple(VENUE_PROGRAMS)
"""By their number in a swap's data."""

ROUTE = hashlib.sha256(b"global:route").digest()[:8]
"""The discriminator of an Anchor program's method `route`."""
_SWAP = struct.Struct("<8sBQQH")
"""Discriminator, venue, amount, minimum, slippage in basis points."""
MAX_SLIPPAGE_BPS = BPS
SWAP_ACCOUNTS = 7
MAX_U64 = 2**64 - 1


@dataclass(frozen=True, slots=True)
class SwapTerms:
    """A swap that its wallet signs; amounts in base units."""

    user: Pubkey
    mint_in: Pubkey
    mint_out: Pubkey
    venue: str
    amount_in: int
    min_amount_out: int
    slippage_bps: int = 0
    """For people to read; what counts is the minimum."""


def token_account(owner: Pubkey, mint: Pubkey) -> Pubkey:
    """The associated token account of a wallet for a mint."""
    return get_associated_token_address(owner, mint)


def pool_address(venue: str, mint_a: str, mint_b: str) -> Pubkey:
    """The address of a venue's pool for two mints, in either order."""
    first, second = sorted((mint_a, mint_b))
    seeds = [b"pool", bytes(Pubkey.from_string(first)), bytes(Pubkey.from_string(second))]
    return Pubkey.find_program_address(seeds, Pubkey.from_string(VENUE_PROGRAMS[venue]))[0]


def swap(terms: SwapTerms, tracking: Pubkey | None = None) -> Instruction:
    """The instruction that swaps. It names the tracking account, by which its caller finds it."""
    number = VENUES.index(terms.venue)
    data = _SWAP.pack(ROUTE, number, terms.amount_in, terms.min_amount_out, terms.slippage_bps)
    pool = pool_address(terms.venue, str(terms.mint_in), str(terms.mint_out))
    accounts = [
        AccountMeta(TOKEN, is_signer=False, is_writable=False),
        AccountMeta(terms.user, is_signer=True, is_writable=True),
        AccountMeta(token_account(terms.user, terms.mint_in), is_signer=False, is_writable=True),
        AccountMeta(token_account(terms.user, terms.mint_out), is_signer=False, is_writable=True),
        AccountMeta(terms.mint_in, is_signer=False, is_writable=False),
        AccountMeta(terms.mint_out, is_signer=False, is_writable=False),
        AccountMeta(pool, is_signer=False, is_writable=True),
    ]
    if tracking is not None:
        accounts.append(AccountMeta(tracking, is_signer=False, is_writable=False))
    return Instruction(JUPITER, data, accounts)


def read_swap(data: bytes, accounts: Sequence[Pubkey]) -> SwapTerms | None:
    """The terms of a swap instruction; None if this chain could not have built it."""
    if len(data) != _SWAP.size or len(accounts) < SWAP_ACCOUNTS:
        return None
    discriminator, number, amount_in, min_amount_out, slippage_bps = _SWAP.unpack(data)
    if discriminator != ROUTE or number >= len(VENUES):
        return None
    if amount_in == 0 or slippage_bps > MAX_SLIPPAGE_BPS:
        return None
    _, user, source, destination, mint_in, mint_out, _ = accounts[:SWAP_ACCOUNTS]
    owned = (token_account(user, mint_in), token_account(user, mint_out))
    if (source, destination) != owned or mint_in == mint_out:
        return None
    venue = VENUES[number]
    return SwapTerms(user, mint_in, mint_out, venue, amount_in, min_amount_out, slippage_bps)


def create_token_account(payer: Pubkey, owner: Pubkey, mint: Pubkey) -> Instruction:
    """Creates the associated token account unless it exists."""
    accounts = [
        AccountMeta(payer, is_signer=True, is_writable=True),
        AccountMeta(token_account(owner, mint), is_signer=False, is_writable=True),
        AccountMeta(owner, is_signer=False, is_writable=False),
        AccountMeta(mint, is_signer=False, is_writable=False),
        AccountMeta(SYSTEM, is_signer=False, is_writable=False),
        AccountMeta(TOKEN, is_signer=False, is_writable=False),
    ]
    return Instruction(ASSOCIATED_TOKEN, b"\x01", accounts)


def sync_native(account: Pubkey) -> Instruction:
    """Makes lamports that were sent to a wrapped SOL account count as its tokens."""
    return Instruction(TOKEN, b"\x11", [AccountMeta(account, is_signer=False, is_writable=True)])


def tip(payer: Pubkey, lamports: int) -> Instruction:
    """Pays a tip to the block's producer."""
    return transfer(TransferParams(from_pubkey=payer, to_pubkey=TIP_ACCOUNT, lamports=lamports))


def close_token_account(owner: Pubkey, account: Pubkey) -> Instruction:
    """Closes a token account; its lamports go to the owner, which unwraps SOL."""
    accounts = [
        AccountMeta(account, is_signer=False, is_writable=True),
        AccountMeta(owner, is_signer=False, is_writable=True),
        AccountMeta(owner, is_signer=True, is_writable=False),
    ]
    return Instruction(TOKEN, b"\x09", accounts)
