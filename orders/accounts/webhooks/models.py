"""Peewee models of the webhooks' tables; docs/database.md explains every column."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from peewee import BigIntegerField, CompositeKey, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import ArrayField

from orders.storage.models import Record, TimestampField


class EndpointStatus(StrEnum):
    """Whether anything is sent to an endpoint."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Its owner paused it."""
    FAILED = "failed"
    """It accepted nothing, or refused one event, for `webhook_give_up_s`; resuming continues with
    that event.
    """


class DeliveryStatus(StrEnum):
    """The state of one event's delivery to one endpoint."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DROPPED = "dropped"
    """The order was pruned before its event could be delivered."""


class WebhookEndpoint(Record):
    """A URL that an account's events are sent to."""

    id = UUIDField(primary_key=True)
    account_id = UUIDField()
    url = TextField()
    events = ArrayField(TextField, null=True, index=False)
    amounts = TextField()
    secret = TextField()
    old_secret = TextField(null=True)
    old_secret_until = TimestampField(null=True)
    status = TextField()
    failures = IntegerField(default=0)
    failing_since = TimestampField(null=True)
    last_error = TextField(null=True)
    due_at = TimestampField()
    lease = UUIDField(null=True)
    leased_until = TimestampField(null=True)
    created_at = TimestampField()

    class Meta:
        table_name = "webhook_endpoints"

    def secrets(self, now: datetime) -> list[str]:
        """The secrets to sign with: the newest and, for a while after a change, the one before."""
        if self.old_secret and self.old_secret_until > now:
            return [self.secret, self.old_secret]
        return [self.secret]


class WebhookDelivery(Record):
    """One event on its way to one endpoint."""

    id = BigIntegerField()
    endpoint_id = UUIDField()
    order_id = UUIDField()
    sequence = IntegerField()
    status = TextField()
    attempts = IntegerField()
    due_at = TimestampField()
    failing_since = TimestampField(null=True)
    response_status = IntegerField(null=True)
    error = TextField(null=True)
    created_at = TimestampField()
    delivered_at = TimestampField(null=True)

    class Meta:
        table_name = "webhook_deliveries"
        primary_key = CompositeKey("endpoint_id", "order_id", "sequence")
