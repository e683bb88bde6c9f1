"""The engine: executes an order one attempt at a time, exactly once on the chain.

A transaction's signature is known before it is sent, so `submitted` is stored first and the
transaction sent after. Whoever finds a submitted order asks the chain about it. Landed: the order
is confirmed. Not landed and still valid: the same transaction is sent again, which the chain
ignores if it knows it. Expired: it can never land, so a new attempt is safe.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from orders.chain.protocol import Chain, SignatureStatus
from orders.chain.signing import sign, signed_by_wallet
from orders.chain.transaction import Transaction
from orders.config import Settings
from orders.domain import failpoints
from orders.domain.clock import Clock
from orders.domain.errors import ExecutionError, Fenced, InternalError, StoreUnavailable
from orders.domain.explorer import explorer_url
from orders.domain.lifecycle import Status
from orders.domain.order_request import opening_data
from orders.domain.signed_swap import SignedSwap
from orders.execution.price_comparison import PriceComparer, PriceComparison, executed_price
from orders.market.errors import (
    BlockhashExpired,
    DexError,
    NoQuote,
    RpcUnavailable,
    SlippageExceeded,
    TransactionFailed,
)
from orders.market.scenarios.conditions import Conditions
from orders.market.scenarios.reading import conditions_of
from orders.market.tokens import Token, TokenRegistry
from orders.observability import observe
from orders.storage.database import connection
from orders.storage.models import Order
from orders.storage.order_store import OrderStore

LEASE_SHARE_OF_WAIT = 1 / 3
"""The largest share of a lease that one wait for the chain takes; the lease is renewed after it."""
LANDED_ERRORS: dict[str, type[DexError]] = {"slippage_exceeded": SlippageExceeded}
"""Known errors of transactions on the chain; any other is `TransactionFailed`."""


class Engine:
    """Executes orders. One per worker process, used by all its threads."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        order_store: OrderStore,
        price_comparer: PriceComparer,
        chain: Chain,
        registry: TokenRegistry,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._order_store = order_store
        self._price_comparer = price_comparer
        self._chain = chain
        self._registry = registry

    def execute(self, order_id: UUID) -> float | None:
        """Executes the order as far as possible now.

        Returns the seconds after which it must be delivered again, or None if it need not be: it is
        done, or another process has it. Calling it twice for one order is harmless.
        """
        failpoints.point("after_dequeue")
        try:
            order = self._order_store.claim(order_id)
            if order is not None:
                return self._guarded(order, self._route)
            return self._resume(order_id)
        except Fenced:
            return None
        except StoreUnavailable as error:
            # Once the lease has run out, recovery continues from what was stored last.
            observe.store_unavailable("engine", error)
            return None

    def _resume(self, order_id: UUID) -> float | None:
        """Handle an order that cannot be claimed: wait, resume if submitted, else ignore."""
        order = _load(order_id)
        now = self._order_store.now()
        if order is None or order.due_at is None:
            return None
        if order.status == Status.PENDING and order.due_at > now:
            return float((order.due_at - now).total_seconds())
        if order.status == Status.SUBMITTED and order.due_at <= now:
            self._order_store.take_over(order)
            observe.order_recovered(order.id, order.status, "resolve_with_chain")
            return self._guarded(order, self._settle_stored)
        return None

    def _guarded(self, order: Order, step: Any) -> float | None:
        """Runs a step; if the market fails it, the order is retried or ends."""
        try:
            step(order)
            return None
        except (DexError, ExecutionError) as error:
            return self._give_up_attempt(order, error)
        except (Fenced, StoreUnavailable):
            raise
        except Exception as error:
            observe.internal_error("engine", error)
            if order.status == Status.SUBMITTED:
                return None  # The outcome is on the chain; recovery asks it.
            return self._give_up_attempt(order, InternalError())

    def _route(self, order: Order) -> None:
        if order.signed_transaction is not None:
            self._build_signed(order, SignedSwap.from_json(order.signed_transaction))
            return
        token_in, token_out = self._tokens(order)
        comparison = self._price_comparer.compare(
            token_in,
            token_out,
            order.amount_in,
            order.max_slippage_bps,
            order.limit_price,
            _conditions(order),
        )
        if comparison.best.amount_out < comparison.floor:
            self._rest_again(order)
            return
        self._build(order, comparison)

    def _rest_again(self, order: Order) -> None:
        """Lets the order rest again, without spending a retry: the market moved away before the
        build.
        """
        self._order_store.advance(
            order,
            Status.OPEN,
            opening_data(order),
            due_at=order.expires_at,
            attempts=order.attempts - 1,
        )

    def _build(self, order: Order, comparison: PriceComparison) -> None:
        best = comparison.best
        minimum = comparison.min_amount_out
        min_amount_out = best.token_out.from_base(minimum)
        building = {
            "quotes": comparison.present_all(),
            "routing": comparison.present_routing(),
            "chosenDex": best.dex,
            "reason": comparison.reason,
            "minAmountOut": min_amount_out,
        }
        instruction = self._price_comparer.venue(best.dex).build(best, minimum)
        blockhash = self._chain.latest_blockhash(_conditions(order))
        transaction = sign(instruction, blockhash, order.id, order.attempts)
        self._submit(order, transaction, building, min_amount_out)

    def _build_signed(self, order: Order, signed: SignedSwap) -> None:
        """Builds from the order's own transaction: its wallet chose the venue and the minimum."""
        token_in, token_out = self._tokens(order)
        comparison = self._price_comparer.compare(
            token_in,
            token_out,
            order.amount_in,
            order.max_slippage_bps,
            conditions=_conditions(order),
        )
        quote = next((quote for quote in comparison.quotes if quote.dex == signed.dex), None)
        if quote is None:
            raise comparison.errors.get(signed.dex) or NoQuote()
        min_amount_out = token_out.from_base(signed.min_amount_out)
        building = {
            "quotes": comparison.present_all(),
            "chosenDex": signed.dex,
            "reason": f"The wallet signed a swap on {signed.dex.capitalize()}.",
            "minAmountOut": min_amount_out,
        }
        valid_until = self._valid_until(order, signed)
        transaction = signed_by_wallet(signed, quote, valid_until, order.id, order.attempts)
        self._submit(order, transaction, building, min_amount_out)

    def _valid_until(self, order: Order, signed: SignedSwap) -> int:
        """Up to which height the wallet's transaction can land; a scenario may shorten that."""
        conditions = _conditions(order)
        if conditions is None:
            return signed.last_valid_block_height
        blockhash = self._chain.latest_blockhash(conditions)
        return min(signed.last_valid_block_height, blockhash.last_valid_block_height)

    def _submit(
        self,
        order: Order,
        transaction: Transaction,
        building: dict[str, Any],
        min_amount_out: Decimal,
    ) -> None:
        """Stores the signature, then sends.

        Building has no effect that a crash could lose, so its event shares the commit.
        """
        self._order_store.advance(
            order,
            Status.SUBMITTED,
            {
                "txHash": transaction.signature,
                "chosenDex": transaction.dex,
                "lastValidBlockHeight": transaction.last_valid_block_height,
            },
            via=[(Status.BUILDING, building)],
            dex_used=transaction.dex,
            min_amount_out=min_amount_out,
            tx_hash=transaction.signature,
            last_valid_block_height=transaction.last_valid_block_height,
            transaction=transaction.to_json(),
        )
        conditions = _conditions(order)
        dies_at = conditions.worker_dies_at if conditions else None
        failpoints.point("before_send", dies_at)
        state = self._send(order, transaction)
        failpoints.point("after_send", dies_at)
        self._settle(order, transaction, state or self._ask(order, transaction))

    def _send(self, order: Order, transaction: Transaction) -> SignatureStatus | None:
        """Sends it; returns its status, or None if that is unclear and the chain must be asked."""
        try:
            return self._chain.send(transaction, _conditions(order))
        except DexError as error:
            observe.send_unclear(transaction.signature, error)
            return None

    def _settle_stored(self, order: Order) -> None:
        """Continues from what another worker stored."""
        transaction = Transaction.from_json(order.transaction)
        self._settle(order, transaction, self._ask(order, transaction))

    def _settle(
        self, order: Order, transaction: Transaction, state: SignatureStatus | None
    ) -> None:
        """Waits until the chain knows the outcome of the transaction, and stores that."""
        give_up_at = self._clock.now() + timedelta(seconds=self._settings.settle_timeout_s)
        resend_at = self._clock.now() + timedelta(seconds=self._settings.resend_s)
        while True:
            if state is not None and state.landed:
                self._confirm(order, transaction, state)
                return
            if state is not None and state.error:
                raise LANDED_ERRORS.get(state.error, TransactionFailed)()
            if state is not None and state.expired:
                raise BlockhashExpired()
            if self._clock.now() >= give_up_at:
                observe.settle_timed_out(order.id)
                return
            if state is not None and not state.found and self._clock.now() >= resend_at:
                self._send(order, transaction)
                resend_at = self._clock.now() + timedelta(seconds=self._settings.resend_s)
            state = self._wait(order, transaction, state)
            self._order_store.renew(order)

    def _ask(self, order: Order, transaction: Transaction) -> SignatureStatus | None:
        try:
            return self._chain.status(
                transaction.signature, transaction.last_valid_block_height, _conditions(order)
            )
        except RpcUnavailable:
            return None

    def _wait(
        self, order: Order, transaction: Transaction, state: SignatureStatus | None
    ) -> SignatureStatus | None:
        """Waits for a change of the transaction's status, but no longer than the lease allows."""
        try:
            return self._chain.wait(
                transaction.signature,
                transaction.last_valid_block_height,
                state,
                self._settings.lease_s * LEASE_SHARE_OF_WAIT,
                _conditions(order),
            )
        except RpcUnavailable:
            self._clock.sleep(self._settings.confirm_poll_ms / 1000)
            return None

    def _confirm(self, order: Order, transaction: Transaction, state: SignatureStatus) -> None:
        _, token_out = self._tokens(order)
        assert state.amount_out is not None
        assert state.amount_out >= transaction.min_amount_out
        amount_out = token_out.from_base(state.amount_out)
        price = executed_price(order.amount_in, amount_out)
        self._order_store.advance(
            order,
            Status.CONFIRMED,
            {
                "txHash": transaction.signature,
                "executedPrice": price,
                "amountOut": amount_out,
                "chosenDex": transaction.dex,
                "slot": state.slot,
                "explorerUrl": explorer_url(transaction.signature),
            },
            amount_out=amount_out,
            executed_price=price,
            units_out=state.amount_out,
        )

    def _give_up_attempt(self, order: Order, error: DexError | ExecutionError) -> float | None:
        # Only its wallet can sign another transaction.
        signed = order.signed_transaction is not None
        retry = error.retryable and not signed and order.attempts <= self._settings.max_retries
        observe.attempt_failed(order, error.code, str(error), retry)
        described = {"code": error.code, "message": str(error)}
        if not retry:
            self._order_store.advance(
                order,
                Status.FAILED,
                {"error": described, "attempts": order.attempts},
                fail_code=error.code,
                fail_reason=str(error),
            )
            return None
        wait_s = self._settings.retry_wait_s(order.attempts)
        due_at = self._order_store.now() + timedelta(seconds=wait_s)
        self._order_store.advance(
            order,
            Status.PENDING,
            {"attempt": order.attempts + 1, "error": described, "retryAt": due_at},
            due_at=due_at,
        )
        return wait_s

    def _tokens(self, order: Order) -> tuple[Token, Token]:
        token_in = self._registry.find_newest(order.token_in)
        token_out = self._registry.find_newest(order.token_out)
        assert token_in is not None
        assert token_out is not None
        return token_in, token_out


def _conditions(order: Order) -> Conditions | None:
    """The conditions that the order's scenario sets for this attempt, if it has one."""
    return conditions_of(order.scenario, order.attempts)


def _load(order_id: UUID) -> Order | None:
    with connection():
        found: Order | None = Order.get_or_none(Order.id == order_id)
        return found
