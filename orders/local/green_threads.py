"""Turns this process's threads into eventlet's green threads: the one place that patches anything.

Called first thing by the web and the worker process (docs/decisions/0015).
"""

import os
import warnings


def use_green_threads(*, psycopg: bool) -> None:
    """Patches the standard library, before anything else imports sockets or threads.

    With `psycopg`, a query lets other green threads run while it waits; without, it holds them up.
    """
    warnings.filterwarnings("ignore", message="\\s*Eventlet is deprecated")
    # Its own DNS resolver would load dnspython, some 10 MiB, to look up two host names.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    import eventlet

    # Naming what to patch would leave all else out; naming what not to patch does not.
    eventlet.monkey_patch(**({} if psycopg else {"psycopg": False}))
