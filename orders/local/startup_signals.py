"""Being told to stop before one has begun: nothing is under way yet, so the process just ends.

Imported before everything that takes time to import.
"""

import os
import signal


def exit_quietly_until_ready() -> None:
    """SIGTERM ends this process with exit code 0, until what it starts handles the signal."""
    # Not sys.exit(): an import that is interrupted may catch what that raises.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
