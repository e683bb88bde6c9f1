"""Reading scenarios, as clients write them and as orders store them."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from orders.domain.errors import UnknownScenario
from orders.domain.lifecycle import Status
from orders.market.scenarios.catalogue import BY_NAME
from orders.market.scenarios.conditions import Conditions
from orders.market.scenarios.scenario import MOST, Argument, Scenario, Value

MAX_TEXT = 64
"""Characters of a scenario with its argument."""
MAX_QUOTED = 40


def read_scenario(text: str, venues: Collection[str]) -> str:
    """Returns the scenario as orders store it: its name, and its argument if it takes one.

    Raises `UnknownScenario`, which names the nearest one or what the argument must be.
    """
    name, colon, argument = text.strip().lower().partition(":")
    scenario = BY_NAME.get(name)
    if scenario is None:
        raise UnknownScenario(_nearest(name))
    if scenario.argument is None:
        if colon:
            raise UnknownScenario(f"{name} takes no argument; write {name}.")
        return name
    if not argument and scenario.default is not None:
        return f"{name}:{scenario.default}"
    return f"{name}:{_read_argument(scenario, scenario.argument, argument, venues)}"


def scenario_name(stored: str | None) -> str | None:
    """The name in what an order stores, without the argument."""
    return stored.partition(":")[0] if stored else None


def scenario_seconds(stored: str) -> int:
    """The argument of a scenario that takes seconds."""
    return int(stored.partition(":")[2])


def is_withheld(stored: str | None, status: str) -> bool:
    """Whether live streams must not carry the event of that status."""
    return status == Status.BUILDING and scenario_name(stored) == "stream_gap"


def conditions_of(stored: str | None, attempt: int) -> Conditions | None:
    """The conditions of an attempt at an order; None if it has no scenario: chance decides."""
    if stored is None:
        return None
    name, _, argument = stored.partition(":")
    scenario = BY_NAME.get(name)
    if scenario is None:
        return Conditions()
    value: Value = argument if scenario.argument is Argument.VENUE else int(argument or 0)
    return scenario.meets(value, attempt)


def _read_argument(
    scenario: Scenario, argument: Argument, text: str, venues: Collection[str]
) -> Value:
    written = f"Write {scenario.usage}, such as {scenario.written}"
    if argument is Argument.VENUE:
        if text in venues:
            return text
        raise UnknownScenario(f"{written}; the venues are {', '.join(sorted(venues))}.")
    most = MOST[argument]
    if text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= most:
        return int(text)
    raise UnknownScenario(f"{written}: a whole number from 1 to {most}.")


def _nearest(name: str) -> str:
    nearest = difflib.get_close_matches(name[:MAX_QUOTED], BY_NAME, 1, cutoff=0)[0]
    return f"There is no scenario {name[:MAX_QUOTED]!r}; did you mean {BY_NAME[nearest].usage}?"
