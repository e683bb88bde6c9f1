"""The PostgreSQL failures that mean "not now": one table for reads, writes and the journal.

Each becomes `StoreUnavailable`: the request is fine and may be repeated later. Every other error is
a bug, or a result that the statement is meant to give.
"""

from __future__ import annotations

import peewee
import psycopg2
from playhouse.pool import MaxConnectionsExceeded

NOT_NOW = {
    "08": "the connection failed",
    "25006": "the server is read-only, as after a fail-over",
    "40": "another transaction was in the way",
    "53": "the disk is full, or memory or connections have run out",
    "55P03": "a lock was not to be had",
    "57": "the server shuts down, starts up, or cancelled the statement",
    "58": "the server's operating system failed it",
}
"""SQLSTATE codes, or classes of them (the first two characters), with their meaning. See
PostgreSQL's manual, appendix A.
"""

UNREACHABLE = (
    peewee.OperationalError,
    peewee.InterfaceError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
)
"""Errors without a SQLSTATE, which driver and pool raise if no answer came at all."""

DATABASE_ERRORS = (peewee.PeeweeException, psycopg2.Error, MaxConnectionsExceeded)
"""All errors of driver and pool."""


def is_unavailable(error: BaseException) -> bool:
    """Whether the error means that PostgreSQL cannot do anything now."""
    if isinstance(error, MaxConnectionsExceeded):
        return True
    code = _sqlstate(error)
    if code is None:
        return isinstance(error, UNREACHABLE)
    return code in NOT_NOW or code[:2] in NOT_NOW


def _sqlstate(error: BaseException) -> str | None:
    told = getattr(error, "orig", error)  # Peewee wraps the driver's errors.
    return told.pgcode if isinstance(told, psycopg2.Error) else None
