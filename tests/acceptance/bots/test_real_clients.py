"""The client libraries that bots use, from the package indexes, against running processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import ROOT, Stack

SCRIPTS = Path(__file__).parent
PATIENCE_S = 120


def run(command: list[str], url: str) -> str:
    """Runs a script, which must succeed; returns what it printed."""
    ran = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"JUPITER_URL": url, "RPC_URL": f"{url}/rpc"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def node() -> str:
    """The path of Node."""
    found = shutil.which("node")
    assert found is not None
    return found


@pytest.mark.parametrize("script", ["web3.mjs", "kit.mjs"])
def test_javascript_client_trades(stack: Stack, script: str) -> None:
    assert "signature" in run([node(), str(SCRIPTS / script), stack.url], stack.url)


def test_example_bots_trade(stack: Stack) -> None:
    assert "Confirmed: " in run([node(), "examples/bot.mjs"], stack.url)
    assert "Confirmed: " in run([sys.executable, "examples/bot.py"], stack.url)
