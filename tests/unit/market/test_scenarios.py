"""The catalogue of scenarios, and reading what clients ask for."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from orders.config import Settings
from orders.domain.caller import ANONYMOUS, Caller
from orders.domain.errors import ScenarioNotAllowed, UnknownScenario
from orders.domain.lifecycle import TRANSITIONS, Status
from orders.market.scenarios.admission import Scenarios
from orders.market.scenarios.catalogue import BY_NAME, SCENARIOS
from orders.market.scenarios.reading import conditions_of, read_scenario
from orders.market.scenarios.scenario import Scenario

VENUES = ("raydium", "meteora")
ACCOUNT = Caller(uuid4())
PRODUCTION = Settings(environment="production", secret_key="0123456789abcdef" * 2)


def name_of(scenario: Scenario) -> str:
    return scenario.name


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name_of)
@pytest.mark.parametrize("retries", [0, 3])
def test_declared_statuses_are_legal_transitions(scenario: Scenario, retries: int) -> None:
    previous: Status | None = None
    for status in scenario.statuses(retries):
        assert status in TRANSITIONS[previous]
        previous = status
    assert previous == scenario.final


@pytest.mark.parametrize("scenario", SCENARIOS, ids=name_of)
def test_examples_can_be_used_as_they_are(scenario: Scenario) -> None:
    stored = read_scenario(scenario.written, VENUES)
    assert read_scenario(stored, VENUES) == stored
    assert conditions_of(stored, 1) is not None


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Venue_Down:RAYDIUM", "venue_down:raydium"),
        (" fills ", "fills"),
        ("lands_late", "lands_late:30"),
        ("adverse_move:0050", "adverse_move:50"),
    ],
)
def test_scenarios_are_stored_in_one_form(text: str, stored: str) -> None:
    assert read_scenario(text, VENUES) == stored


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("slipage_once", "did you mean slippage_once?"),
        ("dropped", "did you mean dropped_"),
        ("", "did you mean"),
        ("venue_down", "such as venue_down:raydium; the venues are meteora, raydium."),
        ("venue_down:orca", "the venues are meteora, raydium."),
        ("adverse_move", "adverse_move:50: a whole number from 1 to 9999."),
        ("adverse_move:0", "from 1 to 9999"),
        ("improves:²", "from 1 to 9999"),
        ("http_timeout:61", "from 1 to 60"),
        ("lands_late:-1", "from 1 to 60"),
        ("fills:now", "fills takes no argument; write fills."),
    ],
)
def test_unknown_scenario_names_the_nearest_or_the_argument(text: str, told: str) -> None:
    with pytest.raises(UnknownScenario) as refused:
        read_scenario(text, VENUES)
    assert told in str(refused.value)


def test_production_offers_scenarios_to_accounts_alone_and_only_if_told() -> None:
    off, on = Scenarios(PRODUCTION, VENUES), Scenarios(replace(PRODUCTION, scenarios=True), VENUES)
    for refusing, caller in ((off, ACCOUNT), (off, ANONYMOUS), (on, ANONYMOUS)):
        with pytest.raises(ScenarioNotAllowed):
            refusing.admit("fills", caller)
    assert on.admit("fills", ACCOUNT) == "fills"
    with pytest.raises(ScenarioNotAllowed, match="kills a process"):
        on.admit("worker_dies_after_send", ACCOUNT)


def test_local_mode_offers_everything_to_everybody() -> None:
    local = Scenarios(Settings(), VENUES)
    assert all(local.admit(each.written, ANONYMOUS) for each in SCENARIOS)


def test_only_the_first_attempt_meets_what_happens_once() -> None:
    first, second = conditions_of("slippage_once", 1), conditions_of("slippage_once", 2)
    assert first is not None
    assert second is not None
    assert (first.misses_minimum, second.misses_minimum) == (True, False)
    assert conditions_of("worker_dies_before_send", 2) == BY_NAME["fills"].meets(None, 1)


def test_orders_without_a_scenario_meet_no_conditions() -> None:
    assert conditions_of(None, 1) is None
