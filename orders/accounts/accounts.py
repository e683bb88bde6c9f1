"""Accounts: sign-up, log-in, a new password."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Protocol, TypeVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from peewee import IntegrityError

from orders.accounts.funding import Funding
from orders.domain.caller import Caller
from orders.domain.clock import Clock
from orders.domain.errors import EmailTaken, InvalidCredentials, Unauthenticated
from orders.domain.identifiers import uuid7
from orders.storage.database import connection, database
from orders.storage.models import Account

INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
"""Unicode categories of invisible characters: controls, format characters, blanks."""

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""argon2id with 19 MiB and two passes, the least that OWASP's Password Storage Cheat Sheet
recommends. More would let attackers keep the server busy with log-ins.
"""

Result = TypeVar("Result")


class RunHash(Protocol):
    """Runs the function that hashes a password."""

    def __call__(self, function: Callable[..., Result], *arguments: str) -> Result:
        """Calls the function and returns its result."""


def run_here(function: Callable[..., Result], *arguments: str) -> Result:
    """Hashes in the request's own thread: right for servers that give each request a thread."""
    return function(*arguments)


class Accounts:
    """Stores accounts and checks passwords. One per web process.

    `run_hash` runs the hashing where it does not block other requests. At most `parallel_hashes`
    run at once: each needs 19 MiB.
    """

    def __init__(
        self,
        clock: Clock,
        funding: Funding,
        parallel_hashes: int = 1,
        run_hash: RunHash = run_here,
    ) -> None:
        self._clock = clock
        self._funding = funding
        self._run_hash = run_hash
        self._hashing = BoundedSemaphore(parallel_hashes)
        # Made now: else the first log-in with an unknown address would take longer than later ones.
        run_hash(_nobodys_hash)

    def sign_up(self, email: str, password: str) -> Account:
        """Stores a new account and opens its wallet. Raises `EmailTaken`, `StoreUnavailable`."""
        hashed = self._hash(password)
        now = self._clock.now()
        with connection(), database.atomic():
            try:
                account = Account.create(
                    id=uuid7(now),
                    email=normalise_email(email),
                    password_hash=hashed,
                    created_at=now,
                )
            except IntegrityError as error:
                raise EmailTaken() from error
            self._funding.open(account.id)
            return account

    def log_in(self, email: str, password: str) -> Account:
        """Returns the account with this email address and password.

        Raises `InvalidCredentials`, after the same work and with the same message whether the
        address is unknown or the password wrong; `StoreUnavailable`.
        """
        try:
            address = normalise_email(email)
        except ValueError:
            address = email  # Such an address cannot exist: answer as for any unknown one.
        with connection():
            account = Account.get_or_none(Account.email == address)
        stored = account.password_hash if account else _nobodys_hash()
        if not self._matches(stored, password) or account is None:
            raise InvalidCredentials()
        return account

    def change_password(
        self, caller: Caller, current: str, new: str, end_sessions: Callable[[UUID], object]
    ) -> Account:
        """Sets a new password for the caller's account and ends the account's sessions.

        Raises `InvalidCredentials` if the current one is wrong, `Unauthenticated`,
        `StoreUnavailable`.
        """
        account = self.find(caller)
        if not self._matches(account.password_hash, current):
            raise InvalidCredentials("The current password is wrong.")
        account.password_hash = self._hash(new)
        with connection(), database.atomic():
            account.save(only=[Account.password_hash])
            end_sessions(account.id)
        return account

    def _hash(self, password: str) -> str:
        with self._hashing:
            return self._run_hash(HASHER.hash, password)

    def _matches(self, hashed: str, password: str) -> bool:
        with self._hashing:
            return self._run_hash(_verify, hashed, password)

    def find(self, caller: Caller) -> Account:
        """The caller's account. Raises `Unauthenticated`, `StoreUnavailable`."""
        with connection():
            account = Account.get_or_none(Account.id == caller.account_id)
        if account is None:
            raise Unauthenticated()
        return account


def normalise_email(email: str) -> str:
    """The form in which an address is unique: NFKC, lower case, its domain as in DNS (IDNA).

    Raises `ValueError` if it holds invisible characters or its domain has no such form.
    """
    plain = unicodedata.normalize("NFKC", email).strip().lower()
    if any(unicodedata.category(character) in INVISIBLE for character in plain):
        raise ValueError("an address holds no blanks and no invisible characters")
    name, at, domain = plain.rpartition("@")
    return f"{name}{at}{domain.encode('idna').decode()}"


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return HASHER.hash("nobody has this password")


def _verify(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except VerificationError:
        return False
