"""What every measurement is handed: the machine, the sizes, and where its figures go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Figures, Limit
from bench.scale import Scale
from bench.stack import Machine


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench: `say` tells the person who waits what goes on."""

    machine: Machine
    scale: Scale
    figures: Figures
    say: Callable[[str], None]

    def add(
        self, section: str, name: str, unit: str, value: float, limit: Limit | None = None
    ) -> None:
        """Records one sample of a figure."""
        self.figures.add(section, name, unit, value, limit)
        self.say(f"{section}: {name} {value:.4g} {unit}")
