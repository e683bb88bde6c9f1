"""The caller of a request: an account, a wallet that signs for itself, or the anonymous caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


class Owned(Protocol):
    """Something that belongs to an account or to nobody."""

    @property
    def account_id(self) -> UUID | None:
        """The owner; None in the anonymous space."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a bearer token says. `session_id` is None in one of before there were sessions; times
    are in seconds since the epoch."""

    account_id: UUID
    session_id: UUID | None
    issued_at: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request. `account_id` is None in the anonymous space, to which wallets belong."""

    account_id: UUID | None = None
    wallet: str | None = None
    credential: Credential | None = field(default=None, compare=False)
    """What the caller proved to be the account with."""

    @property
    def scope(self) -> str:
        """The name under which this caller's idempotency keys are kept."""
        if self.wallet:
            return f"wallet:{self.wallet}"
        return f"account:{self.account_id}" if self.account_id else "anonymous"

    def may_see(self, owned: Owned) -> bool:
        """Whether this caller may see it: an account's orders are its own, anonymous ones
        everybody's.
        """
        return owned.account_id is None or owned.account_id == self.account_id


ANONYMOUS = Caller()
