"""Who asks: an account, a wallet that signs for itself, or the shared anonymous space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class Owned(Protocol):
    """Something that an account owns, or nobody."""

    @property
    def account_id(self) -> UUID | None:
        """The owner; None: the anonymous space."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `account_id` is None for the anonymous space, of which a wallet is a part."""

    account_id: UUID | None = None
    wallet: str | None = None

    @property
    def scope(self) -> str:
        """The name under which the caller's idempotency keys are kept."""
        if self.wallet:
            return f"wallet:{self.wallet}"
        return f"account:{self.account_id}" if self.account_id else "anonymous"

    def may_see(self, owned: Owned) -> bool:
        """An account's orders are its own; anonymous ones are everybody's."""
        return owned.account_id is None or owned.account_id == self.account_id


ANONYMOUS = Caller()
