"""Several writes of the journal in one transaction, with whatever else the caller stores.

The journal's own connection commits each group of writes by itself. Here its statements run on the
connection that the caller has borrowed from the pool, so that all of the block takes effect or
nothing. They are planned each time, which costs milliseconds: for what is rarely done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from orders.domain import failpoints
from orders.storage.database import connection, database
from orders.storage.journal import PREPARE, Journal, Row, Write

PARAMETERS = {"json": "%(rows)s", "timestamptz": "%(argument)s", "integer": "%(argument)s"}


def _statements(source: str) -> dict[str, str]:
    """The prepared statements by name, as statements with named parameters."""
    bare = re.sub(r"^\s*--.*\n", "", source, flags=re.MULTILINE).replace("%", "%%")
    found = {}
    for text in bare.split("PREPARE ")[1:]:
        head, _, body = text.partition(" AS\n")
        name, _, types = head.rstrip(")").partition(" (")
        statement = body.rpartition(";")[0]
        for number, kind in enumerate(types.split(", "), start=1):
            parameter = PARAMETERS.get(kind, "%(rows)s")
            statement = statement.replace(f"${number}", f"{parameter}::{kind}")
        found[name] = statement
    return found


STATEMENTS = _statements(PREPARE)
PLANNING = "".join(
    f"SET LOCAL {setting};" for setting in re.findall(r"^SET (.+);$", PREPARE, flags=re.MULTILINE)
)


class JournalTransaction:
    """Stands for the journal within the transaction."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.writes: list[Write] = []
        self._actions: list[Callable[[], None]] = []

    def write(self, write: Write) -> dict[UUID, Row]:
        """Writes the rows, as `Journal.write` does; they are published after the commit."""
        call = self._journal.call([write])
        if call.wallets:
            database.execute_sql(STATEMENTS["lock_wallets"], {"rows": call.wallets})
        arguments = {"rows": call.rows, "argument": call.argument}
        answered = database.execute_sql(STATEMENTS[call.statement], arguments).fetchall()
        write.answer({row[0]: row for row in answered})
        self.writes.append(write)
        return write.written

    def once_committed(self, action: Callable[[], None]) -> None:
        """Calls it after the commit; not if the transaction fails."""
        self._actions.append(action)

    def tell(self) -> None:
        """Publishes all writes; the transaction is committed."""
        self._journal.publish(self.writes)
        for action in self._actions:
            action()


@contextmanager
def transaction(journal: Journal) -> Iterator[JournalTransaction]:
    """One transaction for the block; an exception undoes all of it.

    Raises `StoreUnavailable`: whether it was committed is then not known.
    """
    begun = JournalTransaction(journal)
    with connection(), database.atomic():
        database.execute_sql(PLANNING)
        yield begun
    failpoints.point("after_commit")
    begun.tell()
