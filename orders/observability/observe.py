"""One function per event that matters: each writes one log line and counts it.

Lines carry `orderId` and `attempt` while a worker executes an order, `requestId` while a request
is answered. At INFO an order leaves one line, when it ends; what happens on its way is DEBUG.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from orders.config import Settings
from orders.observability import log_format, metrics

log = log_format.EventLog()


def set_up_logging(settings: Settings) -> None:
    """Structured logs on stderr: JSON, or readable lines on a terminal."""
    log_format.set_up_logging(settings)


def port_beside_taken(port: int, error: OSError) -> None:
    """The port on which web3.js expects the WebSocket is taken."""
    log.warning("port_beside_taken", port=port, error=str(error))


def process_started(kind: str) -> None:
    """A process is ready to work: web, worker or watcher."""
    log.info("process_started", kind=kind)


def metrics_port_taken(port: int, error: OSError) -> None:
    """Another process serves its metrics on this port; this one works without."""
    log.warning("metrics_port_taken", port=port, error=str(error))


def waiting_for_migrations(missing: list[str]) -> None:
    """The schema is older than the code."""
    log.warning("waiting_for_migrations", missing=missing)


def request_begun(request_id: str) -> None:
    """A request arrived; all lines until it is answered carry its id."""
    log_format.carried.set({"requestId": request_id})


def request_answered(method: str, route: str, status: int, seconds: float) -> None:
    """A request was answered; `route` is the pattern, never the address itself."""
    metrics.REQUESTS[method, route, str(status)].inc()
    metrics.REQUEST_TIME[(route,)].observe(seconds)
    tell = log.warning if status >= 500 else log.debug
    tell("request_answered", method=method, route=route, status=status, seconds=round(seconds, 4))


def request_refused(status: int, why: str, request_id: str) -> None:
    """Something that is no HTTP request came. Its content is not logged: it may hold a secret."""
    metrics.REQUESTS["OTHER", "unreadable", str(int(status))].inc()
    log.info("request_refused", status=int(status), reason=why, requestId=request_id)


@contextmanager
def executing(order_id: UUID) -> Iterator[None]:
    """A block whose log lines carry the order's id, and the attempt once one has begun."""
    token = log_format.carried.set({"orderId": str(order_id)})
    try:
        yield
    finally:
        log_format.carried.reset(token)


def order_placed(
    order_type: str, order_id: UUID | None = None, scenario: str | None = None
) -> None:
    """An order was stored."""
    metrics.PLACED[(order_type,)].inc()
    if scenario is not None:
        metrics.SCENARIOS_PLACED[(_kind(scenario),)].inc()
    log.debug("order_placed", orderId=order_id, type=order_type)


def order_refused(account_id: UUID | None, token: str) -> None:
    """A wallet lacked the money for an order."""
    metrics.REFUSED.inc()
    log.info("order_refused", accountId=account_id, token=token)


def wallet_opened(account_id: UUID) -> None:
    """An account got its wallet and its opening balances."""
    metrics.WALLET_CHANGES[("open",)].inc()
    log.info("wallet_opened", accountId=account_id)


def sessions_ended(account_id: UUID, count: int) -> None:
    """Log-ins of an account were ended: by its owner, or with another password."""
    metrics.SESSIONS_ENDED.inc(count)
    log.info("sessions_ended", accountId=account_id, sessions=count)


def faucet_gave(account_id: UUID, token: str, amount: Decimal) -> None:
    """The faucet gave an account tokens."""
    metrics.WALLET_CHANGES[("faucet",)].inc()
    log.info("faucet_gave", accountId=account_id, token=token, amount=str(amount))


def account_reset(account_id: UUID) -> None:
    """An account started over."""
    metrics.WALLET_CHANGES[("reset",)].inc()
    log.info("account_reset", accountId=account_id)


def order_claimed(order: Any, pending_since: datetime) -> None:
    """A worker took an order: an attempt begins."""
    metrics.STATUS_TIME[("pending",)].observe(_seconds(pending_since, order.updated_at))
    attempt_begun(order)
    log.debug("order_advanced", orderId=order.id, status=str(order.status))


