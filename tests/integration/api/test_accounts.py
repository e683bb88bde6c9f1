"""Accounts over HTTP: their tokens, and that only they see their orders."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

import jwt
import pytest
from flask.testing import FlaskClient

from app import create_app
from orders.accounts import accounts
from orders.accounts.sessions import Sessions
from orders.accounts.tokens import issue_token, read_token
from orders.config import Settings
from orders.domain.errors import Unauthenticated
from orders.storage.database import connection
from orders.storage.models import Account
from orders.wiring import Components

ADA = {"email": "ada@example.org", "password": "correct horse battery"}
MARKET = {"tokenIn": "SOL", "tokenOut": "USDC", "amount": "1.5"}


def sign_up(client: FlaskClient, email: str = ADA["email"]) -> dict[str, Any]:
    answer = client.post("/api/auth/signup", json={**ADA, "email": email})
    assert answer.status_code == 201, answer.text
    session: dict[str, Any] = answer.get_json()
    return session


def bearer(session: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['token']}"}


def test_new_account_can_log_in_and_read_itself(client: FlaskClient) -> None:
    session = sign_up(client, " Ada@Example.ORG ".strip())
    assert session["user"]["email"] == "ada@example.org"
    login = client.post("/api/auth/login", json={**ADA, "email": "ADA@example.org"})
    assert login.status_code == 200
    assert login.get_json()["user"] == session["user"]
    me = client.get("/api/auth/me", headers=bearer(login.get_json())).get_json()
    assert me["user"] == session["user"]


def test_passwords_are_stored_as_argon2id(client: FlaskClient) -> None:
    sign_up(client)
    with connection():
        [account] = Account.select()
    assert account.password_hash.startswith("$argon2id$")


def test_an_email_address_is_taken_once(client: FlaskClient) -> None:
    sign_up(client)
    again = client.post("/api/auth/signup", json={**ADA, "email": "ADA@EXAMPLE.org"})
    assert (again.status_code, again.get_json()["code"]) == (409, "email_taken")


def test_unknown_address_and_wrong_password_get_the_same_answer_after_the_same_work(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_up(client)
    checks: list[str] = []
    verify = accounts.HASHER.verify

    class Counting:
        hash = accounts.HASHER.hash

        @staticmethod
        def verify(hashed: str, password: str) -> bool:
            checks.append(hashed.rsplit("$", 2)[0])
            return verify(hashed, password)

    monkeypatch.setattr(accounts, "HASHER", Counting)
    wrong = client.post("/api/auth/login", json={**ADA, "password": "wrong password"})
    unknown = client.post("/api/auth/login", json={**ADA, "email": "eve@example.org"})
    assert wrong.status_code == unknown.status_code == 401
    bodies = [answer.get_json() | {"requestId": None} for answer in (wrong, unknown)]
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "invalid_credentials"
    assert len(checks) == 2
    assert checks[0] == checks[1]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"email": "a" * 250 + "@b.org"}, "email"),
        ({"email": None}, "email"),
        ({"email": "<img onerror=x>@b.org"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "p" * 129}, "password"),
        ({"password": 1234567890}, "password"),
        ({"pasword": "x"}, "pasword"),
    ],
)
def test_unusable_credentials_are_refused_by_name(
    shared_client: FlaskClient, fields: dict[str, Any], field: str
) -> None:
    answer = shared_client.post("/api/auth/signup", json={**ADA, **fields})
    assert answer.status_code == 400
    assert field in answer.get_json()["errors"]


def test_only_the_account_itself_finds_its_orders(client: FlaskClient) -> None:
    ada, eve = bearer(sign_up(client)), bearer(sign_up(client, "eve@example.org"))
    order_id = client.post("/api/orders", json=MARKET, headers=ada).get_json()["orderId"]
    paths = [
        ("GET", f"/api/orders/{order_id}"),
        ("GET", f"/api/orders/status/{order_id}"),
        ("GET", f"/api/orders/{order_id}/history"),
        ("DELETE", f"/api/orders/{order_id}"),
        ("POST", f"/api/orders/{order_id}/cancel"),
    ]
    for stranger in (eve, {}):
        for method, path in paths:
            answer = client.open(path, method=method, headers=stranger)
            assert (answer.status_code, answer.get_json()["code"]) == (404, "order_not_found")
        assert client.get("/api/orders", headers=stranger).get_json()["orders"] == []
    [listed] = client.get("/api/orders", headers=ada).get_json()["orders"]
    assert listed["orderId"] == order_id
    assert client.delete(f"/api/orders/{order_id}", headers=ada).status_code == 200


def test_user_id_with_a_token_is_the_account_or_absent(client: FlaskClient) -> None:
    session = sign_up(client)
    own = session["user"]["id"]
    for label, status in ((own, 202), ("somebody", 400)):
        answer = client.post(
            "/api/orders", json={**MARKET, "userId": label}, headers=bearer(session)
        )
        assert answer.status_code == status
    [order] = client.get("/api/orders", headers=bearer(session)).get_json()["orders"]
    assert order["userId"] == own


def test_each_caller_has_its_own_idempotency_keys(client: FlaskClient) -> None:
    ada = bearer(sign_up(client))
    key = {"Idempotency-Key": "1"}
    mine = client.post("/api/orders", json=MARKET, headers={**ada, **key})
    anonymous = client.post("/api/orders/execute", json=MARKET, headers=key)
    assert (mine.status_code, anonymous.status_code) == (202, 202)
    assert mine.get_json()["orderId"] != anonymous.get_json()["orderId"]


def forged(settings: Settings, **claims: Any) -> str:
    return jwt.encode({"sub": str(uuid4()), "exp": time.time() + 60, **claims}, "x" * 32, "HS256")


def unsigned(settings: Settings) -> str:
    return jwt.encode({"sub": str(uuid4()), "exp": time.time() + 60}, "", "none")


def expired(settings: Settings) -> str:
    return issue_token(replace(settings, token_ttl_s=-60), uuid4())


def signed_with_the_bare_secret(settings: Settings) -> str:
    claims = {"sub": str(uuid4()), "exp": time.time() + 60}
    return jwt.encode(claims, settings.secret_key, "HS256")


@pytest.mark.parametrize(
    "token",
    [
        forged,
        unsigned,
        expired,
        signed_with_the_bare_secret,
        lambda settings: "abc",
        lambda settings: "a.b.c",
        lambda settings: "x" * 5000,
        lambda settings: issue_token(settings, uuid4())[:-2],
        lambda settings: 17,
    ],
)
def test_unusable_tokens_are_refused(shared_client: FlaskClient, token: Any) -> None:
    settings = shared_client.application.config["SETTINGS"]
    made = token(settings)
    with pytest.raises(Unauthenticated):
        read_token(settings, made)
    answer = shared_client.get("/api/orders", headers={"Authorization": f"Bearer {made}"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "token"])
def test_other_authorization_headers_are_refused(shared_client: FlaskClient, header: str) -> None:
    answer = shared_client.get("/api/orders", headers={"Authorization": header})
    assert answer.status_code == 401


def test_caller_without_a_token_is_anonymous_unless_one_is_required(settings: Settings) -> None:
    assert read_token(settings, None) is None
    with pytest.raises(Unauthenticated):
        read_token(replace(settings, require_auth=True), None)


def test_a_token_names_its_account(settings: Settings) -> None:
    account_id = uuid4()
    credential = read_token(settings, issue_token(settings, account_id))
    assert credential is not None
    assert (credential.account_id, credential.session_id) == (account_id, None)


def test_the_token_of_an_account_that_is_gone_is_refused(client: FlaskClient) -> None:
    settings = client.application.config["SETTINGS"]
    headers = {"Authorization": f"Bearer {issue_token(settings, uuid4())}"}
    assert client.post("/api/orders", json=MARKET, headers=headers).status_code == 401
    assert client.get("/api/auth/me", headers=headers).status_code == 401


def test_require_auth_turns_anonymous_orders_off(components: Components) -> None:
    strict = replace(components.settings, require_auth=True)
    client = create_app(
        strict, replace(components, settings=strict, sessions=Sessions(strict, components.clock))
    ).test_client()
    order_id = "00000000-0000-7000-8000-000000000000"
    for method, path in (
        ("POST", "/api/orders/execute"),
        ("POST", "/api/orders"),
        ("GET", "/api/orders"),
        ("GET", f"/api/orders/{order_id}"),
        ("GET", f"/api/orders/status/{order_id}"),
        ("GET", f"/api/orders/{order_id}/history"),
        ("DELETE", f"/api/orders/{order_id}"),
        ("POST", f"/api/orders/{order_id}/cancel"),
        ("POST", "/api/market/launches"),
    ):
        answer = client.open(path, method=method, json=MARKET if method == "POST" else None)
        assert answer.status_code == 401, path
    assert client.get("/api/tokens").status_code == 200
    session = sign_up(client)
    placed = client.post("/api/orders/execute", json=MARKET, headers=bearer(session))
    assert placed.status_code == 202


@pytest.mark.parametrize(
    "written", ["ADA@Bücher.example", "ada@xn--bcher-kva.example", "ａｄａ@bücher.example"]
)
def test_one_address_has_one_account_however_it_is_written(
    client: FlaskClient, written: str
) -> None:
    body = {"email": "ada@bücher.example", "password": ADA["password"]}
    assert client.post("/api/auth/signup", json=body).status_code == 201
    again = client.post("/api/auth/signup", json={**body, "email": written})
    assert (again.status_code, again.get_json()["code"]) == (409, "email_taken")
    assert client.post("/api/auth/login", json={**body, "email": written}).status_code == 200


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\u202e", " "])
def test_address_with_an_invisible_character_is_refused(client: FlaskClient, hidden: str) -> None:
    body = {"email": f"ad{hidden}a@example.org", "password": ADA["password"]}
    refused = client.post("/api/auth/signup", json=body)
    assert refused.get_json()["errors"] == {"email": ["Give an email address."]}


def test_log_in_with_an_address_that_nobody_can_have_fails_like_any_other(
    client: FlaskClient,
) -> None:
    body = {"email": "<img src=x>", "password": ADA["password"]}
    refused = client.post("/api/auth/login", json=body)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "invalid_credentials")
