"""Processes import what they need: what one imports without need, each of them holds in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import runpy, sys
sys.argv[:1] = []
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as end:
    print(end, file=sys.stderr)
print(*(name for name, module in list(sys.modules.items()) if module is not None))
"""
"""Runs a script as Python does, then prints what it has loaded."""

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
    environment = {
        "SECRET_KEY": "x" * 32,
        "DATABASE_URL": "postgresql://127.0.0.1:1/orders",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert set(run.stdout.split()) & unwanted == set()


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        ("app.py", WEB_ONLY | CLIENTS),
        ("wsgi.py", {"requests", "urllib3", "websocket", "valkey", "sqlite3", "solders"}),
        ("tasks.py watch", {"sqlite3", "eventlet"} | WEB_ONLY),
        ("tasks.py work", {"sqlite3"} | WEB_ONLY),
        ("tasks.py migrate", {"huey", "orders.wiring"} | WEB_ONLY),
    ],
)
def test_process_loads_no_library_that_it_can_do_without(command: str, unwanted: set[str]) -> None:
    script, *arguments = command.split()
    run = subprocess.run(
        [sys.executable, "-c", RUN, script, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PORT": "none"},  # Ends it as soon as everything is imported.
        check=True,
    )
    assert run.stderr.startswith("PORT")
    loaded = set(run.stdout.split())
    assert "orders.config" in loaded
    assert loaded & unwanted == set()
