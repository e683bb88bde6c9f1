"""`/trigger/v1`: limit orders, which rest here until the service executes them at their price."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Response, request
from solders.instruction import Instruction
from solders.message import to_bytes_versioned
from solders.pubkey import Pubkey

from orders.api.context import components, solana
from orders.api.requests import answer
from orders.api.scenarios import hold_back
from orders.solana import limit_order_book, limit_orders
from orders.solana.jupiter import executions, fees, reading, request_ids, trigger_orders
from orders.solana.jupiter.errors import NOT_SUPPORTED, JupiterError
from orders.solana.jupiter.executions import Outcome
from orders.solana.jupiter.reading import Fields
from orders.solana.jupiter.trigger_orders import PAGE_SIZE
from orders.solana.limit_order_book import Wanted
from orders.solana.limit_orders import CancelTerms, LimitTerms
from orders.solana.signed_transaction import Refused
from orders.solana.transactions import build, compute_budget

DEFAULT_SLIPPAGE_BPS = 100
"""Slippage of a fill against its quote; the limit price holds in any case."""
MAX_EXPIRY = 2**53
MOST_CANCELLED = 20
"""Orders that one transaction can cancel: as many as fit into a packet."""
MAX_PAGE = 10**6
UNIT_PRICE = "computeUnitPrice"


def create_order() -> Response:
    """A transaction that places a limit order, for its maker to sign."""
    body = reading.read_body()
    terms = _terms(body)
    built = _built(body, terms.maker, [limit_orders.place(terms)])
    return answer({"order": str(terms.order), **built})


def cancel_order() -> Response:
    """A transaction that cancels an order, for its maker to sign."""
    body = reading.read_body()
    maker = reading.address(body, "maker")
    terms = CancelTerms(maker, reading.address(body, "order"))
    _check_active(terms)
    return answer(_built(body, maker, [limit_orders.cancel(terms)]))


def cancel_orders() -> Response:
    """A transaction that cancels several orders, or the newest active ones."""
    body = reading.read_body()
    maker = reading.address(body, "maker")
    cancelled = [CancelTerms(maker, order) for order in _to_cancel(body, maker)]
    for terms in cancelled:
        _check_active(terms)
    built = _built(body, maker, [limit_orders.cancel(terms) for terms in cancelled])
    return answer({"transactions": [built.pop("transaction")], **built})


def execute() -> Response:
    """Executes what the maker signed."""
    body = reading.read_body()
    outcome = _execute(body.get("signedTransaction"), body.get("requestId"))
    return answer(outcome.present(), outcome.http_status)


def list_orders() -> Response:
    """A wallet's orders: those that rest, or those that have ended."""
    registry = components().registry
    wanted = trigger_orders.wanted(request.args, registry)
    page = reading.whole(request.args, "page", least=1, most=MAX_PAGE, default=1)
    found = limit_order_book.listed(wanted, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return answer(
        {
            "user": wanted.maker,
            "orderStatus": "active" if wanted.active else "history",
            "orders": [trigger_orders.present(each, registry) for each in found],
            "totalPages": -(-limit_order_book.count(wanted) // PAGE_SIZE),
            "page": page,
        }
    )


def _terms(body: Fields) -> LimitTerms:
    maker = reading.address(body, "maker")
    if reading.address(body, "payer") != maker:
        raise JupiterError("`payer` must be the maker: one wallet signs", NOT_SUPPORTED)
    params = body.get("params")
    if not isinstance(params, dict):
        raise JupiterError("missing field `params`")
    reading.refuse_unsupported(body, ("feeAccount",))
    reading.refuse_unsupported(params, ("feeBps",))
    mints = [reading.address(body, name) for name in ("inputMint", "outputMint")]
    for mint in mints:
        reading.token(components().registry, str(mint))
    if mints[0] == mints[1]:
        raise JupiterError("Input and output mints are not allowed to be equal")
    slippage_bps = reading.whole(params, "slippageBps", least=0, most=10_000, default=0)
    return LimitTerms(
        maker=maker,
        order=limit_orders.new_address(),
        mint_in=mints[0],
        mint_out=mints[1],
        making_amount=reading.amount(params, "makingAmount"),
        taking_amount=reading.amount(params, "takingAmount"),
        expires_at=_expiry(params),
        slippage_bps=slippage_bps or DEFAULT_SLIPPAGE_BPS,
    )


def _expiry(params: Fields) -> int:
    """The expiry in Unix seconds; without one it is the latest that an order may have."""
    now = components().clock.now()
    latest = now + timedelta(seconds=components().settings.resting_max_ttl_s)
    if params.get("expiredAt") is None:
        return int(latest.timestamp())
    expires_at = reading.whole(params, "expiredAt", least=0, most=MAX_EXPIRY)
    if not now.timestamp() < expires_at <= latest.timestamp():
        raise JupiterError(f"`expiredAt` must lie ahead, by {latest - now} at the most")
    return expires_at


def _to_cancel(body: Fields, maker: Pubkey) -> list[Pubkey]:
    named = body.get("orders")
    if named is None:
        found = limit_order_book.listed(Wanted(str(maker), active=True), limit=MOST_CANCELLED)
        named = [each.address for each in found]
    if not isinstance(named, list) or not 0 < len(named) <= MOST_CANCELLED:
        raise JupiterError(f"Name 1 to {MOST_CANCELLED} orders")
    return [reading.address({"orders": each}, "orders") for each in named]


def _check_active(terms: CancelTerms) -> None:
    found = limit_order_book.find(str(terms.order))
    if found is None or found[0] != str(terms.maker):
        raise JupiterError("no matching order found", "ORDER_NOT_FOUND", 404)


def _built(body: Fields, maker: Pubkey, instructions: Sequence[Instruction]) -> dict[str, Any]:
    budget = compute_budget(fees.unit_price(body, UNIT_PRICE))
    blockhash = components().chain.latest_blockhash()
    transaction = build(maker, [*budget, *instructions], blockhash.value)
    message = to_bytes_versioned(transaction.message)
    secret, height = components().settings.secret_key, blockhash.last_valid_block_height
    return {
        "requestId": request_ids.issue(secret, message, height),
        "transaction": base64.b64encode(bytes(transaction)).decode(),
    }


def _execute(signed: object, request_id: object) -> Outcome:
    transaction = executions.promised(signed, request_id, components().settings.secret_key)
    if isinstance(transaction, Outcome):
        return transaction
    try:
        sent = solana().node.send(transaction)
    except Refused as refusal:
        return executions.refused(transaction.signature, refusal.error)
    hold_back(sent.scenario)
    return Outcome(0, signature=sent.signature, slot=solana().clock.slot())
