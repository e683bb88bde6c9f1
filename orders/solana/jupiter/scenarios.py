"""The header `X-Scenario` for Jupiter's API: the built transaction's order, or the call itself,
meets it.
"""

from __future__ import annotations

from flask import request

from orders.api.context import components, solana
from orders.api.scenarios import HEADER
from orders.chain.protocol import Blockhash
from orders.domain.caller import Caller
from orders.market.scenarios.calls import CALLS_ALONE, refuse
from orders.market.scenarios.reading import scenario_name


def requested_scenario() -> str | None:
    """The call's scenario, unless that makes it refuse the call.

    Raises `UnknownScenario`, `ScenarioNotAllowed`, `QueueFull`, `RateLimited`.
    """
    text = request.headers.get(HEADER)
    if text is None:
        return None
    scenario = components().scenarios.admit(text, Caller())
    refuse(scenario)
    return scenario


def promise(scenario: str | None, message: bytes, blockhash: Blockhash) -> None:
    """Stores the scenario for the message's order, unless it concerns the call alone."""
    if scenario is not None and scenario_name(scenario) not in CALLS_ALONE:
        solana().scenarios.promise(message, scenario, blockhash.last_valid_block_height)
