"""What was measured: samples by name, beside what the bare machine did in the same run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

RISING_UNITS = frozenset({"/s"})
"""Units of which more is better; of all others less is."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The same work done bare: in shared commits as the journal does, and one at a time."""

    grouped: float | None = None
    single: float | None = None


@dataclass(slots=True)
class Figure:
    """One line of the table: a sample a run, each with its own limit where there is one."""

    section: str
    name: str
    unit: str
    samples: list[float] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle of the samples."""
        return median(self.samples)

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest sample."""
        return min(self.samples), max(self.samples)

    def limit(self, kind: str) -> float | None:
        """The median of the bare machine, `kind` being a field of `Limit`."""
        known = [value for limit in self.limits if (value := getattr(limit, kind)) is not None]
        return float(median(known)) if known else None

    def ratio(self, kind: str) -> float | None:
        """How much of the bare machine is reached, 1 being all of it: the median over the runs.

        Each run is compared with what the machine did right beside it.
        """
        pairs = [
            (sample, value)
            for sample, limit in zip(self.samples, self.limits, strict=True)
            if (value := getattr(limit, kind)) is not None
        ]
        if not pairs:
            return None
        rising = self.unit in RISING_UNITS
        return float(median(s / v if rising else v / s for s, v in pairs if s > 0 and v > 0))


class Figures:
    """All figures of one bench, in the order in which they were first recorded."""

    def __init__(self) -> None:
        self._figures: dict[tuple[str, str, str], Figure] = {}
        self.notes: list[str] = []
        self.failed: list[str] = []
        self.plans: dict[str, str] = {}

    def add(
        self, section: str, name: str, unit: str, value: float, limit: Limit | None = None
    ) -> None:
        """Records one sample."""
        key = (section, name, unit)
        figure = self._figures.setdefault(key, Figure(*key))
        figure.samples.append(value)
        figure.limits.append(limit or Limit())

    def note(self, text: str) -> None:
        """Records a remark for below the table, once."""
        if text not in self.notes:
            self.notes.append(text)

    def all(self) -> list[Figure]:
        """Every figure."""
        return list(self._figures.values())


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
