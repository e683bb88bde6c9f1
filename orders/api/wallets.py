"""Wallets that clients bring: paper money for them, and their balances."""

from __future__ import annotations

from flask import Response
from flask_smorest import Blueprint

from orders.accounts.balances import present_balance
from orders.api.account_schemas import FaucetRequest
from orders.api.answers import Answer, nested, number, text
from orders.api.context import components, solana
from orders.api.endpoints import endpoint
from orders.api.requests import answer, read_body
from orders.domain.errors import ValidationFailed
from orders.market.tokens import is_mint_address
from orders.storage.wallets import read_balances

wallets = Blueprint(
    "wallets", __name__, url_prefix="/api/wallets", description="Wallets that sign for themselves."
)

FAUCET_REQUEST = FaucetRequest()
PROBLEMS = ("validation_failed", "store_unavailable")


class WalletBalance(Answer):
    """A wallet's balance of one token."""

    token = text()
    mint = text()
    total = number()
    held = number("What its orders hold.")
    available = number()


class WalletAnswer(Answer):
    """A wallet's balances."""

    wallet = text()
    balances = nested(WalletBalance, many=True)


class FaucetAnswer(WalletAnswer):
    """A wallet's balances after the faucet gave."""

    signature = text("Of the transaction that gave.")


@endpoint(wallets, "GET", "/<address>/balances", {200: WalletAnswer}, problems=PROBLEMS)
def balances(address: str) -> Response:
    """Read what a wallet has."""
    return answer(_present(valid_address(address)))


@endpoint(
    wallets,
    "POST",
    "/<address>/faucet",
    {200: FaucetAnswer},
    body=FaucetRequest,
    problems=(
        "unknown_token",
        "pool_not_found",
        "faucet_off",
        "faucet_limit",
        "rate_limited",
        "clock_skewed",
        *PROBLEMS,
    ),
    example={"token": "USDC", "amount": 1000},
)
def faucet(address: str) -> Response:
    """Give a wallet paper money."""
    wallet, fields = valid_address(address), read_body(FAUCET_REQUEST)
    token = components().registry.resolve(fields["token"], "token")
    try:
        units = token.to_base(fields["amount"])
    except ValueError as error:
        raise ValidationFailed({"amount": [f"{error}."]}) from None
    signature = solana().faucet.give(wallet, token, units)
    return answer({**_present(wallet), "signature": signature})


def valid_address(address: str) -> str:
    """The address of a path. Raises `ValidationFailed`."""
    if not is_mint_address(address):
        raise ValidationFailed({"address": ["Must be a Solana address: 32 bytes in base58."]})
    return address


def _present(wallet: str) -> dict[str, object]:
    registry = components().registry
    return {
        "wallet": wallet,
        "balances": [present_balance(each, registry) for each in read_balances(wallet)],
    }
