"""Airdrops: SOL on request, as on a test network."""

from __future__ import annotations

from orders.domain.errors import FaucetLimit, FaucetOff
from orders.market.tokens import SOL
from orders.solana.faucet import WalletFaucet
from orders.solana.rpc.dispatch import Method
from orders.solana.rpc.errors import INTERNAL_ERROR, RpcError, invalid_params
from orders.solana.rpc.params import Params

MAX_LAMPORTS = 10**15
"""A million SOL: the most that `FAUCET_LIMIT_USD` could ever allow."""


class Airdrop:
    """The method that gives SOL."""

    def __init__(self, faucet: WalletFaucet) -> None:
        self._faucet = faucet

    def methods(self) -> dict[str, Method]:
        """The method by name."""
        return {"requestAirdrop": self.request}

    def request(self, params: Params) -> str:
        """Gives lamports to a wallet; returns the transaction's signature."""
        wallet, lamports = str(params.address(0)), params.whole(1, most=MAX_LAMPORTS)
        if lamports == 0:
            raise invalid_params("Invalid params: ask for some lamports.")
        try:
            return self._faucet.give(wallet, SOL, lamports)
        except (FaucetLimit, FaucetOff) as error:
            raise RpcError(INTERNAL_ERROR, f"airdrop request failed: {error}") from None
