"""Streams that are refused: what a client did wrong is said, and never passed over."""

from __future__ import annotations

from typing import Any

import pytest
import socketio

from tests.acceptance.test_money import Trader
from tests.clients import read_websocket, submit
from tests.message_client import MessageClient
from tests.stack import Stack


@pytest.mark.parametrize("auth", [{"token": "wrong"}, {"token": ""}, {"token": 7}, "a token", [1]])
def test_socketio_says_in_a_sentence_and_by_code_why_it_refuses(stack: Stack, auth: Any) -> None:
    refused: list[dict[str, Any]] = []
    client = socketio.Client(reconnection=False)
    client.on("connect_error", refused.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(stack.url, auth=auth)
    told = refused[0]["data"]
    assert (told["ok"], told["code"]) == (False, "unauthenticated")
    assert refused[0]["message"] == told["message"]
    assert told["message"].endswith(".")
    assert "{'" not in told["message"]


def test_socketio_without_a_token_is_anonymous(stack: Stack) -> None:
    for auth in (None, {}, {"version": 1}, {"token": None}):
        client = socketio.Client(reconnection=False)
        client.connect(stack.url, auth=auth)
        assert client.call("subscribe_account", timeout=10)["code"] == "unauthenticated"
        client.disconnect()


def test_wrong_numbers_in_an_address_are_refused(stack: Stack) -> None:
    order = f"/ws/orders/{submit(stack.url)}"
    account = f"/ws/account?token={Trader(stack.url).token}"
    wrong = [f"{order}?afterSequence={given}" for given in ("abc", "-1", "", "1.0", "9" * 5000)]
    wrong += [f"{account}&{name}=x" for name in ("afterSequence", "afterAccountSequence")]
    for path in wrong:
        events, code = read_websocket(stack.url, path)
        assert [(each["type"], each["code"]) for each in events] == [("error", "malformed_request")]
        assert code == 4400
    assert read_websocket(stack.url, f"{order}?afterSequence=4")[0][0]["sequence"] == 5


def test_empty_token_in_an_address_is_refused(stack: Stack) -> None:
    for path in (f"/ws/orders/{submit(stack.url)}?token=", "/ws?token=", "/ws/account?token="):
        events, code = read_websocket(stack.url, path)
        assert (events[0]["code"], code) == ("unauthenticated", 4401)


@pytest.mark.parametrize(
    ("kind", "meant", "given"),
    [
        ("subscribe", "afterSequence", "aftersequence"),
        ("unsubscribe", "orderId", "order_id"),
        ("subscribe_account", "afterAccountSequence", "afterAcountSequence"),
    ],
)
def test_unknown_field_of_a_subscription_is_refused_with_the_name_that_is_meant(
    stack: Stack, kind: str, meant: str, given: str
) -> None:
    client = MessageClient(stack.url, f"?token={Trader(stack.url).token}")
    answer = client.ask(kind, **{given: 1})
    assert answer["code"] == "validation_failed"
    assert answer["errors"] == {given: [f"Unknown field; did you mean {meant}?"]}
    client.close()


def test_subscription_to_everything_takes_no_field(stack: Stack) -> None:
    client = MessageClient(stack.url)
    for kind in ("subscribe_orders", "unsubscribe_orders", "unsubscribe_account"):
        answer = client.ask(kind, orderId="x")
        assert answer["errors"] == {"orderId": ["Unknown field."]}
        assert client.ask(kind)["ok"]
    client.close()
