"""Turns this process's threads into eventlet's green threads; nothing else patches anything.

The web and the worker process call it before all else (docs/decisions/0015).
"""

import os
import warnings


def use_green_threads(*, psycopg: bool) -> None:
    """Patches the standard library, before anything else imports sockets or threads.

    With `psycopg`, other green threads run while a query waits; without, they wait, too.
    """
    warnings.filterwarnings("ignore", message="\\s*Eventlet is deprecated")
    # Eventlet's own DNS resolver would load dnspython, some 10 MiB. The names of two servers are
    # looked up rarely, those of webhooks by `orders.accounts.webhooks.name_lookup`.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    import eventlet

    # `psycopg=True` alone would patch nothing else, so it is passed only to switch it off.
    eventlet.monkey_patch(**({} if psycopg else {"psycopg": False}))
