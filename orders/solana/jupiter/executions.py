"""Executing a signed order: hands it to the node, waits for its end, answers in Jupiter's form."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from solders.message import to_bytes_versioned

from orders.api.scenarios import hold_back
from orders.domain.lifecycle import Status
from orders.execution.price_comparison import limit_floor
from orders.market.tokens import Token, TokenRegistry
from orders.solana import history
from orders.solana.execution import SLIPPAGE_EXCEEDED
from orders.solana.jupiter import request_ids
from orders.solana.signed_transaction import Refused, SignedTransaction, Undecodable
from orders.solana.simulation import describe
from orders.solana.wiring import Solana
from orders.storage.database import connection
from orders.storage.models import Order
from orders.wiring import Components

POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an order ended, or why it was not started."""

    code: int
    error: str | None = None
    http_status: int = 200
    signature: str | None = None
    slot: int | None = None
    amounts: dict[str, Any] = field(default_factory=dict)

    def present(self) -> dict[str, Any]:
        """The answer of `/execute`, without what there is not."""
        body: dict[str, Any] = {
            "status": "Success" if self.code == 0 else "Failed",
            "code": self.code,
            "signature": self.signature,
            "slot": None if self.slot is None else str(self.slot),
            "error": self.error,
            **self.amounts,
        }
        return {name: value for name, value in body.items() if value is not None}


UNKNOWN_REQUEST = Outcome(-1, "Unknown requestId: ask for an order first", 400)
MESSAGE_DIFFERS = Outcome(-3, "The transaction is not the one of this requestId", 400)
FAILED_TO_LAND, UNKNOWN, INVALID, NOT_SIGNED, INVALID_BLOCK_HEIGHT = range(-1000, -1005, -1)


def read_transaction(signed: object) -> SignedTransaction | Outcome:
    """Reads a well-formed, signed transaction, or tells what is wrong with it."""
    if not isinstance(signed, str):
        return Outcome(-2, "missing field `signedTransaction`", 400)
    try:
        transaction = SignedTransaction.decode(signed)
        transaction.check_form()
    except Undecodable as error:
        return Outcome(-2, f"Invalid signed transaction: {error}", 400)
    if not transaction.is_signed:
        return Outcome(NOT_SIGNED, "The transaction is not fully signed", 400)
    if not transaction.verify():
        return Outcome(-2, "Invalid signed transaction: the signature is not valid", 400)
    return transaction


def promised(signed: object, request_id: object, secret: str) -> SignedTransaction | Outcome:
    """Reads the signed transaction, if the `requestId` was given for it."""
    transaction = read_transaction(signed)
    if isinstance(transaction, Outcome):
        return transaction
    asked = request_ids.read(secret, request_id) if isinstance(request_id, str) else None
    if asked is None:
        return UNKNOWN_REQUEST
    if not asked.matches(to_bytes_versioned(transaction.message)):
        return MESSAGE_DIFFERS
    return transaction


def run(transaction: SignedTransaction, solana: Solana, components: Components) -> Outcome:
    """Sends the transaction, unless it was sent before, and waits for its end."""
    signature = transaction.signature
    try:
        sent = solana.node.send(transaction)
    except Refused as refusal:
        return refused(signature, refusal.error)
    hold_back(sent.scenario)
    order_id = history.order_of(signature)
    if order_id is None:
        return Outcome(INVALID, "The transaction does not swap", 400, signature)
    order = _wait(order_id, components)
    if order is None:
        message = "Still being processed; send the same request again"
        return Outcome(UNKNOWN, message, signature=signature)
    return _ended(order, signature, solana, components.registry)


def refused(signature: str, error: Any) -> Outcome:
    """The answer if the chain refuses the transaction."""
    if error == "BlockhashNotFound":
        return Outcome(INVALID_BLOCK_HEIGHT, describe(error), signature=signature)
    return Outcome(INVALID, describe(error), signature=signature)


def taking_amount(order: Order, token_out: Token) -> int:
    """The least base units that a limit order wants to receive."""
    return limit_floor(token_out, order.amount_in, order.limit_price)


def _wait(order_id: UUID, components: Components) -> Order | None:
    """Waits for the order's end; None if that takes too long."""
    clock = components.clock
    give_up_at = clock.now() + timedelta(seconds=components.settings.jupiter_execute_timeout_s)
    while True:
        with connection():
            order: Order = Order.get_by_id(order_id)
        if order.status in (Status.CONFIRMED, Status.FAILED, Status.CANCELLED):
            return order
        if clock.now() >= give_up_at:
            return None
        clock.sleep(POLL_S)


def _ended(order: Order, signature: str, solana: Solana, registry: TokenRegistry) -> Outcome:
    found = history.landed([signature], solana.now()).get(signature)
    slot = None if found is None else found.slot
    if order.status == Status.CONFIRMED:
        return Outcome(0, None, 200, signature, slot, _amounts(order, registry))
    if found is not None and found.error is not None:
        code = SLIPPAGE_EXCEEDED["Custom"]
        return Outcome(code, "Slippage tolerance exceeded", 200, signature, slot)
    reason = order.fail_reason or "The order was cancelled"
    return Outcome(FAILED_TO_LAND, f"Failed to land: {reason}", 200, signature)


def _amounts(order: Order, registry: TokenRegistry) -> dict[str, Any]:
    token_in, token_out = registry.find(order.token_in), registry.find(order.token_out)
    assert token_in is not None
    assert token_out is not None
    paid, received = token_in.to_base(order.amount_in), token_out.to_base(order.amount_out)
    return {
        "totalInputAmount": str(paid),
        "totalOutputAmount": str(received),
        "inputAmountResult": str(paid),
        "outputAmountResult": str(received),
        "swapEvents": [
            {
                "inputMint": token_in.mint,
                "inputAmount": str(paid),
                "outputMint": token_out.mint,
                "outputAmount": str(received),
            }
        ],
    }
