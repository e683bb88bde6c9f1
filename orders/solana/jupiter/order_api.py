"""`/swap/v2` and `/ultra/v1`: orders are quoted and built, signed by their taker, executed."""

from __future__ import annotations

import base64
import time
from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask import Response, request
from solders.message import to_bytes_versioned
from solders.pubkey import Pubkey

from orders.api.context import components, solana
from orders.api.requests import answer
from orders.api.scenarios import hold_back
from orders.domain.errors import EngineError
from orders.market.errors import PoolNotFound
from orders.market.tokens import SOL, Token
from orders.market.venue import Quote
from orders.solana import token_accounts
from orders.solana.holdings import in_wallet
from orders.solana.jupiter import executions, fees, reading, request_ids
from orders.solana.jupiter.errors import NO_ROUTE, JupiterError
from orders.solana.jupiter.executions import Outcome
from orders.solana.jupiter.quotes import PricedSwap, QuoteRequest, price
from orders.solana.jupiter.scenarios import promise, requested_scenario
from orders.solana.programs import TOKEN, SwapTerms
from orders.solana.token_accounts import TokenAccount
from orders.solana.transactions import Fees, build, swap_instructions
from orders.storage.wallets import read_balances

INSUFFICIENT_FUNDS, INSUFFICIENT_SOL = 1, 2
NO_FEE = {
    "signatureFeeLamports": 0,
    "signatureFeePayer": None,
    "rentFeeLamports": 0,
    "rentFeePayer": None,
    "feeBps": 0,
}
"""This chain charges nothing."""
ROUTER = "metis"
REFERRAL = ("referralAccount", "referralFee")
MANUAL = (
    "slippageBps",
    "priorityFeeLamports",
    "jitoTipLamports",
    "broadcastFeeType",
    "excludeRouters",
    "excludeDexes",
)
"""Options that make the `mode` manual."""


def order() -> Response:
    """A quote, and for a taker who has the funds the transaction to sign."""
    started = time.perf_counter()
    scenario = requested_scenario()
    asked = QuoteRequest.read(request.args, components().registry)
    taker = reading.address(request.args, "taker") if request.args.get("taker") else None
    offered = _options(taker)
    priced = price(asked, components().price_comparer)
    body = _quoted(priced) | _fees(offered, taker)
    body |= {"taker": None if taker is None else str(taker), "mode": _mode()}
    body |= _unsigned() if taker is None else _signable(priced, taker, offered, scenario)
    hold_back(scenario)
    return answer(body | {"totalTime": round((time.perf_counter() - started) * 1000)})


def ultra_order() -> Response:
    """The same as `/swap/v2/order`, under its older address."""
    return order()


def execute() -> Response:
    """Executes a signed order and waits for its end. Repeated, it answers the same."""
    body = reading.read_body()
    outcome = _execute(body.get("signedTransaction"), body.get("requestId"))
    return answer(outcome.present(), outcome.http_status)


def ultra_execute() -> Response:
    """The same as `/swap/v2/execute`, under its older address."""
    return execute()


def holdings(address: str) -> Response:
    """A wallet's SOL, and its token accounts by mint."""
    owner = reading.address({"address": address}, "address")
    tokens: dict[str, list[dict[str, Any]]] = {}
    for account in token_accounts.of_owner(owner):
        tokens.setdefault(account.mint, []).append(_holding(account))
    return answer({**_amount(SOL.mint, _lamports(owner)), "tokens": tokens})


def balances(address: str) -> Response:
    """A wallet's balances by mint; SOL under its symbol."""
    owner = reading.address({"address": address}, "address")
    slot = solana().clock.slot()
    found = {"SOL": _amount(SOL.mint, _lamports(owner))}
    found |= {each.mint: _amount(each.mint, each.amount) for each in token_accounts.of_owner(owner)}
    return answer(
        {name: {**amount, "slot": slot, "isFrozen": False} for name, amount in found.items()}
    )


def _execute(signed: object, request_id: object) -> Outcome:
    transaction = executions.promised(signed, request_id, components().settings.secret_key)
    if isinstance(transaction, Outcome):
        return transaction
    return executions.run(transaction, solana(), components())


