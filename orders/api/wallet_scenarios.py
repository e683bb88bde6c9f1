"""Scenarios set for wallets, for bots whose requests cannot be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response
from flask_smorest import Blueprint

from orders.api.answers import Answer, text, whole
from orders.api.context import solana
from orders.api.endpoints import endpoint
from orders.api.fields import Text, WholeNumber
from orders.api.requests import RequestSchema, answer, read_body
from orders.api.wallets import valid_address
from orders.market.scenarios.reading import MAX_TEXT

if TYPE_CHECKING:
    from orders.solana.scenarios import Chosen

wallet_scenarios = Blueprint(
    "wallet_scenarios",
    __name__,
    url_prefix="/api/scenarios/wallets",
    description="Failures on demand for wallets that sign for themselves.",
)

MAX_TIMES = 1_000
PROBLEMS = ("validation_failed", "store_unavailable")


class WalletScenarioRequest(RequestSchema):
    """The scenario of a wallet's next orders."""

    scenario = Text(
        required=True,
        most=MAX_TEXT,
        metadata={
            "description": "A failure on demand, see /api/scenarios.",
            "examples": ["slippage_always"],
        },
    )
    times = WholeNumber(
        least=1,
        most=MAX_TIMES,
        metadata={"description": "How many orders meet it; default: all until it is deleted."},
    )


class WalletScenarioAnswer(Answer):
    """The scenario of a wallet's next orders."""

    wallet = text()
    scenario = text("Null: nothing in particular.", nullable=True)
    times = whole("How many orders still meet it; null: all.", nullable=True)


WALLET_SCENARIO_REQUEST = WalletScenarioRequest()


@endpoint(wallet_scenarios, "GET", "/<address>", {200: WalletScenarioAnswer}, problems=PROBLEMS)
def read(address: str) -> Response:
    """Read the scenario of a wallet's next orders."""
    wallet = valid_address(address)
    return _present(wallet, solana().scenarios.of(wallet))


@endpoint(
    wallet_scenarios,
    "PUT",
    "/<address>",
    {200: WalletScenarioAnswer},
    body=WalletScenarioRequest,
    problems=("unknown_scenario", "scenario_not_allowed", "rate_limited", *PROBLEMS),
    example={"scenario": "slippage_always", "times": 1},
)
def choose(address: str) -> Response:
    """Set the scenario of a wallet's next orders; only in local mode."""
    wallet, fields = valid_address(address), read_body(WALLET_SCENARIO_REQUEST)
    chosen = solana().scenarios.set(wallet, fields["scenario"], fields.get("times"))
    return _present(wallet, chosen)


@endpoint(wallet_scenarios, "DELETE", "/<address>", {200: WalletScenarioAnswer}, problems=PROBLEMS)
def clear(address: str) -> Response:
    """End the scenario of a wallet's orders."""
    wallet = valid_address(address)
    solana().scenarios.clear(wallet)
    return _present(wallet, None)


def _present(wallet: str, chosen: Chosen | None) -> Response:
    return answer(
        {
            "wallet": wallet,
            "scenario": chosen.scenario if chosen else None,
            "times": chosen.times if chosen else None,
        }
    )
