"""Reading events for webhooks: none is missed, however late its transaction commits."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from orders.accounts.webhooks.reader import read_new_events
from orders.config import Settings
from orders.storage.database import connection, database
from orders.wiring import Components

EVENT = """
INSERT INTO order_events (order_id, sequence, status, at, data) VALUES (%s, %s, %s, now(), '{}')
"""
ORDER = """
INSERT INTO orders (id, account_id, type, token_in, token_out, amount_in, max_slippage_bps, status,
    sequence, created_at, updated_at)
VALUES (%s, %s, 'market', 'a', 'b', 1, 100, 'pending', 1, now(), now())
"""
SIGN_UP = "INSERT INTO accounts VALUES (%s, %s, '', now())"
ACCOUNT, OTHER = uuid4(), uuid4()
URL = "http://127.0.0.1:9/hook"


def open_writer(settings: Settings) -> Connection:
    """A transaction that the test ends when it likes."""
    return psycopg2.connect(settings.database_url)


def store(writer: Connection, order_id: UUID, sequence: int, status: str = "routing") -> None:
    writer.cursor().execute(EVENT, (order_id, sequence, status))


def new_order(writer: Connection, account_id: UUID = ACCOUNT) -> UUID:
    order_id = uuid4()
    writer.cursor().execute(ORDER, (order_id, account_id))
    return order_id


def read_all(components: Components) -> None:
    while not read_new_events(components.clock.now()):
        pass


def queued() -> list[tuple[UUID, int]]:
    with connection():
        query = "SELECT order_id, sequence FROM webhook_deliveries ORDER BY id"
        return list(database.execute_sql(query).fetchall())


@pytest.fixture
def writers(settings: Settings) -> Iterator[tuple[Connection, Connection]]:
    """Two sessions of other processes."""
    pair = open_writer(settings), open_writer(settings)
    for account_id in (ACCOUNT, OTHER):
        pair[0].cursor().execute(SIGN_UP, (account_id, str(account_id)))
    pair[0].commit()
    yield pair
    for writer in pair:
        writer.close()


def test_an_event_that_commits_late_is_not_missed(
    components: Components, writers: tuple[Connection, Connection]
) -> None:
    components.webhook_endpoints.create(ACCOUNT, URL, None)
    slow, fast = writers
    late = new_order(slow)
    store(slow, late, 1)
    early = new_order(fast)
    store(fast, early, 1)
    fast.commit()
    read_all(components)
    assert queued() == []  # The older transaction may still store something.
    slow.commit()
    read_all(components)
    assert sorted(queued()) == sorted([(late, 1), (early, 1)])


def test_a_later_step_in_an_earlier_transaction_does_not_overtake(
    components: Components, writers: tuple[Connection, Connection]
) -> None:
    components.webhook_endpoints.create(ACCOUNT, URL, None)
    older, newer = writers
    new_order(older)  # Takes its transaction id.
    order_id = new_order(newer)
    store(newer, order_id, 1)
    newer.commit()
    store(older, order_id, 2)
    older.commit()
    while not read_new_events(components.clock.now(), most=0):
        assert (order_id, 2) not in queued() or (order_id, 1) in queued()
    assert sorted(queued()) == [(order_id, 1), (order_id, 2)]


def test_reading_in_small_steps_queues_everything_once(
    components: Components, writers: tuple[Connection, Connection]
) -> None:
    components.webhook_endpoints.create(ACCOUNT, URL, None)
    writer, _ = writers
    expected = []
    for _ in range(7):
        order_id = new_order(writer)
        for sequence in (1, 2, 3):
            store(writer, order_id, sequence)
            expected.append((order_id, sequence))
        writer.commit()
    while not read_new_events(components.clock.now(), most=2):
        pass
    assert queued() == expected
    read_all(components)
    assert queued() == expected


def test_nothing_older_than_the_first_endpoint_is_queued(
    components: Components, writers: tuple[Connection, Connection]
) -> None:
    writer, _ = writers
    for _ in range(3):
        store(writer, new_order(writer), 1)
        writer.commit()
    read_all(components)
    components.webhook_endpoints.create(ACCOUNT, URL, None)
    order_id = new_order(writer)
    store(writer, order_id, 1)
    writer.commit()
    read_all(components)
    assert queued() == [(order_id, 1)]


def test_each_endpoint_gets_only_events_it_wants_of_its_own_account(
    components: Components, writers: tuple[Connection, Connection]
) -> None:
    components.webhook_endpoints.create(ACCOUNT, URL, ["confirmed"])
    components.webhook_endpoints.create(OTHER, URL, None)
    writer, _ = writers
    order_id = new_order(writer)
    store(writer, order_id, 1, "routing")
    store(writer, order_id, 2, "confirmed")
    others = new_order(writer, OTHER)
    store(writer, others, 1, "routing")
    writer.commit()
    read_all(components)
    assert sorted(queued()) == sorted([(order_id, 2), (others, 1)])


def test_events_unread_before_a_restore_are_queued_and_reading_continues(
    components: Components, writers: tuple[Connection, Connection]
) -> None:
    """Another server numbered its transactions higher; `read_up_to` came with the backup."""
    components.webhook_endpoints.create(ACCOUNT, URL, None)
    writer, _ = writers
    order_id = new_order(writer)
    numbered = EVENT.replace("data)", "data, transaction_id)").replace("'{}')", "'{}', %s)")
    for sequence, transaction in ((1, 999_990), (2, 1_000_010)):
        writer.cursor().execute(numbered, (order_id, sequence, "routing", str(transaction)))
    writer.cursor().execute("UPDATE webhook_reader SET read_up_to = '1000000'")
    writer.commit()
    store(writer, order_id, 3)
    writer.commit()
    read_all(components)
    assert queued() == [(order_id, 2), (order_id, 3)]
    writer.cursor().execute("UPDATE webhook_reader SET read_up_to = '999900'")
    writer.commit()
    read_all(components)
    assert queued() == [(order_id, 2), (order_id, 3)]


def test_transactions_are_read_as_numbers_not_as_texts(
    components: Components, writers: tuple[Connection, Connection]
) -> None:
    components.webhook_endpoints.create(ACCOUNT, URL, None)
    writer, _ = writers
    writer.cursor().execute("UPDATE webhook_reader SET read_up_to = '0'")
    order_id = new_order(writer)
    numbered = EVENT.replace("data)", "data, transaction_id)").replace("'{}')", "'{}', %s)")
    for sequence, transaction in ((1, 9), (2, 10), (3, 100)):
        writer.cursor().execute(numbered, (order_id, sequence, "routing", str(transaction)))
    writer.commit()
    while not read_new_events(components.clock.now(), most=0):
        pass
    assert queued() == [(order_id, 1), (order_id, 2), (order_id, 3)]
