"""An account's money: balances, positions, fills, ledger, equity, faucet and reset."""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from orders.accounts.balances import present_balance
from orders.accounts.paper_balances import to_base_units
from orders.accounts.portfolio import EXACT, Position, total_usd, usd
from orders.api.account_schemas import (
    AccountAnswer,
    BalancesAnswer,
    EquityAnswer,
    EquityQuery,
    FaucetRequest,
    FillsAnswer,
    LedgerAnswer,
    PageQuery,
    PositionsAnswer,
    ResetRequest,
)
from orders.api.authentication import current_caller
from orders.api.context import accounts, components, portfolios
from orders.api.endpoints import BEARER, endpoint
from orders.api.market_schemas import INTERVALS_S
from orders.api.requests import answer, read_body, read_query
from orders.domain.errors import ValidationFailed
from orders.execution.price_comparison import executed_price
from orders.market.tokens import Token
from orders.storage.wallet_history import (
    Fill,
    LedgerTransfer,
    Place,
    read_fills,
    read_transfers,
)
from orders.storage.wallets import WalletState

account = Blueprint(
    "account", __name__, url_prefix="/api/account", description="An account's money."
)

FAUCET_REQUEST = FaucetRequest()
RESET_REQUEST = ResetRequest()
PAGE_QUERY = PageQuery()
EQUITY_QUERY = EquityQuery()

READ_PROBLEMS = ("unauthenticated", "store_unavailable")
LIST_PROBLEMS = ("validation_failed", *READ_PROBLEMS)
PERCENT = Decimal("0.01")
CURSOR = struct.Struct(">Q16s")


@endpoint(account, "GET", "", {200: AccountAnswer}, problems=READ_PROBLEMS, security=BEARER)
def read() -> Response:
    """Read the account: its equity, and its profit of the last day."""
    owner = accounts().find(current_caller(account=True))
    wallet = portfolios().wallet(owner.id)
    worth = portfolios().worth(wallet)
    percent = None
    if worth.base_usd > 0:
        ratio = EXACT.divide(EXACT.scaleb(worth.change_24h_usd, 2), worth.base_usd)
        percent = ratio.quantize(PERCENT)
    return answer(
        {
            "id": str(owner.id),
            "email": owner.email,
            "wallet": wallet.address,
            "equityUsd": usd(worth.equity_usd),
            "change24hUsd": usd(worth.change_24h_usd),
            "change24hPercent": percent,
            "epoch": wallet.epoch,
            "epochBeganAt": wallet.epoch_at,
            "sequence": wallet.sequence,
            "createdAt": owner.created_at,
        }
    )


@endpoint(
    account, "GET", "/balances", {200: BalancesAnswer}, problems=READ_PROBLEMS, security=BEARER
)
def balances() -> Response:
    """Read what the account has of each token, and how much of it orders hold."""
    return answer(_present_balances(_wallet()))


@endpoint(
    account, "GET", "/positions", {200: PositionsAnswer}, problems=READ_PROBLEMS, security=BEARER
)
def positions() -> Response:
    """Read the positions of this epoch with their cost and profit."""
    wallet = _wallet()
    presented = [
        _present_position(position)
        for _, position in sorted(portfolios().positions(wallet).items())
        if position.quantity or position.realised_usd
    ]
    return answer(
        {
            "equityUsd": usd(portfolios().equity(wallet, components().clock.now())),
            "unrealisedProfitUsd": total_usd(each["unrealisedProfitUsd"] for each in presented),
            "realisedProfitUsd": total_usd(each["realisedProfitUsd"] for each in presented),
            "positions": presented,
        }
    )


@endpoint(
    account,
    "GET",
    "/fills",
    {200: FillsAnswer},
    query=PageQuery,
    problems=LIST_PROBLEMS,
    security=BEARER,
)
def fills() -> Response:
    """List what the account's orders swapped, newest first."""
    query = read_query(PAGE_QUERY)
    limit = query["limit"]
    found = read_fills(_wallet().address, limit + 1, _read_place(query.get("cursor")))
    return answer(
        {
            "fills": [_present_fill(fill) for fill in found[:limit]],
            "nextCursor": _write_place(found[limit - 1].place) if len(found) > limit else None,
        }
    )


@endpoint(
    account,
    "GET",
    "/ledger",
    {200: LedgerAnswer},
    query=PageQuery,
    problems=LIST_PROBLEMS,
    security=BEARER,
)
def ledger() -> Response:
    """List every transfer of the account's wallet with all of its entries, newest first."""
    query = read_query(PAGE_QUERY)
    limit = query["limit"]
    found = read_transfers(_wallet().address, limit + 1, _read_place(query.get("cursor")))
    return answer(
        {
            "transfers": [_present_transfer(transfer) for transfer in found[:limit]],
            "nextCursor": _write_place(found[limit - 1].place) if len(found) > limit else None,
        }
    )


@endpoint(
    account,
    "GET",
    "/equity",
    {200: EquityAnswer},
    query=EquityQuery,
    problems=LIST_PROBLEMS,
    security=BEARER,
)
def equity() -> Response:
    """Read the equity curve of this epoch."""
    query = read_query(EQUITY_QUERY)
    interval = timedelta(seconds=INTERVALS_S[query["interval"]])
    points = portfolios().curve(_wallet(), interval, query["limit"])
    return answer(
        {
            "interval": query["interval"],
            "points": [{"time": time, "equityUsd": usd(value)} for time, value in points],
        }
    )


