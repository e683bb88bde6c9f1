"""Stopping during start-up: nothing is under way yet, so the process just ends.

Imported before everything that takes time to import.
"""

import os
import signal


def exit_quietly_until_ready() -> None:
    """Lets SIGTERM end this process with exit code 0, until a later handler replaces this one.

    Python runs the handler between two instructions: a signal that comes right before a blocking
    call waits for that call. Whatever blocks during start-up must therefore be bounded.
    """
    # Not sys.exit(): an interrupted import may catch SystemExit.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
