"""The address of an account's wallet: a Solana address without a known private key."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from uuid import UUID

import base58


@lru_cache(maxsize=4096)
def account_wallet(account_id: UUID) -> str:
    """The account's wallet, 32 bytes in base58: a hash of the account's id, so that it need not be
    looked up.
    """
    return base58.b58encode(hashlib.sha256(b"wallet of " + account_id.bytes).digest()).decode()
