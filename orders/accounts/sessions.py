"""Sessions: one for each log-in. Ending a session makes its token invalid.

Every request with a token checks that its session is open. A process asks PostgreSQL and remembers
the answer for `session_check_s`, so a token works at most that long after another process ended its
session. While PostgreSQL is away, no session can be ended, and the last answer counts.
"""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from uuid import UUID

from orders.accounts.tokens import issue_token, read_token
from orders.accounts.user_agents import short_user_agent
from orders.config import Settings
from orders.domain.caller import ANONYMOUS, Caller, Credential
from orders.domain.clock import Clock
from orders.domain.errors import SessionNotFound, StoreUnavailable, Unauthenticated
from orders.domain.identifiers import uuid7
from orders.observability import observe
from orders.storage.database import connection, database

REMEMBERED = 20_000
"""Most credentials that a process remembers as valid."""
TOUCH_EVERY = timedelta(minutes=1)
"""How often the time of the last use is stored at most."""
FORGOTTEN_AT_ONCE = 1_000

OPEN = """
INSERT INTO sessions (id, account_id, user_agent, created_at, last_used_at, expires_at)
VALUES (%(id)s, %(account)s, %(agent)s, %(now)s, %(now)s, %(expires)s)
"""
END_SURPLUS = """
UPDATE sessions SET ended_at = %(now)s WHERE id IN (
    SELECT id FROM sessions
    WHERE account_id = %(account)s AND ended_at IS NULL AND expires_at > %(now)s
    ORDER BY last_used_at DESC, id DESC OFFSET %(most)s)
"""
IS_OPEN = """
SELECT last_used_at FROM sessions
WHERE id = %(session)s AND account_id = %(account)s AND ended_at IS NULL
"""
IS_VALID_WITHOUT_SESSION = """
SELECT NULL FROM accounts
WHERE id = %(account)s AND (sessions_from IS NULL OR sessions_from < %(issued)s)
"""
TOUCH = "UPDATE sessions SET last_used_at = %(now)s WHERE id = %(session)s"
LIST = """
SELECT id, user_agent, created_at, last_used_at, expires_at FROM sessions
WHERE account_id = %s AND ended_at IS NULL AND expires_at > %s
ORDER BY last_used_at DESC, id DESC LIMIT %s
"""
END_ONE = """
UPDATE sessions SET ended_at = %(now)s
WHERE id = %(session)s AND account_id = %(account)s AND ended_at IS NULL AND expires_at > %(now)s
RETURNING id
"""
END_ALL = """
UPDATE sessions SET ended_at = %(now)s
WHERE account_id = %(account)s AND ended_at IS NULL AND expires_at > %(now)s RETURNING id
"""
NO_OLDER_TOKENS = "UPDATE accounts SET sessions_from = %(now)s WHERE id = %(account)s"
STILL_OPEN = "SELECT id FROM sessions WHERE id = ANY(%s::uuid[]) AND ended_at IS NULL"
ACCOUNTS_FROM = "SELECT id, sessions_from FROM accounts WHERE id = ANY(%s::uuid[])"
FORGET = """
DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < %s LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Session:
    """An open session."""

    id: UUID
    user_agent: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


class Sessions:
    """Opens, checks, lists and ends sessions. One per process."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = Lock()
        self._known: OrderedDict[Credential, float] = OrderedDict()
        """Valid credentials, and until when they are not checked again (monotonic time)."""
        self._forgotten = 0
        """How often all of them have been forgotten."""

    def open(self, account_id: UUID, user_agent: str) -> str:
        """Opens a session and returns its token. Beyond `sessions_limit`, the sessions end that
        were not used for longest.

        Raises `StoreUnavailable`.
        """
        now = self._clock.now()
        session_id = uuid7(now)
        values = {
            "id": session_id,
            "account": account_id,
            "agent": short_user_agent(user_agent),
            "now": now,
            "expires": now + timedelta(seconds=self._settings.token_ttl_s),
            "most": self._settings.sessions_limit,
        }
        with connection(), database.atomic():
            database.execute_sql(OPEN, values)
            database.execute_sql(END_SURPLUS, values)
        return issue_token(self._settings, account_id, session_id)

    def caller(self, token: object) -> Caller:
        """Who sends this bearer token; without one (None) the anonymous caller.

        Raises `Unauthenticated` if it is malformed, expired or forged, if its session has ended,
        or if it is missing while REQUIRE_AUTH is on; `StoreUnavailable` if PostgreSQL is away and
        this process has not checked the token before.
        """
        credential = read_token(self._settings, token)
        if credential is None:
            return ANONYMOUS
        self._check(credential)
        return Caller(credential.account_id, credential=credential)

    def list_open(self, account_id: UUID) -> list[Session]:
        """The account's open sessions, the last used first. Raises `StoreUnavailable`."""
        values = (account_id, self._clock.now(), self._settings.sessions_limit)
        with connection():
            return [Session(*row) for row in database.execute_sql(LIST, values).fetchall()]

    def end(self, account_id: UUID, session_id: UUID | None) -> None:
        """Ends one session of the account. Raises `SessionNotFound`, `StoreUnavailable`."""
        if not session_id:
            raise SessionNotFound()
        with self.ending(), connection():
            ended = self._write(END_ONE, account_id, session=session_id)
        if not ended:
            raise SessionNotFound()
        observe.sessions_ended(account_id, 1)

    def end_all(self, account_id: UUID) -> int:
        """Ends all sessions of the account; returns how many. Raises `StoreUnavailable`."""
        with self.ending(), connection(), database.atomic():
            self._write(NO_OLDER_TOKENS, account_id)
            ended = self._write(END_ALL, account_id)
        observe.sessions_ended(account_id, ended)
        return ended

    @contextlib.contextmanager
    def ending(self) -> Iterator[None]:
        """A block that ends sessions and commits that; this process knows of it afterwards.

        Needed around `end_all` only if that is part of a greater transaction.
        """
        try:
            yield
        finally:  # Whatever failed, the commit may have succeeded.
            with self._lock:
                self._known.clear()
                self._forgotten += 1

    def ended(self, credentials: Collection[Credential]) -> set[Credential]:
        """Those of the credentials that are no longer valid. Raises `StoreUnavailable`."""
        if not credentials:
            return set()
        with connection():
            ids = [each.session_id for each in credentials if each.session_id]
            still_open = {row[0] for row in database.execute_sql(STILL_OPEN, (ids,)).fetchall()}
            owners = [each.account_id for each in credentials if not each.session_id]
            valid_from = dict(database.execute_sql(ACCOUNTS_FROM, (owners,)).fetchall())
        now = self._clock.now().timestamp()

        def is_valid(credential: Credential) -> bool:
            if credential.expires_at <= now:
                return False
            if credential.session_id:
                return credential.session_id in still_open
            since = valid_from.get(credential.account_id)
            known = credential.account_id in valid_from
            return known and (since is None or since < _moment(credential.issued_at))

        return {credential for credential in credentials if not is_valid(credential)}

    def forget_expired(self) -> int:
        """Removes expired sessions, a bounded number at a time; returns how many.

        Raises `StoreUnavailable`.
        """
        with connection():
            values = (self._clock.now(), FORGOTTEN_AT_ONCE)
            return int(database.execute_sql(FORGET, values).rowcount)

    def _check(self, credential: Credential) -> None:
        valid_until = self._known.get(credential)
        now, forgotten = time.monotonic(), self._forgotten
        if valid_until is not None and now < valid_until:
            return
        try:
            self._ask(credential)
        except StoreUnavailable:
            if valid_until is None:
                raise
            return
        with self._lock:
            if forgotten != self._forgotten:
                return  # A session has ended since PostgreSQL was asked; it may have been this one.
            self._known[credential] = now + self._settings.session_check_s
            self._known.move_to_end(credential)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def _ask(self, credential: Credential) -> None:
        session_id = credential.session_id
        values = {
            "session": session_id,
            "account": credential.account_id,
            "issued": _moment(credential.issued_at),
            "now": self._clock.now(),
        }
        with connection():
            query = IS_OPEN if session_id else IS_VALID_WITHOUT_SESSION
            found = database.execute_sql(query, values).fetchone()
            if found is None:
                with self._lock:
                    self._known.pop(credential, None)
                raise Unauthenticated("The session of this token has ended; log in again.")
        if session_id and values["now"] - found[0] >= TOUCH_EVERY:
            # The caller is let in even if the time cannot be stored.
            with contextlib.suppress(StoreUnavailable), connection():
                database.execute_sql(TOUCH, values)

    def _write(self, statement: str, account_id: UUID, **further: Any) -> int:
        values = {"account": account_id, "now": self._clock.now(), **further}
        return int(database.execute_sql(statement, values).rowcount)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