def attempt_begun(order: Any) -> None:
    """The order is claimed; all lines until this worker leaves it carry the attempt."""
    metrics.ATTEMPTS.inc()
    carried = log_format.carried.get()
    if carried is not None:
        carried["attempt"] = order.attempts


def order_advanced(order: Any, status: str, data: dict[str, Any], at: datetime) -> None:
    """An order changed its status; `order` still has the previous one."""
    metrics.STATUS_TIME[(str(order.status),)].observe(_seconds(order.updated_at, at))
    log.debug("order_advanced", orderId=order.id, status=str(status))
    if status in metrics.OUTCOMES:
        _order_ended(order, str(status), data, at)


def _order_ended(order: Any, outcome: str, data: dict[str, Any], at: datetime) -> None:
    """The one line that an order writes at INFO: everything one asks about it afterwards."""
    seconds = _seconds(order.created_at, at)
    metrics.ENDED[order.type, outcome].inc()
    metrics.END_TO_END_TIME[(outcome,)].observe(seconds)
    line = {"orderId": order.id, "type": order.type, "outcome": outcome, "seconds": seconds}
    line |= {"attempts": order.attempts, "tokenIn": order.token_in, "tokenOut": order.token_out}
    line["amountIn"] = str(order.amount_in)
    if outcome == "confirmed":
        line |= {"venue": data["chosenDex"], "amountOut": str(data["amountOut"])}
    if order.scenario is not None:
        metrics.SCENARIOS_ENDED[_kind(order.scenario), outcome].inc()
        line["scenario"] = order.scenario
    if outcome == "failed":
        code = data["error"]["code"]
        metrics.FAILED[(code,)].inc()
        line |= {"code": code, "venue": order.dex_used}
    log.info("order_ended", **line)


def order_fenced(order_id: UUID, status: str, wanted: str) -> None:
    """A process found that another one had moved its order."""
    metrics.FENCED.inc()
    log.info("order_fenced", orderId=order_id, status=str(status), wanted=str(wanted))


def journal_batch(size: int) -> None:
    """The journal commits this many writes at once."""
    metrics.JOURNAL_ROWS.observe(size)


def redis_failed(error: Exception, events: int, wake_ups: int) -> None:
    """Events and wake-ups could not be sent; they are repaired from PostgreSQL later."""
    redis_skipped(events, wake_ups)
    log.warning("redis_failed", error=str(error), events=events, wakeUps=wake_ups)


def redis_skipped(events: int, wake_ups: int) -> None:
    """Events and wake-ups were not sent because Redis has just failed."""
    metrics.REDIS_DROPPED[("event",)].inc(events)
    metrics.REDIS_DROPPED[("wake_up",)].inc(wake_ups)


def attempt_failed(order: Any, code: str, message: str, retry: bool) -> None:
    """One attempt at an order failed."""
    if retry:
        metrics.RETRIES[(code,)].inc()
    log.debug(
        "attempt_failed",
        orderId=order.id,
        attempt=order.attempts,
        code=code,
        reason=message,
        retry=retry,
    )


def send_unclear(signature: str, error: Exception) -> None:
    """Sending a transaction failed; it may have arrived nevertheless."""
    metrics.UNCLEAR_SENDS.inc()
    log.warning("send_unclear", txHash=signature, error=str(error))


def settle_timed_out(order_id: UUID) -> None:
    """A worker stopped waiting for a transaction; recovery will ask the chain again."""
    metrics.SETTLE_TIMEOUTS.inc()
    log.warning("settle_timed_out", orderId=order_id)


def store_unavailable(place: str, error: Exception) -> None:
    """PostgreSQL did not answer."""
    metrics.STORE_UNAVAILABLE[(place,)].inc()
    log.warning("store_unavailable", place=place, error=repr(error.__cause__ or error))


