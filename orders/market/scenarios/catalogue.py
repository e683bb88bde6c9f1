"""The table of scenarios: the name of each, what an order meets, how the order ends.

`GET /api/scenarios`, docs/scenarios.md, the page's picker and the tests read it; a new scenario is
an entry here.
"""

from __future__ import annotations

from collections.abc import Callable

from orders.market.scenarios.conditions import (
    FILLS,
    BlockhashFault,
    Conditions,
    QuoteFault,
    SendFault,
)
from orders.market.scenarios.scenario import ROUTED, Argument, Fails, Group, Scenario, Value


def _always(conditions: Conditions) -> Callable[[Value, int], Conditions]:
    return lambda _, attempt: conditions


def _once(conditions: Conditions) -> Callable[[Value, int], Conditions]:
    return lambda _, attempt: conditions if attempt == 1 else FILLS


def _at_venue(fault: QuoteFault) -> Callable[[Value, int], Conditions]:
    return lambda venue, _: Conditions(quotes=fault, venue=str(venue))


def _moving(sign: int) -> Callable[[Value, int], Conditions]:
    return lambda bps, _: Conditions(moves_bps=sign * int(bps or 0))


def _flapping(_: Value, attempt: int) -> Conditions:
    if attempt == 1:
        return Conditions(blockhash=BlockhashFault.UNREACHABLE)
    return Conditions(send=SendFault.UNREACHABLE_ONCE)


