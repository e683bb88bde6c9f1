"""Numbering the events of accounts that somebody follows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest

from orders.accounts.accounts import Accounts
from orders.config import Settings
from orders.domain.errors import Unauthenticated
from orders.storage.account_events import (
    number_events,
    open_feed,
    read_account_events,
    read_account_sequences,
)
from orders.storage.database import connection, database
from orders.wiring import Components

ORDER = """
INSERT INTO orders (id, account_id, type, token_in, token_out, amount_in, max_slippage_bps, status,
    sequence, created_at, updated_at)
VALUES (%s, %s, 'market', 'a', 'b', 1, 100, 'pending', 1, now(), now())
"""
EVENT = """
INSERT INTO order_events (order_id, sequence, status, at, data) VALUES (%s, %s, 'open', now(), '{}')
"""


@pytest.fixture
def account(components: Components) -> UUID:
    """An account that somebody follows."""
    accounts = Accounts(components.clock, components.funding)
    account_id = accounts.sign_up("ada@example.org", "correct horse battery").id
    open_feed(account_id, components.clock.now())
    return account_id


@contextmanager
def session(settings: Settings) -> Iterator[Any]:
    """A process of its own that stores something: its transaction begins at once."""
    with closing(psycopg2.connect(settings.database_url)) as own, own.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
        yield cursor
        own.commit()


def place(settings: Settings, account_id: UUID | None) -> UUID:
    order_id = uuid4()
    with session(settings) as cursor:
        cursor.execute(ORDER, (str(order_id), str(account_id) if account_id else None))
        cursor.execute(EVENT, (str(order_id), 1))
    return order_id


def numbered(account_id: UUID) -> list[tuple[int, UUID, int]]:
    found = read_account_events(account_id, 0, 1_000)
    return [(each.sequence, each.event.order_id, each.event.sequence) for each in found]


def test_event_that_becomes_visible_late_is_numbered_then(
    settings: Settings, account: UUID
) -> None:
    with session(settings) as early:
        early.execute(ORDER, (str(late_order := uuid4()), str(account)))
        early.execute(EVENT, (str(late_order), 1))
        visible = place(settings, account)
        number_events()
        assert numbered(account) == [(1, visible, 1)]
    number_events()
    assert numbered(account) == [(1, visible, 1), (2, late_order, 1)]


def test_steps_of_an_order_keep_their_order_whatever_their_transactions(
    settings: Settings, account: UUID
) -> None:
    order_id = place(settings, account)
    with session(settings) as early:  # The transaction with the lower number stores the later step.
        with session(settings) as late:
            late.execute(EVENT, (str(order_id), 2))
        early.execute(EVENT, (str(order_id), 3))
    for _ in range(2):
        number_events(most=1)
        assert numbered(account) == [(1, order_id, 1), (2, order_id, 2), (3, order_id, 3)]


def test_followed_accounts_are_numbered_separately_and_others_not_at_all(
    settings: Settings, components: Components, account: UUID
) -> None:
    accounts = Accounts(components.clock, components.funding)
    other = accounts.sign_up("bob@example.org", "correct horse battery").id
    unseen = place(settings, other)
    place(settings, None)
    number_events()
    open_feed(other, components.clock.now())
    orders = [place(settings, owner) for owner in (account, other, account)]
    number_events()
    assert numbered(account) == [(1, orders[0], 1), (2, orders[2], 1)]
    assert numbered(other) == [(1, orders[1], 1)]
    assert unseen not in orders


def test_backup_from_another_server_leaves_a_gap_and_numbers_go_on(
    settings: Settings, account: UUID
) -> None:
    old = place(settings, account)
    number_events()
    with connection():  # As if its transactions had had higher numbers than any of this one.
        database.execute_sql("UPDATE account_feed_reader SET read_up_to = '9000000000'")
        database.execute_sql("ALTER TABLE order_events DISABLE TRIGGER USER")
        database.execute_sql("UPDATE order_events SET transaction_id = '8999999999'")
        database.execute_sql("ALTER TABLE order_events ENABLE TRIGGER USER")
    number_events()
    new = place(settings, account)
    number_events()
    assert numbered(account) == [(1, old, 1), (3, new, 1)]
    assert read_account_sequences([account]) == {account: 3}


def test_feed_of_an_unknown_account_is_refused(components: Components) -> None:
    with pytest.raises(Unauthenticated):
        open_feed(uuid4(), components.clock.now())
