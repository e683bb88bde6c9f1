"""Two sides race for one order; their start is moved until each of them wins as often."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import TypeVar

First = TypeVar("First")
Second = TypeVar("Second")

STEP_S = 0.0005


@dataclass
class Seesaw:
    """How long the first side starts before the second, and how often each has won."""

    head_start_s: float = 0.0
    won: Counter[str] = field(default_factory=Counter)

    def note(self, first_won: bool) -> None:
        """The loser of this round starts earlier in the next."""
        self.won["first" if first_won else "second"] += 1
        self.head_start_s += -STEP_S if first_won else STEP_S

    def race(
        self, first: Callable[[], First], second: Callable[[], Second]
    ) -> tuple[First, Second]:
        """Runs both at once, shifted by the head start; returns what they returned."""
        line = Barrier(2)

        def run(side: Callable[[], First | Second], wait_s: float) -> First | Second:
            line.wait()
            time.sleep(max(wait_s, 0.0))
            return side()

        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(run, first, -self.head_start_s)
            other = pool.submit(run, second, self.head_start_s)
            return one.result(), other.result()  # type: ignore[return-value]
