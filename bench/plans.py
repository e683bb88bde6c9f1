"""The query plans that PostgreSQL uses for the engine's statements, reported by its auto_explain.

They arrive as notices on the connection that ran the statement, so they are the plans of what the
engine runs today.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2

from bench.recording import grouped_rows, record
from bench.stack import engine
from orders.config import Settings
from orders.storage.database import connection, database
from orders.storage.journal import PREPARE, STATEMENTS
from orders.wiring import Components

SETTINGS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_level": "notice",
    "auto_explain.log_nested_statements": "off",
}
OPTIONS = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
PLAN = re.compile(r"^[^\n]*\(cost=.*", re.DOTALL | re.MULTILINE)
"""Matches what follows the text of the query."""
MOST_PLANS = 2_000
INDEX_SCAN = re.compile(
    r"Index (?:Only )?Scan (?:Backward )?using \w+ on (?:orders|order_events)\b"
)
SCAN = re.compile(r"Seq Scan on (?:orders|order_events|transactions)\b[^\n]*rows=(\d+)")


@contextmanager
def explaining(settings: Settings) -> Iterator[Components]:
    """The engine in this process, reading over connections that report their plans."""
    with engine(settings) as components:
        database.connect_params["options"] += f" {OPTIONS}"
        yield components


def journal_plans(settings: Settings) -> dict[str, list[str]]:
    """The plans of the journal's statements over the life of one order, by statement."""
    life = record(settings.database_url, settings.redis_url).again()
    own = psycopg2.connect(settings.database_url, options=OPTIONS)
    own.autocommit = True
    plans: dict[str, list[str]] = {}
    with own.cursor() as cursor:
        cursor.execute(PREPARE)
        for commit in (life.placed, *life.executed):
            statement = STATEMENTS[commit.kind]
            argument = commit.at if statement == "place" else 0
            own.notices.clear()
            cursor.execute(f"EXECUTE {statement} (%s, %s)", (grouped_rows([commit]), argument))
            plans[f"journal: {commit.kind}"] = _read(own.notices)
    own.close()
    return plans


def taken() -> list[str]:
    """The plans of what this thread's pooled connection has run since the last call."""
    with connection():
        told: Any = database.connection()
        plans = _read(told.notices)
        # The driver's own list keeps only the last 50.
        told.notices = deque(maxlen=MOST_PLANS)
    return plans


def full_scans(plan: str) -> list[str]:
    """Places where a plan reads a whole growing table, or the whole of one of its indexes."""
    scans = [match[0] for match in SCAN.finditer(plan)]
    lines = plan.splitlines()
    for number, line in enumerate(lines[:-1]):
        unordered = INDEX_SCAN.search(line) and not _is_bounded(lines, number)
        if unordered and not _is_limited(lines, number):
            scans.append(line.strip())
    return scans


def _is_bounded(lines: list[str], number: int) -> bool:
    """Whether an index scan has a condition on what it reads."""
    return "Index Cond" in lines[number + 1]


def _is_limited(lines: list[str], number: int) -> bool:
    """Whether an index scan feeds a Limit directly, and so stops early."""
    return number > 0 and any(
        line.strip().startswith(("Limit", "->  Limit"))
        for line in lines[max(number - 2, 0) : number]
    )


def _read(notices: Iterable[str]) -> list[str]:
    told = [PLAN.search(notice) for notice in notices]
    return [match[0].strip() for match in told if match and " on " in match[0]]
