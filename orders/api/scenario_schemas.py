"""Schemas of answers about scenarios."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from orders.api.answers import Answer, nested, status, text
from orders.domain.lifecycle import Status
from orders.market.scenarios.scenario import MOST, Group, Scenario


class ArgumentAnswer(Answer):
    """What follows a scenario's name after a colon."""

    kind = text(enum=["venue", "bps", "s"])
    most = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The largest number; least is 1."}
    )
    default = fields.Raw(
        required=True,
        allow_none=True,
        metadata={"type": ["integer", "null"], "description": "Null: it must be given."},
    )


class ScenarioAnswer(Answer):
    """One scenario: what it is called, what happens, how the order ends."""

    name = text()
    usage = text("How it is written.")
    example = text("A value that can be used as it is.")
    group = text(enum=[str(group) for group in Group])
    sentence = text("What it does.")
    steps = fields.List(
        fields.String(), required=True, metadata={"description": "What happens, in order."}
    )
    argument = fields.Nested(
        ArgumentAnswer, required=True, allow_none=True, metadata={"description": "Null: none."}
    )
    statuses = fields.List(
        fields.String(metadata={"enum": [str(each) for each in Status]}),
        required=True,
        metadata={"description": "What a market order passes through here."},
    )
    final_status = status()
    fail_code = text("What failing attempts fail with; null: none fails.", nullable=True)
    money = text("What moves in the end.")
    local_only = fields.Boolean(required=True)

    def __init__(self, max_retries: int = 3, **options: Any) -> None:
        super().__init__(**options)
        self._max_retries = max_retries

    def show_example(self, scenario: Scenario) -> str:
        """The name with an argument, if it takes one."""
        return scenario.written

    def show_argument(self, scenario: Scenario) -> dict[str, Any] | None:
        """The kind and range of the argument."""
        kind = scenario.argument
        if kind is None:
            return None
        return {"kind": kind.value, "most": MOST.get(kind), "default": scenario.default}

    def show_statuses(self, scenario: Scenario) -> list[str]:
        """The statuses with as many retries as this service makes."""
        return [str(each) for each in scenario.statuses(self._max_retries)]

    def show_final_status(self, scenario: Scenario) -> str:
        """The order's last status."""
        return str(scenario.final)

    def show_fail_code(self, scenario: Scenario) -> str | None:
        """The code that a failing attempt fails with."""
        return scenario.code


class ScenariosAnswer(Answer):
    """The scenarios of this service."""

    allowed = fields.Boolean(
        required=True, metadata={"description": "Whether you may place orders with them."}
    )
    scenarios = nested(ScenarioAnswer, many=True)