def stream_gap(order_id: UUID) -> None:
    """The live feed skipped an event; the stream reads it from PostgreSQL."""
    metrics.GAP_REPAIRS[("by_sequence",)].inc()
    log.info("stream_gap", orderId=order_id)


def stream_repaired(order_id: UUID) -> None:
    """PostgreSQL held events that the live feed had not brought."""
    metrics.GAP_REPAIRS[("by_comparison",)].inc()
    log.info("stream_repaired", orderId=order_id)


def clock_measured(skew_s: float, *, is_off: bool) -> None:
    """The machine's clock was compared with PostgreSQL's; `is_off` if it is too far ahead or behind
    for this process to work on orders."""
    metrics.CLOCK_SKEW.set(skew_s)
    if is_off:
        log.warning("clock_off", aheadBySeconds=round(skew_s, 3))


def feed_lost(error: Exception, retry_in_s: float) -> None:
    """The connection to Redis that brings live events broke."""
    metrics.FEED_LOST.inc()
    log.warning("feed_lost", error=str(error), retryInSeconds=round(retry_in_s, 1))


def socket_opened(transport: str) -> None:
    """A client connected."""
    metrics.SOCKETS[(transport,)].inc()


def socket_closed(transport: str) -> None:
    """A client left."""
    metrics.SOCKETS[(transport,)].dec()


def events_sent(transport: str, count: int = 1) -> None:
    """Events went out to this many sockets."""
    metrics.EVENTS_SENT[(transport,)].inc(count)


def connection_broke() -> None:
    """Eventlet's server printed something, as it does when a WebSocket breaks."""
    log.debug("connection_broke")


def packet_refused(place: str, error: BaseException | None) -> None:
    """Something that is no packet came over Socket.IO. Its content is not logged."""
    log.info("packet_refused", place=place, error=type(error).__name__)


def order_triggered(order: Any, price: Decimal, since: datetime, at: datetime) -> None:
    """A resting order was queued; its condition has held `since` then."""
    seconds = _seconds(since, at)
    metrics.TRIGGERED[(order.type,)].inc()
    metrics.TRIGGER_TIME[(order.type,)].observe(seconds)
    log.debug(
        "order_triggered",
        orderId=order.id,
        type=order.type,
        price=str(price),
        seconds=seconds,
    )


def order_recovered(order_id: UUID, status: str, action: str) -> None:
    """Recovery found an order that nobody worked on, or one (`expire`) past its time."""
    if action == "expire":
        return  # The ordinary end of a resting order: `order_advanced` has logged it.
    if action in ("release", "resolve_with_chain"):
        metrics.LEASE_EXPIRIES[(str(status),)].inc()
    metrics.RECOVERIES[(action,)].inc()
    log.warning("order_recovered", orderId=order_id, status=str(status), action=action)


def webhook_sent(message_id: str, error: str | None, seconds: float) -> None:
    """A message was sent to a webhook's receiver, which accepted it or not."""
    metrics.WEBHOOKS_SENT[("failed" if error else "delivered",)].inc()
    metrics.WEBHOOK_TIME.observe(seconds)
    log.debug("webhook_sent", messageId=message_id, error=error, seconds=round(seconds, 4))


def webhook_given_up(endpoint_id: UUID, message_id: str) -> None:
    """An endpoint has failed: it refused a message, or took nothing, for `webhook_give_up_s`."""
    metrics.WEBHOOKS_GIVEN_UP.inc()
    log.warning("webhook_given_up", endpointId=endpoint_id, messageId=message_id)


def orders_pruned(orders: int, events: int) -> None:
    """An operator removed old orders."""
    log.info("orders_pruned", orders=orders, events=events)


def internal_error(place: str, error: BaseException) -> None:
    """A bug: something that the code did not expect."""
    metrics.INTERNAL_ERRORS[(place,)].inc()
    log.error("internal_error", error, place=place)


def _kind(scenario: str) -> str:
    """A scenario's name without its argument, to keep the label's values few."""
    return scenario.partition(":")[0]


def _seconds(since: datetime, until: datetime) -> float:
    return max((until - since).total_seconds(), 0.0)
