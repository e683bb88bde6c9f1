"""What a wallet has in the eyes of the chain.

What a resting limit order will spend has left the wallet, as on mainnet; what a swap will spend,
and pay beside it, is there until it lands.
"""

from __future__ import annotations

from collections.abc import Iterable

from orders.storage.database import connection, database

IN_WALLETS = """
SELECT wallet, mint, total - held + CASE WHEN held > 0 THEN coalesce((
    SELECT sum(part.amount)
    FROM orders CROSS JOIN LATERAL (
        SELECT hold AS amount WHERE token_in = balances.mint
        UNION ALL
        SELECT -payment.amount FROM jsonb_to_recordset(signed_transaction -> 'payments')
            AS payment (wallet text, mint text, amount numeric)
        WHERE payment.wallet = balances.wallet AND payment.mint = balances.mint) AS part
    WHERE in_flight AND orders.wallet = balances.wallet
        AND signed_transaction IS NOT NULL), 0) ELSE 0 END
FROM balances WHERE wallet = ANY(%s)
"""


def in_wallet(wallet: str) -> dict[str, int]:
    """Base units by mint. Raises `StoreUnavailable`."""
    return in_wallets([wallet])[wallet]


def in_wallets(wallets: Iterable[str]) -> dict[str, dict[str, int]]:
    """Base units by mint of each wallet, read at once. Raises `StoreUnavailable`."""
    found: dict[str, dict[str, int]] = {wallet: {} for wallet in wallets}
    if found:
        with connection():
            rows = database.execute_sql(IN_WALLETS, (list(found),)).fetchall()
        for wallet, mint, amount in rows:
            found[wallet][mint] = int(amount)
    return found
