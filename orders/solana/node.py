"""A node: accepts transactions that wallets signed, once each.

A swap becomes an order of its wallet, executed like any other. What the transaction pays beside it,
such as a tip, is held, and moves when the swap fills. All else that a transaction does happens in
the database transaction that takes it.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Context, Decimal
from operator import itemgetter
from uuid import UUID

from solders.pubkey import Pubkey

from orders.domain import failpoints
from orders.domain.caller import Caller
from orders.domain.errors import (
    InsufficientFunds,
    NotCancellable,
    OrderNotFound,
    ValidationFailed,
)
from orders.domain.identifiers import uuid7
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.domain.signed_swap import Payment, SignedSwap
from orders.execution.submission import Submission
from orders.market.scenarios.calls import refuse
from orders.market.tokens import Token, TokenRegistry
from orders.solana import history, limit_order_book, token_accounts
from orders.solana.execution import INSUFFICIENT_FUNDS, NO_ORDER, Execution
from orders.solana.ledger_clock import LedgerClock
from orders.solana.limit_orders import CancelTerms, LimitTerms
from orders.solana.programs import SwapTerms
from orders.solana.scenarios import Met, WalletScenarios
from orders.solana.signed_transaction import Refused, SignedTransaction, instruction_error
from orders.solana.simulation import Simulator
from orders.storage.database import database
from orders.storage.wallets import Entry, hold, lock, open_wallet, transfer

STORE = """
INSERT INTO chain.transfers (signature, signer, wire, slot, landed_at, wallet_sequence)
VALUES (%s, %s, %s, %s, %s, %s)
"""
LIMIT_PRICE = Context(prec=28, rounding=ROUND_DOWN)
"""Rounds so that price times amount, rounded up to a base unit, is exactly what the maker wants."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that was taken.

    `scenario` is what its order meets; None also for a transaction that was sent before.
    """

    signature: str
    scenario: str | None = None


class Node:
    """Accepts transactions. One per process.

    `check_clock` raises `ClockSkewed` where the process may not take new ones.
    """

    def __init__(
        self,
        submission: Submission,
        simulator: Simulator,
        registry: TokenRegistry,
        clock: LedgerClock,
        wallet_scenarios: WalletScenarios,
        now: Callable[[], datetime],
        check_clock: Callable[[], None],
    ) -> None:
        self._submission = submission
        self._simulator = simulator
        self._registry = registry
        self._clock = clock
        self._scenarios = wallet_scenarios
        self._now = now
        self._check_clock = check_clock

    def send(self, transaction: SignedTransaction) -> Sent:
        """Takes a transaction whose form and signature have been checked: all of it, or nothing.

        One that was taken before is not taken again. Raises `Refused`, `ClockSkewed`, `QueueFull`,
        `StoreUnavailable`; `RateLimited` where a scenario wants it.
        """
        sent_before = Sent(transaction.signature)
        if history.is_known(transaction.signature):
            return sent_before
        self._check_clock()
        expected = self._simulator.check(transaction)
        met = self._meet(transaction)
        with self._submission.together() as submission:
            locked = self._lock(expected)
            if history.is_known(transaction.signature):
                return sent_before
            state = self._simulator.check(transaction)
            if not _wallets(state) <= locked:
                raise Refused("AccountInUse")
            self._take(transaction, state, submission, met.scenario if met else None)
        return Sent(transaction.signature, met.scenario if met and met.first else None)

    def _lock(self, state: Execution) -> set[str]:
        """Locks all wallets that the transaction concerns, so that what it finds stays so."""
        now = self._now()
        wallets = _wallets(state)
        for wallet in sorted(wallets):
            open_wallet(wallet, {}, now)
        lock(wallets)
        return wallets

    def _take(
        self,
        transaction: SignedTransaction,
        state: Execution,
        submission: Submission,
        scenario: str | None,
    ) -> None:
        if transaction.swap is not None:
            if state.swept:
                transfer("transfer", _summed(state.swept), self._now())
            self._place(submission, transaction, state, scenario)
        for index, action in enumerate(transaction.actions):
            if isinstance(action, LimitTerms):
                self._rest(submission, transaction, index, action, scenario)
        self._cancel_all(submission, transaction)
        failpoints.point("half_taken")
        if transaction.swap is None:
            self._move(transaction, state)
        token_accounts.remember(state.opened)
        for address in state.closed:
            token_accounts.forget(address)

    def _meet(self, transaction: SignedTransaction) -> Met | None:
        """The scenario of a transaction that places orders. Raises `QueueFull`, `RateLimited`."""
        if not any(isinstance(each, SwapTerms | LimitTerms) for each in transaction.actions):
            return None
        height = self._simulator.check_blockhash(transaction)
        met = self._scenarios.take(transaction, height)
        if met is not None and met.first:
            refuse(met.scenario)
        return met

    def _place(
        self,
        submission: Submission,
        transaction: SignedTransaction,
        state: Execution,
        scenario: str | None,
    ) -> None:
        assert transaction.swap is not None
        index, terms = transaction.swap
        token_in = self._token(index, terms.mint_in)
        token_out = self._token(index, terms.mint_out)
        now, payments = self._now(), _summed(state.entries)
        signed = SignedSwap(
            signature=transaction.signature,
            signer=str(transaction.signer),
            dex=terms.venue,
            min_amount_out=terms.min_amount_out,
            blockhash=transaction.blockhash,
            last_valid_block_height=self._simulator.check_blockhash(transaction),
            wire=base64.b64encode(transaction.wire).decode(),
            payments=tuple(Payment(e.wallet, e.mint, Decimal(e.amount)) for e in payments),
            payments_id=str(uuid7(now)) if payments else None,
        )
        order = OrderRequest(
            type=OrderType.MARKET,
            token_in=token_in.mint,
            token_out=token_out.mint,
            amount_in=token_in.from_base(terms.amount_in),
            max_slippage_bps=terms.slippage_bps,
            signed_transaction=signed,
            scenario=scenario,
        )
        order_id = _submit(submission, index, order, signed.signer, signed.signature)
        own = {e.mint: -e.amount for e in payments if e.wallet == signed.signer}
        if own:
            hold(signed.signer, own, order_id, now)

    def _rest(
        self,
        submission: Submission,
        transaction: SignedTransaction,
        index: int,
        terms: LimitTerms,
        scenario: str | None,
    ) -> None:
        """Places a limit order, which the service executes at its price."""
        token_in = self._token(index, terms.mint_in)
        token_out = self._token(index, terms.mint_out)
        amount_in = token_in.from_base(terms.making_amount)
        expires_at = datetime.fromtimestamp(terms.expires_at, UTC) if terms.expires_at else None
        order = OrderRequest(
            type=OrderType.LIMIT,
            token_in=token_in.mint,
            token_out=token_out.mint,
            amount_in=amount_in,
            max_slippage_bps=terms.slippage_bps,
            limit_price=LIMIT_PRICE.divide(token_out.from_base(terms.taking_amount), amount_in),
            expires_at=expires_at,
            scenario=scenario,
        )
        maker, key = str(terms.maker), f"{transaction.signature} {index}"
        order_id = _submit(submission, index, order, maker, key)
        limit_order_book.remember(str(terms.order), maker, order_id)

    def _cancel_all(self, submission: Submission, transaction: SignedTransaction) -> None:
        """Cancels limit orders by id: the order in which every transaction locks them."""
        cancels = []
        for index, action in enumerate(transaction.actions):
            if isinstance(action, CancelTerms):
                found = limit_order_book.find(str(action.order))
                assert found is not None, "the execution has looked for it"
                cancels.append((found[1], index, Caller(wallet=str(action.maker))))
        for order_id, index, maker in sorted(cancels, key=itemgetter(0)):
            try:
                submission.cancel(order_id, maker)
            except (NotCancellable, OrderNotFound):
                raise Refused(instruction_error(index, NO_ORDER)) from None

    def _token(self, index: int, mint: Pubkey) -> Token:
        token = self._registry.find(str(mint))
        if token is None or token.mint != str(mint):
            raise Refused(instruction_error(index, "InvalidAccountData"))
        return token

    def _move(self, transaction: SignedTransaction, state: Execution) -> None:
        """Makes the movements of a transaction without a swap, and stores it."""
        now = self._now()
        entries = _summed([*state.swept, *state.entries])
        moved = transfer("transfer", entries, now) if entries else {}
        wire = base64.b64encode(transaction.wire).decode()
        row = (transaction.signature, state.signer, wire, self._clock.slot(), now)
        database.execute_sql(STORE, (*row, moved.get(state.signer)))


def _submit(submission: Submission, index: int, order: OrderRequest, wallet: str, key: str) -> UUID:
    try:
        return submission.place(order, Caller(wallet=wallet), key).order_id
    except InsufficientFunds:
        raise Refused(instruction_error(index, INSUFFICIENT_FUNDS)) from None
    except ValidationFailed:
        raise Refused(instruction_error(index, "InvalidArgument")) from None


def _wallets(state: Execution) -> set[str]:
    return {state.signer} | {entry.wallet for entry in (*state.swept, *state.entries)}


def _summed(entries: list[Entry]) -> list[Entry]:
    """One entry for each wallet and mint."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        sums[entry.wallet, entry.mint] += entry.amount
    return [Entry(wallet, mint, amount) for (wallet, mint), amount in sums.items() if amount]
