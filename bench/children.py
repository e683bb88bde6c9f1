"""Client processes that prepare first and start together, so that starting them is not measured.

A child reads its plan from the command line, prepares, calls `wait_for_start()`, works, and sends
its result with `hand_back()`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


class ChildFailed(Exception):
    """A client process ended without a result."""


class ManagedProcess:
    """One client process."""

    def __init__(self, module: str, plan: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(plan)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self) -> Any:
        """Waits for the child's next message. Raises ChildFailed."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ChildFailed(f"a client process ended with {self._process.wait()}")
        return json.loads(line)

    def tell(self, message: Any = None) -> None:
        """Sends the child a message, such as the one that lets it start."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def ask(self, message: Any) -> Any:
        """Sends a message and waits for the answer. Raises ChildFailed."""
        self.tell(message)
        return self.read()

    def close(self) -> None:
        """Closes the child's input, which ends it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def run_together(module: str, plans: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Runs a child for each plan at the same time; returns their results. Raises ChildFailed."""
    children = [ManagedProcess(module, plan) for plan in plans]
    try:
        for child in children:
            child.read()
        for child in children:
            child.tell()
        return [child.read() for child in children]
    finally:
        for child in children:
            child.close()


def read_plan() -> dict[str, Any]:
    """In a child: reads its plan from the command line."""
    plan: dict[str, Any] = json.loads(sys.argv[1])
    return plan


def wait_for_start() -> Any:
    """In a child: reports that it is ready and waits for permission to start."""
    hand_back("ready")
    return next_message()


def next_message() -> Any:
    """In a child: waits for a message; ends the process when the bench has closed the pipe."""
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def hand_back(result: Any) -> None:
    """In a child: sends a message to the bench."""
    print(json.dumps(result), flush=True)
