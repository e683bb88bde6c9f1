"""Sending one message: signed, bounded, without following anybody."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from orders.accounts.webhooks.sending import Message, Sender, new_secret
from tests.conftest import FAST
from tests.integration.accounts.webhooks.conftest import Receiver, answer_with

MESSAGE = Message("order:1", b'{"amount":1.50}')
NOW = datetime.now(UTC)
SETTINGS = replace(FAST, webhook_timeout_s=0.3)


def test_a_message_verifies_with_either_secret_and_with_no_other(receiver: Receiver) -> None:
    old, new = new_secret(), new_secret()
    assert Sender(SETTINGS, receiver.url).send(MESSAGE, [new, old], NOW).delivered
    path, headers, body = receiver.received[0]
    assert (path, body) == ("/hook?from=orders", MESSAGE.body)
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers) == {"amount": 1.5}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(body, headers)


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.answer = answer_with(307, {"Location": receiver.url})
    outcome = Sender(SETTINGS, receiver.url).send(MESSAGE, [new_secret()], NOW)
    assert (outcome.status, outcome.delivered) == (307, False)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 500, 503])
def test_statuses_other_than_2xx_are_failures(receiver: Receiver, status: int) -> None:
    receiver.answer = answer_with(status)
    outcome = Sender(SETTINGS, receiver.url).send(MESSAGE, [new_secret()], NOW)
    assert outcome.error == f"The receiver answered {status}."


def test_one_connection_serves_several_messages(receiver: Receiver) -> None:
    ports: set[int] = set()
    taken = receiver.answer

    def note(request: BaseHTTPRequestHandler, body: bytes) -> None:
        ports.add(request.client_address[1])
        taken(request, body)

    receiver.answer = note
    sender = Sender(SETTINGS, receiver.url)
    assert all(sender.send(MESSAGE, [new_secret()], NOW).delivered for _ in range(3))
    assert len(ports) == 1


def test_a_connection_that_the_receiver_closed_is_replaced(receiver: Receiver) -> None:
    taken = receiver.answer

    def hang_up(request: BaseHTTPRequestHandler, body: bytes) -> None:
        taken(request, body)
        request.close_connection = True

    receiver.answer = hang_up
    sender = Sender(SETTINGS, receiver.url)
    assert all(sender.send(MESSAGE, [new_secret()], NOW).delivered for _ in range(3))
    assert len(receiver.received) == 3


def test_an_endless_answer_is_cut_off(receiver: Receiver) -> None:
    receiver.answer = answer_with(200, body=b"x" * 10_000_000)
    sender = Sender(SETTINGS, receiver.url)
    assert sender.send(MESSAGE, [new_secret()], NOW).delivered
    assert sender.send(MESSAGE, [new_secret()], NOW).delivered


def test_an_answer_that_drips_ends_at_the_timeout() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                while not over.wait(0.05):
                    try:
                        connection.send(b"H")
                    except OSError:
                        return

        dripping = threading.Thread(target=drip)
        dripping.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        outcome = Sender(SETTINGS, url).send(MESSAGE, [new_secret()], NOW)
        over.set()
        dripping.join()
    assert outcome.error == "The receiver did not answer in time."


def test_a_receiver_that_is_not_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    outcome = Sender(SETTINGS, f"http://127.0.0.1:{port}/").send(MESSAGE, [new_secret()], NOW)
    assert outcome.error == "The receiver refused the connection."


def test_outside_local_mode_nothing_is_sent_to_this_machine(receiver: Receiver) -> None:
    settings = replace(SETTINGS, environment="production")
    outcome = Sender(settings, receiver.url).send(MESSAGE, [new_secret()], NOW)
    assert outcome.error == "The address is not public."
    assert receiver.received == []
