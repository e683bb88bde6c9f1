"""Accounts as a node sees them: wallets, token accounts, mints and programs, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from solders.pubkey import Pubkey
from solders.token.state import Mint, TokenAccountState
from solders.token.state import TokenAccount as TokenAccountData

from orders.domain.exact_json import plain
from orders.market.tokens import SOL, Token, TokenRegistry
from orders.solana import limit_orders, programs, token_accounts
from orders.solana.execution import Execution
from orders.solana.holdings import in_wallets
from orders.solana.token_accounts import TokenAccount

LOADER = "BPFLoader2111111111111111111111111111111111"
NATIVE_LOADER = "NativeLoader1111111111111111111111111111111"
PROGRAMS = {
    str(programs.SYSTEM): NATIVE_LOADER,
    str(programs.COMPUTE_BUDGET): NATIVE_LOADER,
    str(programs.TOKEN): LOADER,
    str(programs.ASSOCIATED_TOKEN): LOADER,
    str(programs.MEMO): LOADER,
    str(programs.MEMO_V1): LOADER,
    str(programs.JUPITER): LOADER,
    str(limit_orders.LIMIT_ORDERS): LOADER,
}
"""Program -> the loader that runs it."""
Amounts = Mapping[tuple[str, str], int]
"""Base units by wallet and mint."""
SUPPLY_TOKENS = 10**9
"""The supply that each mint's account states, in tokens."""
RENT_PER_BYTE = 6_960
"""Lamports for two years of one byte: 3,480 a year."""
ACCOUNT_OVERHEAD_BYTES = 128


@dataclass(frozen=True, slots=True)
class Account:
    """An account's bytes and owner; `parsed` is their meaning, if a node knows it."""

    lamports: int
    owner: str
    data: bytes
    executable: bool = False
    parsed: dict[str, Any] | None = None


def rent(length: int) -> int:
    """Lamports that exempt an account of that many bytes from rent. Nobody is charged."""
    return (ACCOUNT_OVERHEAD_BYTES + length) * RENT_PER_BYTE


TOKEN_ACCOUNT_RENT = rent(165)
MINT_RENT = rent(82)


class AccountReader:
    """Finds accounts by address."""

    def __init__(self, registry: TokenRegistry) -> None:
        self._registry = registry

    def lamports(self, address: str) -> int:
        """A wallet's SOL, wrapped or not, in lamports; for other accounts, their rent."""
        found = self.read([address])[0]
        return 0 if found is None else found.lamports

    def fixed_lamports(self, address: str) -> int | None:
        """The lamports of a program or a mint, which never change; None for other accounts."""
        if address in PROGRAMS:
            return 1
        return None if self.token(address) is None else MINT_RENT

    def read(self, addresses: Sequence[str]) -> list[Account | None]:
        """The accounts at these addresses, None for missing ones. Raises `StoreUnavailable`."""
        return self._read(addresses, token_accounts.find(addresses), {})

    def existing(self, addresses: Sequence[str]) -> dict[str, Account]:
        """The accounts that exist, by address. Raises `StoreUnavailable`."""
        found = zip(addresses, self.read(addresses), strict=True)
        return {address: account for address, account in found if account is not None}

    def read_after(self, addresses: Sequence[str], state: Execution) -> list[Account | None]:
        """The same as they are after a transaction that has been tried."""
        of_tokens = token_accounts.find(addresses)
        for owner, mint in state.opened:
            made = token_accounts.made(owner, mint)
            of_tokens.setdefault(made.address, made)
        for address in state.closed:
            of_tokens.pop(address, None)
        return self._read(addresses, of_tokens, state.changes)

    def token(self, mint: str) -> Token | None:
        """The token with this mint."""
        found = self._registry.find(mint)
        return found if found is not None and found.mint == mint else None

    def present_amount(self, mint: str, amount: int) -> dict[str, Any]:
        """An amount in a node's form."""
        token = self.token(mint)
        exact = Decimal(amount) if token is None else token.from_base(amount)
        return {
            "amount": str(amount),
            "decimals": 0 if token is None else token.decimals,
            "uiAmount": exact,
            "uiAmountString": plain(exact),
        }

    def token_account(self, account: TokenAccount) -> Account:
        """A token account's bytes. Wrapped SOL is counted among its lamports, too."""
        native = account.mint == SOL.mint
        data = TokenAccountData(
            mint=Pubkey.from_string(account.mint),
            owner=Pubkey.from_string(account.owner),
            amount=account.amount,
            delegate=None,
            state=TokenAccountState.Initialized,
            is_native=TOKEN_ACCOUNT_RENT if native else None,
            delegated_amount=0,
            close_authority=None,
        )
        info = {
            "isNative": native,
            "mint": account.mint,
            "owner": account.owner,
            "state": "initialized",
            "tokenAmount": self.present_amount(account.mint, account.amount),
        }
        if native:
            info["rentExemptReserve"] = self.present_amount(account.mint, TOKEN_ACCOUNT_RENT)
        return Account(
            TOKEN_ACCOUNT_RENT + (account.amount if native else 0),
            str(programs.TOKEN),
            bytes(data),
            parsed=_parsed("account", info),
        )

    def _read(
        self, addresses: Sequence[str], of_tokens: Mapping[str, TokenAccount], changes: Amounts
    ) -> list[Account | None]:
        fixed = {address: self._fixed(address) for address in addresses if address not in of_tokens}
        amounts = in_wallets(address for address, found in fixed.items() if found is None)
        wallets = {
            address: _wallet(held.get(SOL.mint, 0) + changes.get((address, SOL.mint), 0))
            for address, held in amounts.items()
        }
        owned = {address: self._after(account, changes) for address, account in of_tokens.items()}
        found = fixed | wallets | owned
        return [found[address] for address in addresses]

    def _after(self, account: TokenAccount, changes: Amounts) -> Account:
        change = changes.get((account.owner, account.mint), 0)
        return self.token_account(replace(account, amount=account.amount + change))

    def _fixed(self, address: str) -> Account | None:
        """A program or a mint, which no transaction changes; None for other accounts."""
        if address in PROGRAMS:
            return Account(1, PROGRAMS[address], b"", executable=True)
        token = self.token(address)
        return None if token is None else _mint(token)


def _wallet(lamports: int) -> Account | None:
    return Account(lamports, str(programs.SYSTEM), b"") if lamports else None


def _mint(token: Token) -> Account:
    supply = SUPPLY_TOKENS * 10**token.decimals
    wire = bytes(Mint(None, supply, decimals=token.decimals, is_initialized=True))
    info = {
        "decimals": token.decimals,
        "freezeAuthority": None,
        "isInitialized": True,
        "mintAuthority": None,
        "supply": str(supply),
    }
    return Account(MINT_RENT, str(programs.TOKEN), wire, parsed=_parsed("mint", info))


def _parsed(kind: str, info: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "info": info}
