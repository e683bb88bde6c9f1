"""Scenarios that an HTTP call meets and not the order; some of them refuse the call."""

from __future__ import annotations

from orders.domain.errors import QueueFull, RateLimited, RetryLater
from orders.market.scenarios.reading import scenario_name

REFUSALS: dict[str, type[RetryLater]] = {"http_503": QueueFull, "http_429": RateLimited}
CALLS_ALONE = (*REFUSALS, "http_timeout", "http_lost_answer")
"""The names of all scenarios that concern the call alone."""


def refuses(scenario: str | None) -> bool:
    """Whether the scenario asks to refuse the call."""
    return scenario_name(scenario) in REFUSALS


def refuse(scenario: str | None) -> None:
    """Refuses the call if the scenario asks for it. Raises `QueueFull`, `RateLimited`."""
    name = scenario_name(scenario)
    if name in REFUSALS:
        raise REFUSALS[name](f"The scenario {name} refuses this request; send it again.")
