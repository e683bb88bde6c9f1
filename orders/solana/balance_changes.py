"""The balances that a landed transaction found, and those that it left, read from the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from orders.solana import token_accounts
from orders.solana.history import Landed
from orders.solana.signed_transaction import SignedTransaction
from orders.storage.database import connection, database

BALANCES = """
WITH this AS MATERIALIZED (
    SELECT %(order)s::uuid AS transfer_id
    UNION
    SELECT (signed_transaction ->> 'payments_id')::uuid FROM orders WHERE id = %(order)s
    UNION
    SELECT transfer_id FROM chain.transfers JOIN ledger_entries
        ON wallet = signer AND sequence = wallet_sequence
    WHERE signature = %(signature)s
), moved AS MATERIALIZED (
    SELECT wallet, mint, amount, sequence FROM this JOIN ledger_entries USING (transfer_id)
    WHERE wallet = ANY(%(wallets)s) AND sequence IS NOT NULL
), moment AS MATERIALIZED (
    SELECT wallet, coalesce(
        (SELECT max(sequence) FROM moved WHERE moved.wallet = asked.wallet),
        (SELECT sequence FROM ledger_entries AS entry JOIN transfers ON id = transfer_id
        WHERE entry.wallet = asked.wallet AND sequence IS NOT NULL AND at <= %(at)s
        ORDER BY sequence DESC LIMIT 1), 0) AS sequence
    FROM unnest(%(wallets)s::text[]) AS asked (wallet)
), later AS MATERIALIZED (
    SELECT moment.wallet, entry.mint, entry.amount
    FROM moment CROSS JOIN LATERAL (
        SELECT mint, sum(amount) AS amount FROM ledger_entries
        WHERE wallet = moment.wallet AND sequence > moment.sequence
        GROUP BY mint) AS entry
)
SELECT wallet, mint, total - coalesce(later.amount, 0), coalesce(change.amount, 0)
FROM moment JOIN balances USING (wallet)
LEFT JOIN later USING (wallet, mint)
LEFT JOIN (SELECT wallet, mint, sum(amount) AS amount FROM moved GROUP BY wallet, mint) AS change
    USING (wallet, mint)
"""
"""Counted back from the present balances, wallet by wallet, so that a recent transaction is cheap.
What a wallet had when it did not take part, such as at a swap that failed, is found by time.

The transfer of an order has the order's id, and what it pays beside the swap is a transfer that the
order names; any other is found by its number among the changes of its signer.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """Base units before and after."""

    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Balances by wallet and mint, and owner and mint of the token accounts named."""

    balances: Mapping[tuple[str, str], Change]
    owners: Mapping[str, tuple[str, str]]

    def of(self, wallet: str, mint: str) -> Change:
        """A wallet's balance of one token."""
        return self.balances.get((wallet, mint), Change(0, 0))


def read(found: Landed, transaction: SignedTransaction) -> Changes:
    """The balances of all wallets that the transaction names, by themselves or by a token account.

    Raises `StoreUnavailable`.
    """
    keys = [str(key) for key in transaction.message.account_keys]
    owners = token_accounts.owners(keys)
    wallets = {*keys, *(owner for owner, _ in owners.values())}
    return Changes(_read(found, wallets), owners)


def _read(found: Landed, wallets: Collection[str]) -> dict[tuple[str, str], Change]:
    arguments = {
        "order": found.order_id,
        "signature": found.signature,
        "wallets": sorted(wallets),
        "at": found.at,
    }
    with connection():
        rows = database.execute_sql(BALANCES, arguments).fetchall()
    return {
        (wallet, mint): Change(int(after) - int(change), int(after))
        for wallet, mint, after, change in rows
    }
