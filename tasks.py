"""The Huey instance and its tasks, and the processes that run beside the web.

huey_consumer tasks.huey -w 10 -k thread -g TERM -t 20    executes orders
python tasks.py watch                                     triggers, expires, recovers
python tasks.py migrate                                   brings the schema up to date
"""

from __future__ import annotations

import sys
from uuid import UUID

from huey.exceptions import RetryTask

from orders import observe, workers
from orders.config import ConfigurationError, load_settings
from orders.database import migrate
from orders.system import open_system
from orders.watcher import Watcher

try:
    settings = load_settings()
except ConfigurationError as error:
    sys.exit(str(error))
observe.set_up_logging(settings)
system = open_system(settings)
huey = system.queue.huey


@huey.task()
def execute_order(order_id: str) -> None:
    """One attempt at one order; Huey delivers it again when the next one is due."""
    wait_s = system.engine.execute(UUID(order_id))
    if wait_s is not None:
        raise RetryTask(delay=wait_s)


@huey.on_startup()
def announce() -> None:
    """Says that this worker process is alive, once a process."""
    workers.announce(system)


def main(arguments: list[str]) -> int:
    """`watch` or `migrate`."""
    match arguments:
        case ["watch"]:
            return Watcher(system).run()
        case ["migrate"]:
            print("\n".join(migrate()) or "The schema is up to date.")
            return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
