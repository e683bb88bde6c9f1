"""The webhooks' API: an account's own, secrets shown once, every refusal a problem."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import jsonschema_rs
import pytest
from flask.testing import FlaskClient
from standardwebhooks import Webhook

from app import create_app
from orders.config import Settings
from orders.wiring import wire
from tests.integration.accounts.webhooks.conftest import Receiver, answer_with, receiver

__all__ = ["receiver"]

URL = "http://127.0.0.1:9/hook"
Account = dict[str, str]


def sign_up(client: FlaskClient) -> Account:
    person = {"email": f"{uuid4().hex}@example.org", "password": "correct horse battery"}
    session = client.post("/api/auth/signup", json=person).get_json()
    return {"Authorization": f"Bearer {session['token']}"}


@pytest.fixture
def account(client: FlaskClient) -> Account:
    return sign_up(client)


def make(client: FlaskClient, account: Account, url: str = URL, **fields: Any) -> Any:
    return client.post("/api/webhooks", json={"url": url, **fields}, headers=account)


def test_the_secret_is_shown_once(client: FlaskClient, account: Account) -> None:
    made = make(client, account, events=["confirmed"])
    assert made.status_code == 201
    shown = made.get_json()
    assert shown.pop("secret").startswith("whsec_")
    assert client.get(f"/api/webhooks/{shown['id']}", headers=account).get_json() == shown
    assert client.get("/api/webhooks", headers=account).get_json() == {"webhooks": [shown]}
    assert (shown["status"], shown["events"], shown["failures"]) == ("active", ["confirmed"], 0)


def test_form_of_amounts_is_chosen_once(client: FlaskClient, account: Account) -> None:
    assert make(client, account).get_json()["amounts"] == "number"
    assert make(client, account, amounts="string").get_json()["amounts"] == "string"
    assert make(client, account, amounts="text").status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/pause"),
        ("POST", "/resume"),
        ("POST", "/rotate-secret"),
        ("POST", "/test"),
        ("GET", "/deliveries"),
        ("POST", "/deliveries/1/redeliver"),
    ],
)
def test_webhooks_of_others_are_not_there(
    client: FlaskClient, account: Account, method: str, path: str
) -> None:
    endpoint_id = make(client, account).get_json()["id"]
    stranger = sign_up(client)
    for wanted in (endpoint_id, str(uuid4()), "nothing"):
        address = f"/api/webhooks/{wanted}{path}"
        answer = client.open(address, method=method, headers=stranger)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "webhook_not_found")
        assert client.open(address, method=method).status_code == 401
    assert client.get("/api/webhooks", headers=account).get_json()["webhooks"][0]["id"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"url": "ftp://example.org"}, "url"),
        ({"url": "https://user:secret@example.org"}, "url"),
        ({"url": None}, "url"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": ["confirmed", "sold"]}, "events.1"),
        ({"url": URL, "events": ["confirmed", "confirmed"]}, "events"),
        ({"url": URL, "event": ["confirmed"]}, "event"),
    ],
)
def test_refused_webhook_names_the_wrong_field(
    client: FlaskClient, account: Account, fields: dict[str, Any], wrong: str
) -> None:
    answer = client.post("/api/webhooks", json=fields, headers=account)
    errors = answer.get_json()["errors"]
    assert (answer.status_code, list(errors)) == (400, [wrong])
    assert all(isinstance(message, str) for message in errors[wrong])


def test_private_addresses_are_refused_outside_of_local_mode(settings: Settings) -> None:
    components = wire(replace(settings, environment="production"))
    client = create_app(components.settings, components).test_client()
    account = sign_up(client)
    for url in ("https://10.0.0.1/", "https://[::1]/", "http://example.org/"):
        assert list(make(client, account, url).get_json()["errors"]) == ["url"]
    assert make(client, account, "https://example.org/").status_code == 201
    components.close()


def test_account_has_a_bounded_number_of_webhooks(settings: Settings) -> None:
    components = wire(replace(settings, webhook_endpoints=2))
    client = create_app(components.settings, components).test_client()
    account = sign_up(client)
    made = [make(client, account) for _ in range(3)]
    assert [each.status_code for each in made] == [201, 201, 409]
    assert made[2].get_json()["code"] == "too_many_webhooks"
    endpoint_id = made[0].get_json()["id"]
    assert client.delete(f"/api/webhooks/{endpoint_id}", headers=account).status_code == 200
    assert make(client, account).status_code == 201
    components.close()


def test_a_test_message_is_signed_like_events_with_both_secrets_after_a_change(
    client: FlaskClient, account: Account, receiver: Receiver
) -> None:
    made = make(client, account, receiver.url).get_json()
    path = f"/api/webhooks/{made['id']}"
    rotated = client.post(f"{path}/rotate-secret", headers=account).get_json()
    assert rotated["secret"] != made["secret"]
    told = client.post(f"{path}/test", headers=account).get_json()
    assert told == {"delivered": True, "responseStatus": 204, "error": None}
    _, headers, body = receiver.received[0]
    for secret in (rotated["secret"], made["secret"]):
        assert Webhook(secret).verify(body, headers)["type"] == "test"
    receiver.answer = answer_with(500)
    told = client.post(f"{path}/test", headers=account).get_json()
    assert told["error"] == "The receiver answered 500."


def test_pausing_and_resuming_shows_in_the_status(client: FlaskClient, account: Account) -> None:
    path = f"/api/webhooks/{make(client, account).get_json()['id']}"
    assert client.post(f"{path}/pause", headers=account).get_json()["status"] == "paused"
    assert client.post(f"{path}/resume", headers=account).get_json()["status"] == "active"


@pytest.mark.parametrize("number", ["1", "0", str(2**63), str(10**40)])
def test_unknown_deliveries_are_not_there(
    client: FlaskClient, account: Account, number: str
) -> None:
    path = f"/api/webhooks/{make(client, account).get_json()['id']}/deliveries"
    assert client.get(path, headers=account).get_json() == {"deliveries": [], "nextCursor": None}
    answer = client.post(f"{path}/{number}/redeliver", headers=account)
    assert (answer.status_code, answer.get_json()["code"]) == (404, "webhook_not_found")


def test_what_is_sent_is_what_the_openapi_document_says(
    client: FlaskClient, account: Account, receiver: Receiver
) -> None:
    document = client.get("/openapi.json").get_json()
    made = make(client, account, receiver.url).get_json()
    client.post(f"/api/webhooks/{made['id']}/test", headers=account)
    order = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": 1, "clientOrderId": "described"}
    order_id = client.post("/api/orders", json=order, headers=account).get_json()["orderId"]
    history = client.get(f"/api/orders/{order_id}/history", headers=account).get_json()
    _, headers, body = receiver.received[0]
    for name, sent in (("test", json.loads(body)), ("orderEvent", history["history"][0])):
        described = document["webhooks"][name]["post"]
        pointer = f"#/webhooks/{name}/post/requestBody/content/application~1json/schema"
        check = jsonschema_rs.validator_for({**document, "$ref": pointer})
        check.validate(sent)
        assert not check.is_valid({"type": "something else"})
        assert {parameter["name"] for parameter in described["parameters"]} <= headers.keys()
