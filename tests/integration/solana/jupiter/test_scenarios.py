"""Scenarios for bots, as far as they need no processes."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient
from solders.keypair import Keypair

from app import create_app
from orders.market.tokens import SOL, USDC
from orders.solana.ledger_clock import LedgerClock
from orders.solana.scenarios import WalletScenarios
from orders.storage.database import connection, database
from orders.wiring import Components, wire

QUOTE = {"inputMint": SOL.mint, "outputMint": USDC.mint, "amount": 10**9}


def test_wallets_scenario_is_set_read_and_cleared(client: FlaskClient) -> None:
    wallet = str(Keypair().pubkey())
    url = f"/api/scenarios/wallets/{wallet}"
    empty = {"wallet": wallet, "scenario": None, "times": None}
    assert client.get(url).get_json() == empty
    chosen = {"wallet": wallet, "scenario": "venue_down:meteora", "times": 3}
    asked = {"scenario": "venue_down:METEORA", "times": 3}
    assert client.put(url, json=asked).get_json() == chosen
    assert client.get(url).get_json() == chosen
    replaced = client.put(url, json={"scenario": "fills"}).get_json()
    assert replaced == {"wallet": wallet, "scenario": "fills", "times": None}
    assert client.delete(url).get_json() == empty
    assert client.get(url).get_json() == empty


def test_bad_choices_are_refused(client: FlaskClient) -> None:
    wallet = str(Keypair().pubkey())
    url = f"/api/scenarios/wallets/{wallet}"
    for body, code in (
        ({"scenario": "slipage_once"}, "unknown_scenario"),
        ({"scenario": "venue_down:orca"}, "unknown_scenario"),
        ({"scenario": "fills", "times": 0}, "validation_failed"),
        ({"scenario": "fills", "times": 1_001}, "validation_failed"),
        ({"times": 1}, "validation_failed"),
    ):
        assert client.put(url, json=body).get_json()["code"] == code
    nobody = client.put("/api/scenarios/wallets/nobody", json={"scenario": "fills"})
    assert nobody.get_json()["code"] == "validation_failed"
    assert client.get(url).get_json()["scenario"] is None


def test_production_has_no_scenarios_for_bots(components: Components) -> None:
    settings = replace(components.settings, environment="production", scenarios=True, jupiter=True)
    client = create_app(settings, wire(settings)).test_client()
    url = f"/api/scenarios/wallets/{Keypair().pubkey()}"
    refused = client.put(url, json={"scenario": "fills"})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "scenario_not_allowed")
    assert client.get(url).get_json()["scenario"] is None
    asked = client.get("/swap/v2/order", query_string=QUOTE, headers={"X-Scenario": "fills"})
    assert asked.get_json()["errorCode"] == "SCENARIO_NOT_ALLOWED"


def test_messages_that_can_no_longer_land_are_forgotten(app: Flask) -> None:
    scenarios: WalletScenarios = app.extensions["solana"]().scenarios
    clock: LedgerClock = app.extensions["solana"]().clock
    with connection():
        for number in range(150):
            scenarios.promise(f"old {number}".encode(), "fills", clock.slot() + 10**6)
        database.execute_sql("UPDATE message_scenarios SET last_valid_block_height = 1")
        for number in range(3):
            scenarios.promise(f"new {number}".encode(), "fills", clock.slot() + 10**6)
        (left,) = database.execute_sql("SELECT count(*) FROM message_scenarios").fetchone()
    assert left == 3
