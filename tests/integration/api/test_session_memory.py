"""A process forgets what it knew of sessions when it ends some, whatever happens at that moment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from flask.testing import FlaskClient

from orders.accounts.sessions import TOUCH_EVERY
from orders.storage.database import connection, database
from orders.wiring import Components
from tests.clients import wait_until

PASSWORD = "correct horse battery"
ADVISORY_LOCK = 77
COMMIT_WAITS = f"""
CREATE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock({ADVISORY_LOCK}); RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER wait_for_the_test AFTER UPDATE ON sessions DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION wait_for_the_test();
"""
SOMEBODY_WAITS = """
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE wait_event_type = 'Lock' AND datname = current_database())
"""


class Person:
    """Somebody with one session, and another connection to the database."""

    def __init__(self, client: FlaskClient, other: Any) -> None:
        self._client = client
        body = {"email": "somebody@example.org", "password": PASSWORD}
        self.token = client.post("/api/auth/signup", json=body).get_json()["token"]
        self.other = other

    def ask(self, method: str, path: str, body: Any = None) -> int:
        headers = {"Authorization": f"Bearer {self.token}"}
        asked = self._client.open(f"/api/auth{path}", method=method, json=body, headers=headers)
        return asked.status_code

    def wait_for_a_lock(self) -> None:
        def waits() -> bool:
            with connection():
                return bool(database.execute_sql(SOMEBODY_WAITS).fetchone()[0])

        wait_until(waits, "somebody who waits for a lock")


@pytest.fixture
def person(client: FlaskClient, components: Components) -> Iterator[Person]:
    with closing(psycopg2.connect(components.settings.database_url)) as other:
        yield Person(client, other)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/logout", None),
        ("/logout-everywhere", None),
        ("/password", {"currentPassword": PASSWORD, "newPassword": "a horse of another colour"}),
    ],
)
def test_a_token_used_during_the_commit_that_ends_its_session_is_refused_afterwards(
    person: Person, path: str, body: Any
) -> None:
    cursor = person.other.cursor()
    cursor.execute(COMMIT_WAITS)
    person.other.commit()
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (ADVISORY_LOCK,))
    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(person.ask, "POST", path, body)
        person.wait_for_a_lock()
        assert person.ask("GET", "/me") == 200
        person.other.rollback()
        assert ending.result() == 200
    assert person.ask("GET", "/me") == 401


def test_an_answer_read_before_sessions_ended_is_not_remembered(
    components: Components, person: Person
) -> None:
    sessions, cursor = components.sessions, person.other.cursor()
    unused_since = components.clock.now() - TOUCH_EVERY - timedelta(seconds=1)
    with connection():
        used = "UPDATE sessions SET last_used_at = %s"
        database.execute_sql(used, (unused_since,))
    cursor.execute("UPDATE sessions SET ended_at = now()")
    with ThreadPoolExecutor(1) as pool:
        # It has read that the session is open, and waits to note that it was used.
        asking = pool.submit(person.ask, "GET", "/me")
        person.wait_for_a_lock()
        sessions.end_all(uuid4())
        person.other.commit()
        assert asking.result() == 200
    assert person.ask("GET", "/me") == 401
