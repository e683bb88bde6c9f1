"""Accounts: sign-up, log-in, and the bearer tokens that identify an account afterwards."""

from __future__ import annotations

import hmac
import time
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Protocol, TypeVar
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from peewee import IntegrityError

from orders.accounts.funding import Funding
from orders.config import Settings
from orders.domain.caller import ANONYMOUS, Caller
from orders.domain.clock import Clock
from orders.domain.errors import EmailTaken, InvalidCredentials, Unauthenticated
from orders.domain.identifiers import parse_uuid, uuid7
from orders.storage.database import connection, database
from orders.storage.models import Account

ALGORITHM = "HS256"
MAX_TOKEN_LENGTH = 4096
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


def issue_token(settings: Settings, account_id: UUID) -> str:
    """A signed bearer token for the account (JWT, RFC 7519), valid for `token_ttl_s`."""
    now = int(time.time())
    claims = {"sub": str(account_id), "iat": now, "exp": now + settings.token_ttl_s}
    return jwt.encode(claims, _token_key(settings.secret_key), ALGORITHM)


def authenticate_token(settings: Settings, token: object) -> Caller:
    """The caller that a bearer token identifies; the anonymous caller without one (None or empty).

    Raises `Unauthenticated` if it is malformed, expired or forged, or missing while REQUIRE_AUTH is
    on.
    """
    if token is None or token == "":
        if settings.require_auth:
            raise Unauthenticated()
        return ANONYMOUS
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        raise Unauthenticated("The bearer token is not valid.")
    return Caller(_account_id(settings.secret_key, token))


def _account_id(secret: str, token: str) -> UUID:
    try:
        claims = jwt.decode(
            token,
            _token_key(secret),
            algorithms=[ALGORITHM],
            options={"require": ["exp", "sub"]},
        )
    except jwt.ExpiredSignatureError:
        raise Unauthenticated("The bearer token has expired; log in again.") from None
    except (jwt.PyJWTError, ValueError):
        raise Unauthenticated("The bearer token is not valid.") from None
    account_id = parse_uuid(claims["sub"])
    if account_id is None:
        raise Unauthenticated("The bearer token is not valid.")
    return account_id


@lru_cache(maxsize=4)
def _token_key(secret: str) -> bytes:
    # A key derived for tokens alone: nothing signed for another purpose passes as a token.
    return hmac.digest(secret.encode(), b"orders: bearer tokens", "sha256")


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return HASHER.hash("nobody has this password")


def _verify(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except VerificationError:
        return False
