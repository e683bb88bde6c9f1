"""What a scenario is: its group, which attempts fail, its argument, how its order ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum

from orders.domain.lifecycle import Status
from orders.market.scenarios.conditions import FILLS, Conditions

Value = str | int | None
"""A scenario's argument."""


class Group(StrEnum):
    """What a scenario is about."""

    OUTCOME = "outcome"
    """How the swap ends."""
    LANDING = "landing"
    """Whether and when the transaction lands."""
    PRICE = "price"
    """What the swap pays, compared with its quote."""
    CRASH = "crash"
    """The worker process is killed."""
    API = "API"
    """What the client sees of the service."""


class Fails(Enum):
    """Which attempts fail."""

    NEVER = "never"
    ONCE = "the first attempt"
    ALWAYS = "every attempt"
    FOR_GOOD = "the only attempt: another one would not help"


class Argument(Enum):
    """What may follow a scenario's name, after a colon."""

    VENUE = "venue"
    BPS = "bps"
    SECONDS = "s"


MOST: dict[Argument, int] = {Argument.BPS: 9_999, Argument.SECONDS: 60}
"""The largest number that may be given; the least is 1."""


ROUTED = (Status.ROUTING,)
SENT = (Status.ROUTING, Status.BUILDING, Status.SUBMITTED)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One named failure; `steps` explain it, in order.

    `meets` returns what an attempt (numbered from 1) meets, given the argument. `passed` are the
    statuses of a failing attempt, `code` its error. `default` is used if no argument is given;
    `example` is used in documents.
    """

    name: str
    group: Group
    sentence: str
    steps: tuple[str, ...]
    meets: Callable[[Value, int], Conditions] = lambda _value, _attempt: FILLS
    fails: Fails = Fails.NEVER
    passed: tuple[Status, ...] = SENT
    code: str | None = None
    argument: Argument | None = None
    default: Value = None
    example: Value = None
    moves: int = 0
    """1 or -1 if the argument says how far the fill is above or below the quote, 0 otherwise."""

    @property
    def usage(self) -> str:
        """How it is written, such as venue_down:<venue>."""
        if self.argument is None:
            return self.name
        written = f"{self.name}:<{self.argument.value}>"
        return written if self.default is None else f"{self.name} or {written}"

    @property
    def written(self) -> str:
        """The name with a usable argument."""
        return self.name if self.example is None else f"{self.name}:{self.example}"

    @property
    def local_only(self) -> bool:
        """Whether it needs local mode, because it kills a process that others may use."""
        return self.group is Group.CRASH

    @property
    def final(self) -> Status:
        """The order's last status."""
        never_fills = self.fails in (Fails.ALWAYS, Fails.FOR_GOOD)
        return Status.FAILED if never_fills else Status.CONFIRMED

    @property
    def money(self) -> str:
        """What moves in the end."""
        if self.final is Status.FAILED:
            return "Nothing moves; what was held is free again."
        if self.moves:
            word = "more" if self.moves > 0 else "less"
            return f"One swap: amountIn for the quote and the given basis points {word}."
        return "One swap: amountIn for exactly the quote."

    def statuses(self, max_retries: int) -> tuple[Status, ...]:
        """The statuses of a market order, if failed attempts are retried that often."""
        failing = 0
        if self.fails is Fails.ONCE:
            failing = 1
        elif self.fails is Fails.ALWAYS:
            failing = max_retries
        last = SENT if self.final is Status.CONFIRMED else self.passed
        return (Status.PENDING, *(*self.passed, Status.PENDING) * failing, *last, self.final)
