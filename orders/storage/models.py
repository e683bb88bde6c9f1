"""Peewee models of the tables; docs/database.md explains every column.

Orders and their events are written by `orders.storage.journal` alone: these models read them.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DateTimeField,
    DecimalField,
    Field,
    IntegerField,
    Model,
    TextField,
    UUIDField,
)

from orders.storage.database import database


class TimestampField(DateTimeField):
    """A `timestamptz` column: aware datetimes in and out."""

    field_type = "TIMESTAMPTZ"


class ExactDecimalField(DecimalField):
    """A `numeric` column of any precision, stored and read digit for digit."""

    field_type = "NUMERIC"

    def get_modifiers(self) -> list[int]:
        """No precision, so that PostgreSQL keeps what it is given."""
        return []

    def db_value(self, value: Any) -> Any:
        """The value as it is, without rounding."""
        return value


class JsonField(Field):
    """A `jsonb`; psycopg2 is set up by `orders.storage.database` to read numbers as Decimal."""

    field_type = "JSONB"


class Record(Model):
    """The base class of all tables' models."""

    class Meta:
        database = database
        legacy_table_names = False


class Account(Record):
    """A person or program that signed up."""

    id = UUIDField(primary_key=True)
    email = TextField(unique=True)
    password_hash = TextField()
    created_at = TimestampField()
    sessions_from = TimestampField(null=True)

    class Meta:
        table_name = "accounts"


class Order(Record):
    """One swap order and its status."""

    id = UUIDField(primary_key=True)
    account_id = UUIDField(null=True)
    user_id = TextField(null=True)
    type = TextField()
    side = TextField(null=True)
    token_in = TextField()
    token_out = TextField()
    amount_in = ExactDecimalField()
    max_slippage_bps = IntegerField()
    limit_price = ExactDecimalField(null=True)
    stop_price = ExactDecimalField(null=True)
    min_liquidity = ExactDecimalField(null=True)
    expires_at = TimestampField(null=True)
    oco_group = UUIDField(null=True)
    client_order_id = TextField(null=True)
    wallet = TextField(null=True)
    hold = ExactDecimalField(null=True)
    signed_transaction = JsonField(null=True)
    scenario = TextField(null=True)
    status = TextField()
    sequence = IntegerField()
    attempts = IntegerField(default=0)
    recoveries = IntegerField(default=0)
    due_at = TimestampField(null=True)
    in_flight = BooleanField(default=False)
    outcome = TextField(null=True)
    rests_until = TimestampField(null=True)
    trigger_price = ExactDecimalField(null=True)
    lease_owner = TextField(null=True)
    dex_used = TextField(null=True)
    min_amount_out = ExactDecimalField(null=True)
    amount_out = ExactDecimalField(null=True)
    executed_price = ExactDecimalField(null=True)
    tx_hash = TextField(null=True)
    last_valid_block_height = BigIntegerField(null=True)
    transaction = JsonField(null=True)
    fail_code = TextField(null=True)
    fail_reason = TextField(null=True)
    cancelled_by = JsonField(null=True)
    created_at = TimestampField()
    updated_at = TimestampField()

    class Meta:
        table_name = "orders"


class OrderEvent(Record):
    """One step in an order's life; never changed, never deleted while the order exists."""

    order_id = UUIDField()
    sequence = IntegerField()
    status = TextField()
    at = TimestampField()
    data = JsonField()

    class Meta:
        table_name = "order_events"
        primary_key = CompositeKey("order_id", "sequence")


class IdempotencyKey(Record):
    """The order that an Idempotency-Key stands for, until it expires."""

    scope = TextField()
    key = TextField()
    payload_hash = TextField()
    order_id = UUIDField()
    expires_at = TimestampField()

    class Meta:
        table_name = "idempotency_keys"
        primary_key = CompositeKey("scope", "key")


class ClientOrderId(Record):
    """The order that a client's own id stands for; it outlives the order."""

    scope = TextField()
    client_order_id = TextField()
    payload_hash = TextField()
    order_id = UUIDField()

    class Meta:
        table_name = "client_order_ids"
        primary_key = CompositeKey("scope", "client_order_id")


class LaunchRecord(Record):
    """A token that opens for trading at a set time."""

    mint = TextField(primary_key=True)
    symbol = TextField(unique=True)
    decimals = IntegerField()
    price_usd = ExactDecimalField()
    liquidity_usd = ExactDecimalField()
    live_at = TimestampField()
    created_at = TimestampField()

    class Meta:
        table_name = "launches"


class MoveRecord(Record):
    """A move of the simulated market."""

    id = UUIDField(primary_key=True)
    mint = TextField()
    change_percent = ExactDecimalField()
    starts_at = TimestampField()
    over_seconds = IntegerField()
    hold_seconds = IntegerField(null=True)
    frozen = BooleanField()
    ended_at = TimestampField(null=True)
    over_at = TimestampField(null=True)
    created_at = TimestampField()

    class Meta:
        table_name = "market_moves"
