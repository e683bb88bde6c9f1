"""The existing token accounts. Their addresses are hashes, so they are stored to be found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from solders.pubkey import Pubkey

from orders.solana.holdings import in_wallet, in_wallets
from orders.solana.programs import WRAPPED_SOL, token_account
from orders.storage.database import connection, database

REMEMBER = """
INSERT INTO chain.token_accounts (address, owner, mint)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) AS row (address, owner, mint)
ORDER BY address
ON CONFLICT (address) DO NOTHING
"""
FIND = "SELECT address, owner, mint FROM chain.token_accounts WHERE address = ANY(%s)"
OF_OWNER = "SELECT mint FROM chain.token_accounts WHERE owner = %s"
FORGET = "DELETE FROM chain.token_accounts WHERE address = %s"


@dataclass(frozen=True, slots=True)
class TokenAccount:
    """The associated token account of a wallet, with its base units.

    A wallet's SOL is one balance, wrapped or not: the account for wrapped SOL shows all of it.
    """

    address: str
    owner: str
    mint: str
    amount: int


def remember(owned: Iterable[tuple[str, str]]) -> None:
    """Stores the accounts of these owners and mints. Raises `StoreUnavailable`."""
    rows = [
        (str(token_account(Pubkey.from_string(owner), Pubkey.from_string(mint))), owner, mint)
        for owner, mint in owned
    ]
    if rows:
        with connection():
            database.execute_sql(
                REMEMBER, tuple(list(column) for column in zip(*rows, strict=True))
            )


def forget(address: str) -> None:
    """Removes the account. Raises `StoreUnavailable`."""
    with connection():
        database.execute_sql(FORGET, (address,))


def owners(addresses: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Owner and mint of those addresses that are token accounts. Raises `StoreUnavailable`."""
    with connection():
        rows = database.execute_sql(FIND, (list(addresses),)).fetchall()
    return {address: (owner, mint) for address, owner, mint in rows}


def find(addresses: Iterable[str]) -> dict[str, TokenAccount]:
    """The token accounts among these addresses. Raises `StoreUnavailable`."""
    found = owners(addresses)
    amounts = in_wallets(owner for owner, _ in found.values())
    return {
        address: TokenAccount(address, owner, mint, amounts[owner].get(mint, 0))
        for address, (owner, mint) in found.items()
    }


def made(owner: str, mint: str) -> TokenAccount:
    """The token account of an owner for a mint, whether or not it exists."""
    address = token_account(Pubkey.from_string(owner), Pubkey.from_string(mint))
    return TokenAccount(str(address), owner, mint, in_wallet(owner).get(mint, 0))


def of_owner(owner: Pubkey, *, with_sol: bool = False) -> list[TokenAccount]:
    """The token accounts of a wallet, by mint. Raises `StoreUnavailable`.

    The account for wrapped SOL, which shows what is the wallet's SOL already, is left out by
    default.
    """
    name = str(owner)
    amounts = in_wallet(name)
    with connection():
        known = {row[0] for row in database.execute_sql(OF_OWNER, (name,)).fetchall()}
    held = {mint for mint, amount in amounts.items() if amount and mint != str(WRAPPED_SOL)}
    # What the wallet received without a transaction of its own.
    remember((name, mint) for mint in held - known)
    return [
        TokenAccount(
            str(token_account(owner, Pubkey.from_string(mint))), name, mint, amounts.get(mint, 0)
        )
        for mint in sorted(known | held)
        if with_sol or mint != str(WRAPPED_SOL)
    ]
