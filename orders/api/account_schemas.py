"""Schemas of requests and answers about an account's money."""

from __future__ import annotations

from marshmallow import fields

from orders.accounts.paper_balances import MAX_BALANCE
from orders.api.answers import Answer, identifier, moment, nested, number, text, whole
from orders.api.fields import ExactDecimal, OneOf, Text, WholeNumber
from orders.api.market_schemas import INTERVALS_S
from orders.api.requests import RequestSchema
from orders.api.swap_fields import NONE, amount, token

MAX_PAGE, DEFAULT_PAGE = 100, 50
MAX_POINTS, DEFAULT_POINTS = 500, 100


class FaucetRequest(RequestSchema):
    """The tokens to ask the faucet for."""

    token = token(required=True)
    amount = amount(required=True, metadata={"examples": ["10"]})


class ResetRequest(RequestSchema):
    """The balances to start over with; without `balances`, those of a new account."""

    balances = fields.Dict(
        keys=Text(most=44),
        values=ExactDecimal(least=NONE, most=MAX_BALANCE),
        metadata={
            "description": "Token (symbol or mint) -> amount; those left out are set to 0.",
            "examples": [{"SOL": 10, "USDC": 2500}],
        },
    )


class PageQuery(RequestSchema):
    """One page of a list, newest first."""

    limit = WholeNumber(least=1, most=MAX_PAGE, text=True, load_default=DEFAULT_PAGE)
    cursor = Text(most=100, metadata={"description": "`nextCursor` of the page before."})


class EquityQuery(RequestSchema):
    """The points of the equity curve to return."""

    interval = OneOf(tuple(INTERVALS_S), load_default="1m")
    limit = WholeNumber(
        least=1,
        most=MAX_POINTS,
        text=True,
        load_default=DEFAULT_POINTS,
        metadata={"description": "Most points; the newest are given."},
    )


class AccountAnswer(Answer):
    """An account and its equity."""

    id = identifier()
    email = text()
    wallet = text("A Solana address; the service itself moves what it has.")
    equity_usd = number("What all balances are worth now.")
    change24h_usd = number("Profit or loss of the last 24 hours; deposits do not count.")
    change24h_percent = number("The same in percent of what was there.", nullable=True)
    epoch = whole("Counts from 1; a reset begins the next one.")
    epoch_began_at = moment()
    sequence = whole("Number of the wallet's last change; see `subscribe_account`.")
    created_at = moment()


class BalanceAnswer(Answer):
    """A wallet's balance of one token."""

    token = text()
    mint = text()
    total = number()
    held = number("Spent by orders that have not ended.")
    available = number("total - held.")
    value_usd = number("USD value of `total` now.")
    share = number("What fraction of the equity this balance is.")


class BalancesAnswer(Answer):
    """All balances of the account."""

    wallet = text()
    sequence = whole("Number of the change that left them.")
    equity_usd = number()
    balances = nested(BalanceAnswer, many=True)


class PositionAnswer(Answer):
    """The account's position in one token: quantity, cost and profit."""

    token = text()
    mint = text()
    quantity = number()
    average_cost_usd = number(
        "What one token cost on average; null where none is left.", nullable=True
    )
    cost_basis_usd = number("What the quantity cost.")
    price_usd = number("USD per token now.")
    market_value_usd = number()
    unrealised_profit_usd = number("`marketValueUsd` less `costBasisUsd`.")
    realised_profit_usd = number("Profit or loss of what was sold since the epoch began.")


class PositionsAnswer(Answer):
    """The positions of this epoch, by average cost."""

    equity_usd = number()
    unrealised_profit_usd = number()
    realised_profit_usd = number()
    positions = nested(PositionAnswer, many=True)


class FillAnswer(Answer):
    """One order's swap."""

    order_id = identifier()
    token_in = text()
    token_out = text()
    amount_in = number()
    amount_out = number()
    executed_price = number("amountOut / amountIn.")
    value_usd = number("USD value of `amountOut` at the time of the fill.")
    dex = text()
    tx_hash = text(nullable=True)
    filled_at = moment()
    sequence = whole("Number of the wallet's change.")


class FillsAnswer(Answer):
    """One page of fills, newest first."""

    fills = nested(FillAnswer, many=True)
    next_cursor = text("For the next page; null on the last one.", nullable=True)


class EntryAnswer(Answer):
    """An amount that entered a wallet, or left it if negative."""

    wallet = text("An address, `faucet`, or `pool:` and a venue.")
    token = text()
    mint = text()
    amount = number()


class TransferAnswer(Answer):
    """One transfer; its entries sum to zero for each token."""

    transfer_id = identifier()
    kind = text(enum=["faucet", "swap", "reset", "transfer"])
    order_id = text("The order of a swap; null for other kinds.", nullable=True, format="uuid")
    at = moment()
    sequence = whole("Number of the wallet's change.")
    entries = nested(EntryAnswer, many=True)


class LedgerAnswer(Answer):
    """One page of transfers, newest first."""

    transfers = nested(TransferAnswer, many=True)
    next_cursor = text("For the next page; null on the last one.", nullable=True)


class EquityPointAnswer(Answer):
    """Equity at one time."""

    time = moment()
    equity_usd = number()


class EquityAnswer(Answer):
    """The equity curve of this epoch, oldest first; the last point is now."""

    interval = text()
    points = nested(EquityPointAnswer, many=True)
