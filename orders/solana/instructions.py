"""Reading what an instruction does, as far as this chain runs it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from solders.pubkey import Pubkey

from orders.solana import limit_orders, programs
from orders.solana.limit_orders import CancelTerms, LimitTerms
from orders.solana.programs import SwapTerms


@dataclass(frozen=True, slots=True)
class SolTransfer:
    """Lamports from a wallet to an address."""

    source: Pubkey
    destination: Pubkey
    lamports: int


@dataclass(frozen=True, slots=True)
class TokenTransfer:
    """Tokens from one token account to another; `mint` and `decimals` if the sender states them."""

    source: Pubkey
    destination: Pubkey
    owner: Pubkey
    amount: int
    mint: Pubkey | None = None
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class CreateTokenAccount:
    """The creation of an associated token account."""

    account: Pubkey
    owner: Pubkey
    mint: Pubkey
    idempotent: bool


@dataclass(frozen=True, slots=True)
class CloseTokenAccount:
    """The end of a token account."""

    account: Pubkey
    destination: Pubkey
    owner: Pubkey


@dataclass(frozen=True, slots=True)
class SyncNative:
    """The conversion of lamports in a wrapped SOL account into tokens."""

    account: Pubkey


@dataclass(frozen=True, slots=True)
class ComputeUnitPrice:
    """The price that the sender pays for each compute unit."""

    micro_lamports: int


@dataclass(frozen=True, slots=True)
class ComputeUnitLimit:
    """The number of compute units that the sender asks for."""

    units: int


@dataclass(frozen=True, slots=True)
class Memo:
    """A text that is kept with the transaction."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Nothing:
    """An instruction that changes nothing here."""


Action = (
    SwapTerms
    | LimitTerms
    | CancelTerms
    | SolTransfer
    | TokenTransfer
    | CreateTokenAccount
    | CloseTokenAccount
    | SyncNative
    | ComputeUnitPrice
    | ComputeUnitLimit
    | Memo
    | Nothing
)


class UnknownProgram(Exception):
    """The program is not deployed on this chain."""


class UnknownInstruction(Exception):
    """The program has no such instruction, or not for these accounts."""


def read(program: Pubkey, data: bytes, accounts: Sequence[Pubkey]) -> Action:
    """Reads an instruction. Raises `UnknownProgram` or `UnknownInstruction`."""
    reader = _READERS.get(program)
    if reader is None:
        raise UnknownProgram(str(program))
    try:
        action = reader(data, accounts)
    except (IndexError, struct.error, ValueError):
        action = None
    if action is None:
        raise UnknownInstruction(str(program))
    return action


def _system(data: bytes, accounts: Sequence[Pubkey]) -> Action | None:
    (kind,) = struct.unpack_from("<I", data)
    if kind != 2 or len(data) != 12:
        return None
    return SolTransfer(accounts[0], accounts[1], struct.unpack_from("<Q", data, 4)[0])


def _token(data: bytes, accounts: Sequence[Pubkey]) -> Action | None:
    match data[0], len(data):
        case 3, 9:
            return TokenTransfer(accounts[0], accounts[1], accounts[2], _u64(data))
        case 12, 10:
            source, mint, destination, owner = accounts[:4]
            return TokenTransfer(source, destination, owner, _u64(data), mint, data[9])
        case 9, 1:
            return CloseTokenAccount(accounts[0], accounts[1], accounts[2])
        case 17, 1:
            return SyncNative(accounts[0])
    return None


def _associated_token(data: bytes, accounts: Sequence[Pubkey]) -> Action | None:
    _, account, owner, mint = accounts[:4]
    if data not in (b"", b"\x00", b"\x01") or account != programs.token_account(owner, mint):
        return None
    return CreateTokenAccount(account, owner, mint, idempotent=data == b"\x01")


def _compute_budget(data: bytes, _: Sequence[Pubkey]) -> Action | None:
    match data[0], len(data):
        case 1 | 4, 5:
            return Nothing()
        case 2, 5:
            return ComputeUnitLimit(struct.unpack_from("<I", data, 1)[0])
        case 3, 9:
            return ComputeUnitPrice(_u64(data))
    return None


def _memo(data: bytes, _: Sequence[Pubkey]) -> Action:
    data.decode("utf-8")
    return Memo(data)


def _jupiter(data: bytes, accounts: Sequence[Pubkey]) -> Action | None:
    return programs.read_swap(data, accounts)


def _limit_orders(data: bytes, accounts: Sequence[Pubkey]) -> Action | None:
    return limit_orders.read(data, accounts)


def _u64(data: bytes) -> int:
    amount: int = struct.unpack_from("<Q", data, 1)[0]
    return amount


_READERS: dict[Pubkey, Callable[[bytes, Sequence[Pubkey]], Action | None]] = {
    programs.SYSTEM: _system,
    programs.TOKEN: _token,
    programs.ASSOCIATED_TOKEN: _associated_token,
    programs.COMPUTE_BUDGET: _compute_budget,
    programs.MEMO: _memo,
    programs.MEMO_V1: _memo,
    programs.JUPITER: _jupiter,
    limit_orders.LIMIT_ORDERS: _limit_orders,
}
