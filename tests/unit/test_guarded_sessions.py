"""A failure beneath Flask is a log line and a problem."""

from __future__ import annotations

import json
from typing import Any

import socketio
from werkzeug.test import Client

from orders.config import Settings
from orders.streams.failed_sessions import GuardedSessions
from tests.log_lines import captured_lines


def fail(*_: Any) -> Any:
    raise RuntimeError("out of order")


def test_failure_of_a_plain_request_is_a_problem() -> None:
    app = GuardedSessions(fail, socketio.Server(async_mode="threading"), Settings())
    with captured_lines() as lines:
        answer = Client(app).get("/socket.io/?EIO=4")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert json.loads(answer.get_data())["code"] == "internal_error"
    assert [line["event"] for line in lines] == ["internal_error"]
