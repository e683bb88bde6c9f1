"""Methods about accounts: lamports, bytes, tokens."""

from __future__ import annotations

import base64
from typing import Any

import base58

from orders.solana import programs, token_accounts
from orders.solana.accounts import Account, AccountReader
from orders.solana.ledger_clock import LedgerClock
from orders.solana.rpc.dispatch import Method
from orders.solana.rpc.errors import INVALID_PARAMS, RpcError, invalid_params
from orders.solana.rpc.network import context_slot, in_context
from orders.solana.rpc.params import Params, address, choice
from orders.solana.token_accounts import TokenAccount

MAX_ACCOUNTS = 100
ENCODINGS = ("base58", "base64", "base64+zstd", "jsonParsed")
MAX_BASE58_BYTES = 128
"""Larger accounts are not encoded in base58, which would take too long."""
RENT_EPOCH = 18_446_744_073_709_551_615


class Accounts:
    """The methods that read accounts."""

    def __init__(self, reader: AccountReader, clock: LedgerClock) -> None:
        self._reader = reader
        self._clock = clock

    def methods(self) -> dict[str, Method]:
        """The methods by name."""
        return {
            "getBalance": self.balance,
            "getAccountInfo": self.account_info,
            "getMultipleAccounts": self.multiple_accounts,
            "getTokenAccountBalance": self.token_account_balance,
            "getTokenAccountsByOwner": self.token_accounts_by_owner,
        }

    def balance(self, params: Params) -> dict[str, Any]:
        """The lamports of an account."""
        lamports = self._reader.lamports(str(params.address(0)))
        return self._in_context(params.config(1), lamports)

    def account_info(self, params: Params) -> dict[str, Any]:
        """One account, or null."""
        config = params.config(1)
        (found,) = self._reader.read([str(params.address(0))])
        return self._in_context(config, present(found, config))

    def multiple_accounts(self, params: Params) -> dict[str, Any]:
        """Up to 100 accounts, null for missing ones."""
        config = params.config(1)
        addresses = [str(address(each)) for each in params.texts(0, MAX_ACCOUNTS)]
        found = self._reader.read(addresses)
        return self._in_context(config, [present(each, config) for each in found])

    def token_account_balance(self, params: Params) -> dict[str, Any]:
        """The balance of a token account."""
        name = str(params.address(0))
        found = token_accounts.find([name]).get(name)
        if found is None:
            raise RpcError(INVALID_PARAMS, "Invalid param: could not find account")
        amount = self._reader.present_amount(found.mint, found.amount)
        return self._in_context(params.config(1), amount)

    def token_accounts_by_owner(self, params: Params) -> dict[str, Any]:
        """A wallet's token accounts, of one mint or of all."""
        owner, wanted, config = params.address(0), params.config(1), params.config(2)
        owned = token_accounts.of_owner(owner, with_sol=True)
        matching = [each for each in owned if _wanted(each, wanted)]
        listed = [
            {
                "pubkey": each.address,
                "account": present(self._reader.token_account(each), config),
            }
            for each in matching
        ]
        return self._in_context(config, listed)

    def _in_context(self, config: dict[str, Any], value: Any) -> dict[str, Any]:
        return in_context(context_slot(self._clock, config), value)


def present(account: Account | None, config: dict[str, Any]) -> dict[str, Any] | None:
    """An account in the requested encoding. Raises `RpcError`."""
    encoding = choice(config, "encoding", ENCODINGS, "base58")
    data = _sliced(account.data if account else b"", config.get("dataSlice"))
    if account is None:
        return None
    return {
        "lamports": account.lamports,
        "owner": account.owner,
        "data": _encoded(account, data, encoding),
        "executable": account.executable,
        "rentEpoch": RENT_EPOCH,
        "space": len(account.data),
    }


def _encoded(account: Account, data: bytes, encoding: str) -> Any:
    if encoding == "jsonParsed" and account.parsed is not None:
        return {"program": "spl-token", "parsed": account.parsed, "space": len(account.data)}
    if encoding == "base64+zstd":
        raise invalid_params("Invalid params: base64+zstd is not offered; use base64.")
    if encoding != "base58":
        return [base64.b64encode(data).decode(), "base64"]
    if len(data) > MAX_BASE58_BYTES:
        raise invalid_params(
            "Encoded binary (base 58) data should be less than 128 bytes, "
            "please use Base64 encoding."
        )
    return [base58.b58encode(data).decode(), "base58"]


def _sliced(data: bytes, part: Any) -> bytes:
    if part is None:
        return data
    try:
        offset, length = part["offset"], part["length"]
        if min(offset, length) < 0:
            raise ValueError
        return data[offset : offset + length]
    except (KeyError, TypeError, ValueError):
        raise invalid_params("Invalid params: `dataSlice` needs an offset and a length.") from None


def _wanted(account: TokenAccount, wanted: dict[str, Any]) -> bool:
    if isinstance(mint := wanted.get("mint"), str):
        return account.mint == str(address(mint))
    if isinstance(program := wanted.get("programId"), str):
        return address(program) == programs.TOKEN
    raise invalid_params("Invalid params: name a `mint` or a `programId`.")
