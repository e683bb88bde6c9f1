"""The release step: brings the schema up to date, with the database alone."""

from __future__ import annotations

import os
import signal
import sys

from orders.config import ConfigurationError, load_settings
from orders.domain.errors import StoreUnavailable
from orders.market.faults import read_faults
from orders.observability import observe
from orders.storage.database import connect, migrate


def bring_up_to_date() -> str:
    """Applies the missing migrations, and says which.

    Ends the process if settings are wrong or PostgreSQL is away.
    """
    try:
        settings = load_settings()
        read_faults(settings)
        connect(settings)
    except ConfigurationError as error:
        sys.exit(str(error))
    observe.set_up_logging(settings)
    try:
        return "\n".join(migrate()) or "The schema is up to date."
    except StoreUnavailable as error:
        reason = str(error.__cause__ or "").partition("\n")[0].strip()
        told = f"no migration was applied ({reason})" if reason else "no migration was applied"
        sys.exit(f"The database is not available: {told}.")


def stay_under_honcho() -> None:
    """Waits to be told to end where honcho runs this: it stops everything when one process ends."""
    if "HONCHO_PROCESS_NAME" in os.environ:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
