"""The measured figures: samples by name, each beside the bare machine's in the same run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

MIB = 2**20
RISING_UNITS = frozenset({"/s"})
"""Units of which more is better; of all others, less is better."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The same work without the engine: in shared commits as in the journal, and one order at a
    time.
    """

    grouped: float | None = None
    single: float | None = None


@dataclass(slots=True)
class Figure:
    """One line of the table: one sample a run, each with the bare machine's limit where it was
    measured.
    """

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
        """The bare machine's median; `kind` is a field of `Limit`."""
        known = [value for limit in self.limits if (value := getattr(limit, kind)) is not None]
        return float(median(known)) if known else None

    def ratio(self, kind: str) -> float | None:
        """The share of the bare machine's figure that is reached, 1 being all of it: the median
        over the runs.

        Each run is compared with the limit measured right beside it.
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
        """Adds a remark for below the table, once."""
        if text not in self.notes:
            self.notes.append(text)

    def all(self) -> list[Figure]:
        """Every figure."""
        return list(self._figures.values())


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
