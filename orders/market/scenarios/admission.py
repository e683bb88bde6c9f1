"""Who may use scenarios: everybody in local mode; elsewhere accounts, if SCENARIOS=1."""

from __future__ import annotations

from collections.abc import Collection

from orders.config import Settings
from orders.domain.caller import Caller
from orders.domain.errors import ScenarioNotAllowed
from orders.market.scenarios.catalogue import BY_NAME
from orders.market.scenarios.reading import read_scenario, scenario_name
from orders.market.scenarios.scenario import Scenario


class Scenarios:
    """The scenarios that this service offers; `venues` are the venues that it routes to."""

    def __init__(self, settings: Settings, venues: Collection[str]) -> None:
        self._settings = settings
        self._venues = tuple(venues)

    def admit(self, text: str, caller: Caller) -> str:
        """Returns the scenario as an order stores it (`OrderRequest.scenario`), if this caller may
        use it.

        Raises `UnknownScenario`, `ScenarioNotAllowed`.
        """
        if not self.open_to(caller):
            raise ScenarioNotAllowed()
        stored = read_scenario(text, self._venues)
        scenario = BY_NAME[str(scenario_name(stored))]
        if not self.offers(scenario):
            raise ScenarioNotAllowed(f"{scenario.name} kills a process, so only local mode has it.")
        return stored

    def open_to(self, caller: Caller) -> bool:
        """Whether this caller may use scenarios at all."""
        settings = self._settings
        return settings.local or (settings.scenarios and caller.account_id is not None)

    def offers(self, scenario: Scenario) -> bool:
        """Whether this service offers this scenario."""
        return self._settings.local or (self._settings.scenarios and not scenario.local_only)
