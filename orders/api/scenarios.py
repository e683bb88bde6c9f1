"""Scenarios over HTTP: the catalogue, reading a request's scenario, and the failures of the API
group.
"""

from __future__ import annotations

import socket
import time
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from redis import RedisError

from orders.api.authentication import current_caller
from orders.api.context import components
from orders.api.endpoints import BEARER_OR_NONE, endpoint
from orders.api.requests import answer
from orders.api.scenario_schemas import ScenarioAnswer, ScenariosAnswer
from orders.domain.caller import Caller
from orders.domain.errors import ValidationFailed
from orders.market.scenarios import calls
from orders.market.scenarios.catalogue import SCENARIOS
from orders.market.scenarios.reading import scenario_name, scenario_seconds

scenarios = Blueprint(
    "scenarios", __name__, url_prefix="/api/scenarios", description="Failures on demand."
)

HEADER = "X-Scenario"
SCENARIO_HEADER = {
    "in": "header",
    "name": HEADER,
    "schema": {"type": "string", "maxLength": 64},
    "description": "The same as the field `scenario`, for clients that cannot change the body.",
}
REFUSED_ONCE = "orders:scenarios:refused:"
"""Prefix of the Redis keys that remember which requests have been refused."""


@endpoint(
    scenarios,
    "GET",
    "",
    {200: ScenariosAnswer},
    problems=("unauthenticated",),
    security=BEARER_OR_NONE,
)
def list_all() -> Response:
    """List the scenarios that an order can be placed with."""
    admission = components().scenarios
    offered = [scenario for scenario in SCENARIOS if admission.offers(scenario)]
    schema = ScenarioAnswer(components().settings.max_retries)
    return answer(
        {
            "allowed": admission.open_to(current_caller()),
            "scenarios": schema.dump(offered or SCENARIOS, many=True),
        }
    )


def requested_scenario(fields: dict[str, Any], caller: Caller) -> str | None:
    """The scenario named in the body or the header, once admitted.

    Raises `ValidationFailed`, `UnknownScenario`, `ScenarioNotAllowed`.
    """
    in_body, in_header = fields.pop("scenario", None), request.headers.get(HEADER)
    if in_body is not None and in_header is not None and in_body != in_header:
        raise ValidationFailed({"scenario": [f"Differs from the header {HEADER}."]})
    text = in_header if in_body is None else in_body
    return None if text is None else components().scenarios.admit(text, caller)


def refuse_once(scenario: str | None, caller: Caller, key: str | None) -> None:
    """Refuses the request if the scenario asks for it; one with a key only the first time.

    Raises `QueueFull`, `RateLimited`.
    """
    if calls.refuses(scenario) and not _was_refused(caller, key):
        calls.refuse(scenario)


def hold_back(scenario: str | None) -> None:
    """Delays the answer or cuts the connection, if the scenario says so."""
    match scenario_name(scenario):
        case "http_timeout":
            time.sleep(scenario_seconds(str(scenario)))
        case "http_lost_answer":
            _cut_connection()


def _was_refused(caller: Caller, key: str | None) -> bool:
    """Whether a request with this Idempotency-Key was refused before."""
    if key is None:
        return False
    name = f"{REFUSED_ONCE}{caller.scope}:{key}"
    lasts_s = components().settings.idempotency_ttl_s
    try:
        return not components().queue.for_requests.ask("SET", name, 1, "NX", "EX", lasts_s)
    except RedisError:
        return True


def _cut_connection() -> None:
    # eventlet's server offers its socket to code that takes a connection over, such as WebSockets.
    given = request.environ.get("eventlet.input")
    if given is not None:
        given.get_socket().shutdown(socket.SHUT_RDWR)
