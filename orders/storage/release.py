"""The release step: brings the schema up to date, with the database alone."""

from __future__ import annotations

import os
import signal
import sys

from orders.config import ConfigurationError, load_settings
from orders.observability import observe
from orders.storage.database import connect, migrate


def bring_up_to_date() -> str:
    """Applies the missing migrations, and says which. Ends the process if settings are wrong."""
    try:
        settings = load_settings()
    except ConfigurationError as error:
        sys.exit(str(error))
    observe.set_up_logging(settings)
    connect(settings)
    return "\n".join(migrate()) or "The schema is up to date."


def stay_under_honcho() -> None:
    """Waits to be told to end where honcho runs this: it stops everything when one process ends."""
    if "HONCHO_PROCESS_NAME" in os.environ:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
