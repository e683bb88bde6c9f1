"""The OpenAPI document against the service: what it allows is accepted, what it forbids refused."""

import secrets
import subprocess
import sys
from pathlib import Path

import requests

from tests.stack import Stack

CONFIG = Path(__file__).parent / "schemathesis.toml"
EXAMPLES = 5


def test_the_service_does_what_its_document_says(stack: Stack, tmp_path: Path) -> None:
    seed = secrets.randbelow(10**9)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"]
    command += [f"{stack.url}/openapi.json", "--checks", "all", "--seed", str(seed)]
    command += ["--max-examples", str(EXAMPLES), "--no-color"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    # Other tests share this market.
    requests.delete(f"{stack.url}/api/market/moves", timeout=10).raise_for_status()
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Stateful" in run.stdout


def test_the_document_is_openapi_3_1_and_describes_every_route(stack: Stack) -> None:
    document = requests.get(f"{stack.url}/openapi.json", timeout=10).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/api/orders",
        "/api/orders/linked",
        "/api/orders/execute",
        "/api/orders/execute/stream",
        "/api/orders/{orderId}",
        "/api/orders/status/{orderId}",
        "/api/orders/{orderId}/history",
        "/api/orders/{orderId}/cancel",
        "/api/orders/cancel-all",
        "/api/orders.csv",
        "/api/orders/by-client-id/{clientOrderId}",
        "/api/account",
        "/api/account/balances",
        "/api/account/positions",
        "/api/account/fills",
        "/api/account/ledger",
        "/api/account/equity",
        "/api/account/faucet",
        "/api/account/reset",
        "/api/quotes",
        "/api/market/prices",
        "/api/market/tokens",
        "/api/tokens",
        "/api/venues",
        "/api/market/candles",
        "/api/market/launches",
        "/api/market/moves",
        "/api/market/moves/{moveId}",
        "/api/scenarios",
        "/api/auth/signup",
        "/api/auth/login",
        "/api/auth/me",
        "/api/auth/password",
        "/api/auth/sessions",
        "/api/auth/sessions/{sessionId}",
        "/api/auth/logout",
        "/api/auth/logout-everywhere",
        "/api/scenarios/wallets/{address}",
        "/api/wallets/{address}/balances",
        "/api/wallets/{address}/faucet",
        "/api/webhooks",
        "/api/webhooks/{endpointId}",
        "/api/webhooks/{endpointId}/rotate-secret",
        "/api/webhooks/{endpointId}/pause",
        "/api/webhooks/{endpointId}/resume",
        "/api/webhooks/{endpointId}/test",
        "/api/webhooks/{endpointId}/deliveries",
        "/api/webhooks/{endpointId}/deliveries/{deliveryId}/redeliver",
        "/api/queue/metrics",
        "/health",
        "/health/ready",
    }
