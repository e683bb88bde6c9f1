"""Paper money for wallets that clients bring."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

import base58

from orders.accounts.funding import Funding
from orders.market.tokens import SOL, Token
from orders.solana import token_accounts
from orders.solana.ledger_clock import LedgerClock
from orders.storage.database import connection, database

STORE = """
WITH stored AS (
    INSERT INTO chain.transfers (signature, signer, slot, landed_at)
    VALUES (%(signature)s, %(wallet)s, %(slot)s, %(now)s)
)
INSERT INTO chain.account_transactions (account, at, signature)
VALUES (%(account)s, %(now)s, %(signature)s)
"""
SIGNATURE_BYTES = 64


class WalletFaucet:
    """Gives within the limits of an account's faucet, counted per wallet."""

    def __init__(self, funding: Funding, clock: LedgerClock, now: Callable[[], datetime]) -> None:
        self._funding = funding
        self._clock = clock
        self._now = now

    def give(self, wallet: str, token: Token, units: int) -> str:
        """Adds base units of a token; returns the transaction's signature.

        Raises `FaucetLimit`, `PoolNotFound` for a token without a price, `StoreUnavailable`.
        """
        signature = base58.b58encode(os.urandom(SIGNATURE_BYTES)).decode()
        with connection(), database.atomic():
            self._funding.give_to_wallet(wallet, token, units)
            if token.mint != SOL.mint:
                token_accounts.remember([(wallet, token.mint)])
            row = {
                "signature": signature,
                "wallet": wallet,
                "account": base58.b58decode(wallet),
                "slot": self._clock.slot(),
                "now": self._now(),
            }
            database.execute_sql(STORE, row)
        return signature
