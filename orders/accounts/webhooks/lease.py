"""The lease of a webhook endpoint: one process at a time sends to it, and records the results."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from orders.accounts.webhooks.models import (
    DeliveryStatus,
    EndpointStatus,
    WebhookDelivery,
    WebhookEndpoint,
)
from orders.accounts.webhooks.sending import Outcome
from orders.config import Settings
from orders.domain.clock import Clock
from orders.observability import observe
from orders.storage.database import connection, database

LEASE_TIMEOUTS = 2
"""Receiver timeouts that a lease lasts; sending a message takes one at most."""
LEASE_MARGIN_S = 5
"""Seconds that a lease lasts beyond that, for recording."""
PATIENCE = 3
"""Failures in a row after which the receiver, and not one event, counts as failing."""
MAX_DOUBLINGS = 30


class LeaseLost(Exception):
    """Another process has the endpoint now, or nothing may be sent to it any more."""


class Lease:
    """The right of one process to send to an endpoint; results are recorded under it."""

    def __init__(self, settings: Settings, clock: Clock, lease: UUID, row: WebhookEndpoint) -> None:
        self._settings = settings
        self._clock = clock
        self._lease = lease
        self._row = row
        self.endpoint_id: UUID = row.id
        self.url: str = row.url
        self.strings = row.amounts == "string"

    @classmethod
    def take(cls, settings: Settings, clock: Clock, endpoint_id: UUID) -> Lease | None:
        """The lease of an active endpoint, None while another process has it."""
        now, lease = clock.now(), uuid4()
        free = WebhookEndpoint.leased_until.is_null() | (WebhookEndpoint.leased_until <= now)
        active = WebhookEndpoint.status == EndpointStatus.ACTIVE
        query = WebhookEndpoint.update(lease=lease, leased_until=_lease_end(settings, now))
        query = query.where((WebhookEndpoint.id == endpoint_id) & active & free)
        with connection():
            rows = list(query.returning(WebhookEndpoint).execute())
        return cls(settings, clock, lease, rows[0]) if rows else None

    @property
    def must_wait(self) -> bool:
        """Whether the receiver itself is failing, and not just one event."""
        return bool(self._row.failures >= PATIENCE)

    def secrets(self) -> list[str]:
        """The secrets to sign with now."""
        return self._row.secrets(self._clock.now())

    def record_success(self, order_id: UUID, sequence: int, status: int | None) -> None:
        """Records that the receiver accepted the event. Raises `LeaseLost`."""
        changes = {
            "status": DeliveryStatus.DELIVERED,
            "attempts": WebhookDelivery.attempts + 1,
            "response_status": status,
            "error": None,
            "failing_since": None,
            "delivered_at": self._clock.now(),
        }
        healthy = {"failures": 0, "failing_since": None, "last_error": None}
        self._record(order_id, sequence, changes, healthy)

    def record_failure(self, order_id: UUID, sequence: int, outcome: Outcome) -> None:
        """Records that the receiver refused the event or did not answer, and when to try it again.

        Raises `LeaseLost`.
        """
        now, row = self._clock.now(), self._row
        with connection():
            delivery = WebhookDelivery.get_or_none(self._delivery(order_id, sequence))
        if delivery is None:  # Its owner has removed the endpoint.
            raise LeaseLost
        attempts, refused_since = delivery.attempts + 1, delivery.failing_since or now
        failures, failing_since = row.failures + 1, row.failing_since or now
        changes = {
            "attempts": attempts,
            "response_status": outcome.status,
            "error": outcome.error,
            "failing_since": refused_since,
            "due_at": self._after_failures(attempts),
        }
        endpoint: dict[str, Any] = {
            "failures": failures,
            "failing_since": failing_since,
            "last_error": outcome.error,
        }
        if failures >= PATIENCE:
            endpoint["due_at"] = self._after_failures(failures - PATIENCE + 1)
        failing_for = now - min(refused_since, failing_since)
        if failing_for.total_seconds() >= self._settings.webhook_give_up_s:
            endpoint["status"] = EndpointStatus.FAILED
            observe.webhook_given_up(self.endpoint_id, f"{order_id}:{sequence}")
        self._record(order_id, sequence, changes, endpoint)

    def record_dropped(self, order_id: UUID, sequence: int) -> None:
        """Records that there is nothing to send any more. Raises `LeaseLost`."""
        changes = {"status": DeliveryStatus.DROPPED, "error": "The order was removed."}
        self._record(order_id, sequence, changes, {})

    def give_back(self) -> None:
        """Lets other processes take the endpoint.

        Unless the receiver is failing, that may be as soon as a delivery is due.
        """
        changes: dict[str, Any] = {"lease": None, "leased_until": None}
        if not self.must_wait:
            changes["due_at"] = self._clock.now()
        with connection():
            self._update(changes)

    def _record(
        self, order_id: UUID, sequence: int, delivery: dict[str, Any], endpoint: dict[str, Any]
    ) -> None:
        leased_until = _lease_end(self._settings, self._clock.now())
        with connection(), database.atomic():
            self._update(endpoint | {"leased_until": leased_until})
            WebhookDelivery.update(delivery).where(self._delivery(order_id, sequence)).execute()
        if self._row.status != EndpointStatus.ACTIVE:
            self.give_back()
            raise LeaseLost

    def _delivery(self, order_id: UUID, sequence: int) -> Any:
        return (
            (WebhookDelivery.endpoint_id == self.endpoint_id)
            & (WebhookDelivery.order_id == order_id)
            & (WebhookDelivery.sequence == sequence)
        )

    def _update(self, changes: dict[str, Any]) -> None:
        mine = (WebhookEndpoint.id == self.endpoint_id) & (WebhookEndpoint.lease == self._lease)
        rows = list(
            WebhookEndpoint.update(changes).where(mine).returning(WebhookEndpoint).execute()
        )
        if not rows:
            raise LeaseLost
        self._row = rows[0]

    def _after_failures(self, failures: int) -> datetime:
        settings = self._settings
        wait_s = settings.webhook_backoff_s * 2 ** min(failures - 1, MAX_DOUBLINGS)
        return self._clock.now() + timedelta(seconds=min(wait_s, settings.webhook_backoff_max_s))


def _lease_end(settings: Settings, now: datetime) -> datetime:
    longest_s = LEASE_TIMEOUTS * settings.webhook_timeout_s + LEASE_MARGIN_S
    return now + timedelta(seconds=longest_s)