def _options(taker: Pubkey | None) -> Fees:
    """Refuses what cannot be done here; returns the fees that the call asks for."""
    reading.refuse_unsupported(request.args, REFERRAL)
    reading.refuse_others(request.args, ("receiver", "payer"), taker)
    excluded = request.args.get("excludeRouters", "").lower().split(",")
    if ROUTER in [name.strip() for name in excluded]:
        raise JupiterError("Could not find any route: metis is the only router here", NO_ROUTE)
    return fees.of_order(request.args)


def _mode() -> str:
    return "manual" if any(request.args.get(name) for name in MANUAL) else "ultra"


def _fees(offered: Fees, taker: Pubkey | None) -> dict[str, Any]:
    payer = str(taker) if taker is not None and offered.lamports else None
    return {"prioritizationFeeLamports": offered.lamports, "prioritizationFeePayer": payer}


def _quoted(priced: PricedSwap) -> dict[str, Any]:
    quote = priced.quote
    return priced.present() | {
        "swapType": "aggregator",
        "router": ROUTER,
        "priceImpact": quote.price_impact * 100,
        "inUsdValue": _usd(quote.token_in, quote.amount_in),
        "outUsdValue": _usd(quote.token_out, quote.amount_out),
        "platformFee": {"amount": "0", "feeBps": 0, "feeMint": quote.token_out.mint},
        "feeMint": quote.token_out.mint,
        "gasless": False,
        **NO_FEE,
    }


def _unsigned() -> dict[str, Any]:
    return {"requestId": str(uuid4()), "transaction": None}


def _short_of_funds(quote: Quote, taker: Pubkey, tip: int) -> dict[str, Any] | None:
    """Why the taker cannot pay for the swap and its tip; None if it can."""
    available = {each.mint: each.available for each in read_balances(str(taker))}
    if available.get(quote.token_in.mint, 0) < quote.amount_in:
        return _refused(INSUFFICIENT_FUNDS, "Insufficient funds")
    needed = tip + (quote.amount_in if quote.token_in.mint == SOL.mint else 0)
    missing = needed - available.get(SOL.mint, 0)
    if missing > 0:
        return _refused(INSUFFICIENT_SOL, f"Top up `{SOL.from_base(missing):f}` SOL for gas")
    return None


def _refused(code: int, message: str) -> dict[str, Any]:
    return {"errorCode": code, "errorMessage": message, "error": message}


def _signable(
    priced: PricedSwap, taker: Pubkey, offered: Fees, scenario: str | None
) -> dict[str, Any]:
    quote = priced.quote
    refused = _short_of_funds(quote, taker, offered.tip_lamports)
    if refused is not None:
        return _unsigned() | refused | {"transaction": ""}
    terms = SwapTerms(
        user=taker,
        mint_in=Pubkey.from_string(quote.token_in.mint),
        mint_out=Pubkey.from_string(quote.token_out.mint),
        venue=quote.dex,
        amount_in=quote.amount_in,
        min_amount_out=priced.min_amount_out,
        slippage_bps=priced.slippage_bps,
    )
    blockhash = components().chain.latest_blockhash()
    transaction = build(taker, swap_instructions(terms, fees=offered).in_order(), blockhash.value)
    message = to_bytes_versioned(transaction.message)
    promise(scenario, message, blockhash)
    height = blockhash.last_valid_block_height
    secret = components().settings.secret_key
    return {
        "requestId": request_ids.issue(secret, message, height),
        "transaction": base64.b64encode(bytes(transaction)).decode(),
        "lastValidBlockHeight": str(height),
    }


def _usd(token: Token, units: int) -> Decimal | None:
    try:
        usd = components().market.price_usd(token) * token.from_base(units)
    except (PoolNotFound, EngineError):
        return None
    return usd.quantize(Decimal("0.000001"))


def _lamports(owner: Pubkey) -> int:
    return in_wallet(str(owner)).get(SOL.mint, 0)


def _holding(account: TokenAccount) -> dict[str, Any]:
    amount = solana().reader.present_amount(account.mint, account.amount)
    return {
        "account": account.address,
        **amount,
        "isFrozen": False,
        "isAssociatedTokenAccount": True,
        "programId": str(TOKEN),
    }


def _amount(mint: str, units: int) -> dict[str, Any]:
    amount = solana().reader.present_amount(mint, units)
    del amount["decimals"]
    return amount
