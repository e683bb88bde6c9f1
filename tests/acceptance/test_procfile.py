"""`honcho start` runs the Procfile: the schema is made, orders complete."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import requests

from orders.config import Settings
from tests.clients import submit, wait_terminal, wait_until
from tests.stack import ROOT, environment, free_port

HONCHO = Path(sys.executable).parent / "honcho"


def test_honcho_start_completes_orders_and_every_process_shows_figures(
    settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    chosen = replace(
        settings,
        database_url=empty_database,
        port=free_port(),
        worker_metrics_port=free_port(),
        watcher_metrics_port=free_port(),
    )
    with (tmp_path / "honcho.log").open("wb") as log:
        honcho = subprocess.Popen(
            [HONCHO, "start"],
            cwd=ROOT,
            env=environment(chosen) | {"PATH": f"{HONCHO.parent}:/usr/bin:/bin"},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    try:
        url = f"http://127.0.0.1:{chosen.port}"
        wait_until(lambda: answers(f"{url}/health/ready"), "the web process")
        assert "<!doctype html>" in requests.get(url, timeout=10).text.lower()
        assert wait_terminal(url, submit(url))["status"] == "confirmed"
        for port in (chosen.port, chosen.worker_metrics_port, chosen.watcher_metrics_port):
            text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
            assert 'orders_queue{state="waiting"} 0.0' in text
            assert "orders_workers 1.0" in text
        assert honcho.poll() is None
    finally:
        honcho.send_signal(signal.SIGTERM)
        honcho.wait(timeout=40)
    wait_until(lambda: not answers(f"{url}/health"), "the end of the web process")


def answers(url: str) -> bool:
    """Whether an address answers with success."""
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
