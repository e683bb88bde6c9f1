"""The whole system as real processes: web, workers, watcher. Ends only what it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import psutil
import requests

from orders.config import Settings
from orders.local.parent_death import with_parent_death_signal
from orders.local.service import spawner

ROOT = Path(__file__).parent.parent
START_TIMEOUT_S = 30


def free_port(neighbours: Iterable[int] = ()) -> int:
    """A TCP port of the loopback interface that nobody uses at this moment; `neighbours` are
    distances to ports that are free as well."""
    while True:
        with ExitStack() as probes, suppress(OSError):
            port = _bind(probes, 0)
            for distance in neighbours:
                _bind(probes, port + distance)
            return port


def _bind(probes: ExitStack, port: int) -> int:
    probe = probes.enter_context(socket.socket())
    probe.bind(("127.0.0.1", port))
    return int(probe.getsockname()[1])


def environment(settings: Settings) -> dict[str, str]:
    """The environment that makes a process load exactly these settings."""
    values = {
        spec.name.upper(): str(getattr(settings, spec.name))
        for spec in fields(Settings)
        if getattr(settings, spec.name) != spec.default
    }
    # Without bytecode each of a hundred processes would compile the program for itself.
    left_out = {*values, "PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, **values, "PYTHONUNBUFFERED": "1"}


@dataclass
class Stack:
    """Processes on one database and one Valkey. Start what the test needs."""

    settings: Settings
    log_dir: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Base URL of the first web process."""
        return f"http://127.0.0.1:{self.settings.port}"

    def start(self, workers: int = 1, watchers: int = 1, web: bool = True) -> Stack:
        """Starts the processes and waits until the web answers."""
        for number in range(workers):
            self.start_worker(f"worker{number}")
        for number in range(watchers):
            self.start_watcher(f"watcher{number}")
        if web:
            self.start_web()
        return self

    def start_web(self, name: str = "web", **overrides: Any) -> None:
        """Starts a web process and waits until it answers."""
        self.spawn_web(name, **overrides)
        port = overrides.get("port", self.settings.port)
        host = overrides.get("host", "127.0.0.1")
        self.wait_ready(f"http://{host}:{port}")

    def spawn_web(self, name: str = "web", **overrides: Any) -> None:
        """Starts a web process."""
        self._spawn(name, [sys.executable, "wsgi.py"], overrides)

    def start_worker(self, name: str = "worker0", **overrides: Any) -> None:
        """Starts a worker process."""
        self._spawn(name, [sys.executable, "tasks.py", "work"], overrides)

    def start_watcher(self, name: str = "watcher0", **overrides: Any) -> None:
        """Starts a watcher process."""
        self._spawn(name, [sys.executable, "tasks.py", "watch"], overrides)

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Sends a signal and waits for the end; returns the exit code."""
        process = self.processes.pop(name)
        process.send_signal(number)
        return process.wait(timeout=40)

    def wait_ready(self, url: str) -> None:
        """Waits until a web process answers."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{url}/health", timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError(f"{url} did not answer; logs in {self.log_dir}:\n{self.logs()}")

    def connections(self, name: str = "web") -> int:
        """How many clients a process has a connection with."""
        found = psutil.Process(self.processes[name].pid).net_connections("tcp")
        return sum(one.status == psutil.CONN_ESTABLISHED for one in found)

    def logs(self) -> str:
        """The last lines of every process's log."""
        return "\n".join(
            f"== {path.name}\n{path.read_text()[-3000:]}" for path in self.log_dir.glob("*.log")
        )

    def stop(self) -> None:
        """Ends everything that this stack started."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def _spawn(self, name: str, command: list[str], overrides: dict[str, Any]) -> None:
        extra = {key.upper(): str(value) for key, value in overrides.items()}
        with (self.log_dir / f"{name}.log").open("ab") as log:
            # Tied to a thread that lives as long as the tests: they leave nothing, even if killed.
            self.processes[name] = spawner.submit(
                subprocess.Popen,
                with_parent_death_signal(command, signal.SIGKILL),
                cwd=ROOT,
                env=environment(self.settings) | extra,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            ).result()
