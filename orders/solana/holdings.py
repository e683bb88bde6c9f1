"""What a wallet has in the eyes of the chain.

What a resting limit order will spend has left the wallet, as on mainnet; what a swap will spend is
there until it lands.
"""

from __future__ import annotations

from orders.storage.database import connection, database

IN_WALLET = """
SELECT mint, total - held + CASE WHEN held > 0 THEN coalesce((
    SELECT sum(hold) FROM orders
    WHERE in_flight AND wallet = balances.wallet AND token_in = mint
        AND signed_transaction IS NOT NULL), 0) ELSE 0 END
FROM balances WHERE wallet = %s
"""


def in_wallet(wallet: str) -> dict[str, int]:
    """Base units by mint. Raises `StoreUnavailable`."""
    with connection():
        rows = database.execute_sql(IN_WALLET, (wallet,)).fetchall()
    return {mint: int(amount) for mint, amount in rows}
