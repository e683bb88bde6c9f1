"""Log-ins that go on: listed, ended one by one or all at once; another password."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from orders.accounts.sessions import Sessions
from orders.accounts.tokens import issue_token
from orders.accounts.user_agents import short_user_agent
from orders.domain.clock import Clock
from orders.storage.database import connection, database
from orders.wiring import Components

PASSWORD = "correct horse battery"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Person:
    """Somebody with an account."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.email = f"{uuid4().hex}@example.org"
        body = {"email": self.email, "password": PASSWORD}
        answer = client.post("/api/auth/signup", json=body).get_json()
        self.account_id, self.first = UUID(answer["user"]["id"]), answer["token"]

    def log_in(self, agent: str = "python-requests/2.32.5", password: str = PASSWORD) -> str:
        body = {"email": self.email, "password": password}
        answer = self.client.post("/api/auth/login", json=body, headers={"User-Agent": agent})
        assert answer.status_code == 200, answer.text
        assert set(answer.get_json()) == {"token", "user"}
        return str(answer.get_json()["token"])

    def ask(self, token: str, method: str, path: str, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.open(f"/api/auth{path}", method=method, json=body, headers=headers)

    def listed(self, token: str) -> list[dict[str, Any]]:
        answer = self.ask(token, "GET", "/sessions")
        assert answer.status_code == 200, answer.text
        return list(answer.get_json()["sessions"])

    def works(self, token: str) -> bool:
        return self.ask(token, "GET", "/me").status_code == 200


@pytest.fixture
def person(client: FlaskClient) -> Person:
    """Somebody who has just signed up."""
    return Person(client)


def test_sessions_are_listed_with_what_their_owner_knows_them_by(person: Person) -> None:
    token = person.log_in(FIREFOX)
    newest, oldest = person.listed(token)
    assert (newest["userAgent"], newest["current"]) == ("Firefox on Windows", True)
    assert oldest["current"] is False
    assert oldest["createdAt"] <= newest["createdAt"] < newest["expiresAt"]
    assert newest["lastUsedAt"] == newest["createdAt"]


def test_logging_out_ends_that_session_alone(person: Person) -> None:
    token = person.log_in()
    assert person.ask(token, "POST", "/logout").get_json() == {"ended": 1}
    refused = person.ask(token, "GET", "/me")
    assert (refused.status_code, refused.get_json()["code"]) == (401, "unauthenticated")
    assert "has ended" in refused.get_json()["detail"]
    assert person.works(person.first)


def test_one_session_is_ended_by_another_but_not_by_another_account(person: Person) -> None:
    other = person.log_in()
    session_id = next(each["id"] for each in person.listed(person.first) if not each["current"])
    stranger = Person(person.client)
    for wanted in (session_id, "nothing"):
        refused = stranger.ask(stranger.first, "DELETE", f"/sessions/{wanted}")
        assert (refused.status_code, refused.get_json()["code"]) == (404, "session_not_found")
    assert person.works(other)
    assert person.ask(person.first, "DELETE", f"/sessions/{session_id}").status_code == 200
    assert not person.works(other)
    assert person.ask(person.first, "DELETE", f"/sessions/{session_id}").status_code == 404
    assert len(person.listed(person.first)) == 1


def test_logging_out_everywhere_ends_all_sessions_and_tokens_from_before_sessions(
    app: Flask, person: Person
) -> None:
    settings = app.config["SETTINGS"]
    old = issue_token(settings, person.account_id)
    tokens = [person.first, person.log_in(), person.log_in()]
    assert all(person.works(token) for token in [*tokens, old])
    assert person.ask(old, "POST", "/logout").status_code == 404
    assert person.ask(tokens[1], "POST", "/logout-everywhere").get_json() == {"ended": 3}
    assert not any(person.works(token) for token in [*tokens, old])
    assert person.works(person.log_in())


def test_new_password_ends_all_sessions_and_begins_one(person: Person) -> None:
    body = {"currentPassword": PASSWORD, "newPassword": "a horse of another colour"}
    wrong = person.ask(person.first, "POST", "/password", body | {"currentPassword": "no idea"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (401, "invalid_credentials")
    short = person.ask(person.first, "POST", "/password", body | {"newPassword": "short"})
    assert list(short.get_json()["errors"]) == ["newPassword"]
    assert person.works(person.first)

    changed = person.ask(person.first, "POST", "/password", body).get_json()
    assert changed["user"]["email"] == person.email
    assert not person.works(person.first)
    assert person.works(changed["token"])
    refused = person.client.post(
        "/api/auth/login", json={"email": person.email, "password": PASSWORD}
    )
    assert refused.status_code == 401
    assert person.works(person.log_in(password="a horse of another colour"))


def test_further_log_ins_end_the_least_used_sessions(components: Components) -> None:
    few = replace(components.settings, sessions_limit=2)
    limited = replace(components, settings=few, sessions=Sessions(few, components.clock))
    person = Person(create_app(few, limited).test_client())
    tokens = [person.first, person.log_in(), person.log_in()]
    assert [person.works(token) for token in tokens] == [False, True, True]


class Later:
    """A clock that can be put forward."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead = 0.0

    def now(self) -> Any:
        from datetime import timedelta

        return self._clock.now() + timedelta(seconds=self.ahead)

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


def test_last_use_is_kept_to_the_minute_and_expired_sessions_are_forgotten(
    components: Components, person: Person
) -> None:
    clock = Later(components.clock)
    sessions = Sessions(components.settings, clock)
    before = person.listed(person.first)[0]
    sessions.caller(person.first)
    assert person.listed(person.first)[0]["lastUsedAt"] == before["lastUsedAt"]
    clock.ahead = 61
    Sessions(components.settings, clock).caller(person.first)
    assert person.listed(person.first)[0]["lastUsedAt"] > before["lastUsedAt"]
    assert sessions.forget_expired() == 0
    clock.ahead = components.settings.token_ttl_s + 1
    assert sessions.forget_expired() == 1
    with connection():
        assert database.execute_sql("SELECT count(*) FROM sessions").fetchone() == (0,)


@pytest.mark.parametrize(
    ("header", "short"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/139.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 200, "x" * 60),
        ("", None),
        ("\u202e \x00", None),
    ],
)
def test_user_agents_have_a_short_form(header: str, short: str | None) -> None:
    assert short_user_agent(header) == short
