"""Processes import what they need: what one imports without need, each of them holds in memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

WEB_ONLY = {"flask", "flask_socketio", "socketio", "werkzeug", "limits", "marshmallow", "requests"}
CLIENTS = {"huey", "peewee", "psycopg2", "redis", "valkey", "prometheus_client"}


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("orders.local.supervisor", WEB_ONLY | CLIENTS),
        ("orders.execution.watcher", WEB_ONLY),
        ("tasks", WEB_ONLY),
    ],
)
def test_process_leaves_out_what_others_need(module: str, unwanted: set[str]) -> None:
    script = f"import sys, {module}; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    environment = {"SECRET_KEY": "x" * 32, "REDIS_URL": "redis://127.0.0.1:1/0"}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert set(run.stdout.split()) & unwanted == set()