FILLING = "The order then fills at its quote."
RETRIED = "The engine waits and tries again with fresh quotes, as often as MAX_RETRIES says."

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "fills",
        Group.OUTCOME,
        "Everything goes well: the first attempt lands and pays exactly its quote.",
        ("Both venues quote.", "The transaction is sent, lands, and pays the quote to the unit."),
    ),
    Scenario(
        "slippage_once",
        Group.OUTCOME,
        "The price moves away during the first attempt; the second one fills.",
        (
            "The first transaction lands, finds less than its minimum, and fails on the chain.",
            "The engine waits and builds a new one from fresh quotes.",
            "That one fills at its quote.",
        ),
        _once(Conditions(misses_minimum=True)),
        Fails.ONCE,
        code="slippage_exceeded",
    ),
    Scenario(
        "slippage_always",
        Group.OUTCOME,
        "The price moves away during every attempt, until no retry is left.",
        ("The transaction lands, finds less than its minimum, and fails on the chain.", RETRIED),
        _always(Conditions(misses_minimum=True)),
        Fails.ALWAYS,
        code="slippage_exceeded",
    ),
    Scenario(
        "no_route",
        Group.OUTCOME,
        "No venue knows a route from one token to the other, at any attempt.",
        ("Every venue answers that it has no route; nothing is built or sent.", RETRIED),
        _always(Conditions(quotes=QuoteFault.NO_ROUTE)),
        Fails.ALWAYS,
        ROUTED,
        "no_quote",
    ),
    Scenario(
        "insufficient_liquidity",
        Group.OUTCOME,
        "No pool can fill the amount. That is not retried: the order has to change.",
        ("Every venue answers that its pool is too small; nothing is built or sent.",),
        _always(Conditions(quotes=QuoteFault.INSUFFICIENT_LIQUIDITY)),
        Fails.FOR_GOOD,
        ROUTED,
        "insufficient_liquidity",
    ),
    Scenario(
        "venue_down",
        Group.OUTCOME,
        "One venue cannot be reached; the order fills on another one.",
        ("The named venue refuses at once.", "The best of the others is chosen.", FILLING),
        _at_venue(QuoteFault.DOWN),
        argument=Argument.VENUE,
        example="raydium",
    ),
    Scenario(
        "venue_timeout",
        Group.OUTCOME,
        "One venue does not answer in time; the order fills on another one.",
        (
            "The named venue says nothing until QUOTE_TIMEOUT_MS is over.",
            "The best of the others is chosen.",
            FILLING,
        ),
        _at_venue(QuoteFault.TIMEOUT),
        argument=Argument.VENUE,
        example="meteora",
    ),
    Scenario(
        "lands_late",
        Group.LANDING,
        "The transaction takes long to land: submitted for 30 seconds, or for as long as you say.",
        (
            "The chain accepts the transaction.",
            "For the given time it knows the transaction but does not process it. Placing the "
            "order again now would buy twice.",
            "It lands.",
        ),
        lambda seconds, _: Conditions(lands_after_s=int(seconds or 0)),
        argument=Argument.SECONDS,
        default=30,
        example=30,
    ),
    Scenario(
        "dropped_once",
        Group.LANDING,
        "The chain forgets the first send; the same transaction, sent again, lands.",
        (
            "The node accepts the transaction and forgets it.",
            "After RESEND_S the engine sends the same transaction, with the same signature, again. "
            "A signature lands once at most, so this cannot buy twice.",
            "It lands.",
        ),
        _always(Conditions(send=SendFault.FORGOTTEN_ONCE)),
    ),
    Scenario(
        "dropped_always",
        Group.LANDING,
        "The chain forgets whatever is sent: each transaction expires, until no retry is left.",
        (
            "The node accepts the transaction and forgets it, each time it is sent.",
            "Its blockhash runs out (after SCENARIO_BLOCKHASH_SLOTS, to spare you a minute): from "
            "then on it can never land, and a new attempt is safe.",
            RETRIED,
        ),
        _always(Conditions(blockhash=BlockhashFault.SHORT, send=SendFault.FORGOTTEN)),
        Fails.ALWAYS,
        code="blockhash_expired",
    ),
    Scenario(
        "landed_but_unconfirmed",
        Group.LANDING,
        "The transaction lands, but the answer to sending it is lost: it looks failed, yet it "
        "bought.",
        (
            "The chain accepts the transaction; the node's answer never arrives.",
            "The engine treats that as unclear, not as failed, and asks the chain about the "
            "signature.",
            "The fill is there. The order is confirmed without a second attempt.",
        ),
        _always(Conditions(send=SendFault.ANSWER_LOST)),
    ),
    Scenario(
        "expired_once",
        Group.LANDING,
        "The first transaction's blockhash has run out when it is sent; the second one lands.",
        (
            "The chain refuses the first transaction: its blockhash is too old.",
            "It can never land, so the engine builds a new one with a fresh blockhash.",
            "That one fills at its quote.",
        ),
        _once(Conditions(blockhash=BlockhashFault.EXPIRED)),
        Fails.ONCE,
        code="blockhash_expired",
    ),
    Scenario(
        "rpc_flaps",
        Group.LANDING,
        "The RPC node comes and goes: away at the first attempt, and at the second one's send.",
        (
            "The first attempt gets no blockhash; nothing was sent, so it is retried.",
            "The second attempt's transaction does not reach the node.",
            "After RESEND_S it is sent again, and lands.",
        ),
        _flapping,
        Fails.ONCE,
        ROUTED,
        "rpc_unavailable",
    ),
    Scenario(
        "adverse_move",
        Group.PRICE,
        "The fill pays the given basis points less than the quote. If that is more than the "
        "order's slippage, every attempt fails with slippage_exceeded instead.",
        (
            "The price moves against the order between its quote and its fill.",
            "Within maxSlippageBps the swap fills at the worse price; beyond it the chain refuses "
            "each attempt.",
        ),
        _moving(-1),
        argument=Argument.BPS,
        example=50,
        moves=-1,
    ),
    Scenario(
        "improves",
        Group.PRICE,
        "The fill pays the given basis points more than the quote.",
        ("The price moves in favour of the order between its quote and its fill.",),
        _moving(1),
        argument=Argument.BPS,
        example=50,
        moves=1,
    ),
    Scenario(
        "worker_dies_before_send",
        Group.CRASH,
        "The worker is killed after it has stored the signature and before it sends.",
        (
            "The order is submitted: its signature is stored, nothing is sent.",
            "The worker process is killed, as by kill -9. Other orders it works on are recovered "
            "like this one.",
            "Once the lease has run out (LEASE_S), another worker asks the chain, finds nothing, "
            "and sends the same transaction.",
        ),
        _once(Conditions(worker_dies_at="before_send")),
    ),
    Scenario(
        "worker_dies_after_send",
        Group.CRASH,
        "The worker is killed after the chain has accepted the transaction and before it has "
        "stored the fill.",
        (
            "The transaction is on the chain.",
            "The worker process is killed, as by kill -9. Other orders it works on are recovered "
            "like this one.",
            "Once the lease has run out (LEASE_S), another worker asks the chain and finds the "
            "fill. Nothing is bought twice.",
        ),
        _once(Conditions(worker_dies_at="after_send")),
    ),
    Scenario(
        "http_503",
        Group.API,
        "The request is refused with 503 and Retry-After; repeated with the same "
        "Idempotency-Key, it is placed.",
        (
            "The answer is 503 queue_full with Retry-After: 1. Nothing is stored.",
            "Without an Idempotency-Key every request is refused; with one, the second request is "
            "accepted.",
            FILLING,
        ),
    ),
    Scenario(
        "http_429",
        Group.API,
        "The request is refused with 429 and Retry-After; repeated with the same "
        "Idempotency-Key, it is placed.",
        (
            "The answer is 429 rate_limited with Retry-After: 1. Nothing is stored.",
            "Without an Idempotency-Key every request is refused; with one, the second request is "
            "accepted.",
            FILLING,
        ),
    ),
    Scenario(
        "http_timeout",
        Group.API,
        "The order is stored, and the answer comes only after the given seconds.",
        (
            "The order is stored and runs.",
            "The answer, 202, is held back. A client that gives up and sends the same "
            "Idempotency-Key again gets the same order at once.",
        ),
        argument=Argument.SECONDS,
        example=10,
    ),
    Scenario(
        "http_lost_answer",
        Group.API,
        "The order is stored, then the connection is cut instead of an answer.",
        (
            "The order is stored and runs.",
            "The client's connection is closed without a byte. The same Idempotency-Key again "
            "gets the same order; without one, a repeated request buys twice.",
        ),
    ),
    Scenario(
        "stream_gap",
        Group.API,
        "The building event is withheld from live streams; the history has it.",
        (
            "Whoever watches the order or the list live, over Socket.IO or a WebSocket, sees "
            "sequence 2, then 4.",
            "A client that notices gets it from the history, or by subscribing again with "
            "afterSequence.",
        ),
    ),
)

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
