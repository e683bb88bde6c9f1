"""Fixtures for tests against real processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orders.config import Settings
from tests.stack import Stack, free_port

MakeStack = Callable[..., Stack]


@pytest.fixture
def make_stack(settings: Settings, tmp_path: Path) -> Iterator[MakeStack]:
    """Makes stacks on the test's own database; `make_stack(workers=2, swap_latency_ms="50")`."""
    made: list[Stack] = []

    def make(workers: int = 1, watchers: int = 1, web: bool = True, **overrides: Any) -> Stack:
        chosen = replace(settings, port=free_port(), log_format="json", **overrides)
        stack = Stack(chosen, tmp_path)
        made.append(stack)
        return stack.start(workers, watchers, web)

    yield make
    for stack in made:
        stack.stop()


@pytest.fixture(scope="session")
def stack(session_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One web, one worker, one watcher, shared by all tests that change no setting."""
    chosen = replace(session_settings, port=free_port(), log_format="json")
    shared = Stack(chosen, tmp_path_factory.mktemp("stack"))
    yield shared.start()
    shared.stop()