@endpoint(
    account,
    "POST",
    "/faucet",
    {200: BalancesAnswer},
    body=FaucetRequest,
    problems=(
        "unknown_token",
        "unauthenticated",
        "pool_not_found",
        "faucet_off",
        "faucet_limit",
        "rate_limited",
        "store_unavailable",
        "clock_skewed",
    ),
    security=BEARER,
    example={"token": "SOL", "amount": 10},
)
def faucet() -> Response:
    """Get paper money."""
    caller = current_caller(account=True)
    fields = read_body(FAUCET_REQUEST)
    token = components().registry.resolve(fields["token"], "token")
    try:
        units = token.to_base(fields["amount"])
    except ValueError as error:
        raise ValidationFailed({"amount": [f"{error}."]}) from None
    assert caller.account_id is not None
    components().funding.give(caller.account_id, token, units)
    return answer(_present_balances(_wallet()))


@endpoint(
    account,
    "POST",
    "/reset",
    {200: BalancesAnswer},
    body=ResetRequest,
    problems=(
        "unknown_token",
        "unauthenticated",
        "faucet_off",
        "rate_limited",
        "account_busy",
        "store_unavailable",
        "clock_skewed",
    ),
    security=BEARER,
    example={"balances": {"SOL": 10, "USDC": 2500}},
)
def reset() -> Response:
    """Start over: open orders are cancelled, those in flight awaited, balances set."""
    caller = current_caller(account=True)
    fields = read_body(RESET_REQUEST)
    target = None
    if "balances" in fields:
        target = to_base_units(fields["balances"].items(), components().registry)
    assert caller.account_id is not None
    components().funding.reset(caller.account_id, target)
    return answer(_present_balances(_wallet()))


def _wallet() -> WalletState:
    account_id = current_caller(account=True).account_id
    assert account_id is not None
    return portfolios().wallet(account_id)


def _present_balances(wallet: WalletState) -> dict[str, Any]:
    now, value_of = components().clock.now(), components().valuation.value_of
    total = portfolios().equity(wallet, now)
    presented = []
    for balance in wallet.balances:
        if not balance.total:
            continue
        value = value_of(balance.mint, balance.total, now)
        share = EXACT.divide(value, total).quantize(Decimal("0.000001")) if total else Decimal(0)
        presented.append(
            present_balance(balance, components().registry)
            | {"valueUsd": usd(value), "share": share}
        )
    return {
        "wallet": wallet.address,
        "sequence": wallet.sequence,
        "equityUsd": usd(total),
        "balances": presented,
    }


def _present_position(position: Position) -> dict[str, Any]:
    token = _token(position.mint)
    now, value_of = components().clock.now(), components().valuation.value_of
    quantity = token.from_base(position.quantity)
    cost, value = usd(position.cost_usd), usd(value_of(position.mint, position.quantity, now))
    average = usd(EXACT.divide(position.cost_usd, quantity)) if quantity else None
    return {
        "token": token.symbol,
        "mint": token.mint,
        "quantity": quantity,
        "averageCostUsd": average,
        "costBasisUsd": cost,
        "priceUsd": usd(value_of(position.mint, 10**token.decimals, now)),
        "marketValueUsd": value,
        "unrealisedProfitUsd": EXACT.subtract(value, cost),
        "realisedProfitUsd": usd(position.realised_usd),
    }


def _present_fill(fill: Fill) -> dict[str, Any]:
    token_in, token_out = _token(fill.mint_in), _token(fill.mint_out)
    amount_in, amount_out = token_in.from_base(fill.amount_in), token_out.from_base(fill.amount_out)
    value = components().valuation.value_of(fill.mint_out, fill.amount_out, fill.at)
    return {
        "orderId": str(fill.order_id),
        "tokenIn": token_in.symbol,
        "tokenOut": token_out.symbol,
        "amountIn": amount_in,
        "amountOut": amount_out,
        "executedPrice": executed_price(amount_in, amount_out),
        "valueUsd": usd(value),
        "dex": fill.pool.removeprefix("pool:"),
        "txHash": fill.tx_hash,
        "filledAt": fill.at,
        "sequence": fill.sequence,
    }


def _present_transfer(transfer: LedgerTransfer) -> dict[str, Any]:
    return {
        "transferId": str(transfer.transfer_id),
        "kind": transfer.kind,
        "orderId": str(transfer.transfer_id) if transfer.kind == "swap" else None,
        "at": transfer.at,
        "sequence": transfer.sequence,
        "entries": [
            {
                "wallet": wallet,
                "token": _token(mint).symbol,
                "mint": mint,
                "amount": _token(mint).from_base(units),
            }
            for wallet, mint, units in transfer.entries
        ],
    }


def _token(mint: str) -> Token:
    return components().valuation.token(mint)


def _write_place(place: Place) -> str:
    sequence, transfer_id = place
    return base64.urlsafe_b64encode(CURSOR.pack(sequence, transfer_id.bytes)).decode()


def _read_place(text: str | None) -> Place | None:
    if text is None:
        return None
    try:
        sequence, raw = CURSOR.unpack(base64.b64decode(text, altchars=b"-_", validate=True))
    except (binascii.Error, struct.error, ValueError):
        raise ValidationFailed({"cursor": ["Is not one that this service gave out."]}) from None
    return min(sequence, 2**63 - 1), UUID(bytes=raw)
