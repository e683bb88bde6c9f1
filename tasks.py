"""The Huey instance and its tasks, and the processes that run beside the web.

python tasks.py work       executes orders: Huey's own consumer on eventlet's green threads
python tasks.py watch      triggers, expires, recovers
python tasks.py migrate    brings the schema up to date
python tasks.py release    the same, as a Procfile's release

`huey_consumer tasks.huey` executes orders too, on OS threads.
"""

from __future__ import annotations

import sys

from orders.local.light_start import start_light
from orders.local.startup_signals import exit_quietly_until_ready

# For a worker or a watcher only: an interrupted migration must not look like a finished one.
if __name__ != "__main__" or sys.argv[1:] in (["work"], ["watch"]):
    exit_quietly_until_ready()

if __name__ == "__main__":
    if sys.argv[1:] in (["migrate"], ["release"]):
        # All other processes wait for it, so it imports no more than it needs.
        from orders.storage.release import bring_up_to_date, stay_under_honcho

        print(bring_up_to_date(), flush=True)
        if sys.argv[1:] == ["release"]:
            stay_under_honcho()
        sys.exit()

    # Huey and Peewee use it where it is there.
    start_light("sqlite3")
    if sys.argv[1:] == ["work"]:
        from orders.local.green_threads import use_green_threads

        # A commit delays the process's other orders for a moment, but carries their writes, too:
        # that is faster than switching between them.
        use_green_threads(psycopg=False)

    # Messages name the task by its module, which must not be `__main__`.
    import tasks

    sys.exit(tasks.main(sys.argv[1:]))

import atexit
from functools import partial
from uuid import UUID

from huey.api import Task
from huey.exceptions import RetryTask

from orders.accounts.webhooks.dispatch import Dispatcher
from orders.config import ConfigurationError, load_settings
from orders.domain.once import once
from orders.execution.clean_up import clean_up_duty
from orders.execution.clock_guard import hand_back_while_clock_is_off
from orders.execution.watcher import Duty, Watcher
from orders.messaging import heartbeats
from orders.messaging.publisher import BackgroundPublisher
from orders.messaging.single_wake_ups import SingleWakeUps
from orders.observability import observe
from orders.observability.collectors import serve_metrics
from orders.observability.garbage import settle_garbage_collection
from orders.storage.account_events import number_events
from orders.storage.database import await_migrations
from orders.wiring import wire

try:
    settings = load_settings()
    observe.set_up_logging(settings)
    components = wire(
        settings,
        make_publisher=partial(BackgroundPublisher, goes_first=True),
        parallel_quotes=settings.worker_concurrency,
    )
except ConfigurationError as error:
    sys.exit(str(error))
# The last stored events are published before the process ends.
atexit.register(components.publisher.close)
huey = components.queue.huey
webhook_wake_ups = SingleWakeUps(settings, components.queue, "tasks.deliver_webhook")


@huey.task(context=True)
def execute_order(order_id: str, *, task: Task) -> None:
    """Makes one attempt at one order; Huey delivers it again when the next attempt is due."""
    with observe.executing(UUID(order_id)):
        if hand_back_while_clock_is_off(components.server_time, components.queue, UUID(order_id)):
            return
        wait_s = components.engine.execute(UUID(order_id))
    if wait_s is not None:
        raise RetryTask(eta=components.queue.due_in(wait_s))


@huey.task()
def deliver_webhook(endpoint_id: str) -> None:
    """Starts sending what is due to a webhook endpoint; the worker goes on with orders."""
    webhook_wake_ups.taken(UUID(endpoint_id))
    components.webhook_deliveries.start(UUID(endpoint_id))


@once
def start_worker_process() -> None:
    """Waits for the schema, then starts this process's heartbeats and metrics."""
    await_migrations(settings)
    components.server_time.start()
    heartbeats.start(
        components.queue.redis,
        components.clock,
        components.order_store.owner,
        settings.heartbeat_s,
    )
    serve_metrics(components.sources, settings.metrics_host, settings.worker_metrics_port)
    settle_garbage_collection()
    observe.process_started("worker")


@huey.on_startup()
def start_process_once() -> None:
    """Huey calls it in each of its workers, of which a process has `worker_concurrency`."""
    start_worker_process()


def main(arguments: list[str]) -> int:
    """Runs `work` or `watch`; returns the exit code."""
    match arguments:
        case ["work"]:
            return work()
        case ["watch"]:
            return watch()
    print(__doc__)
    return 2


def watch() -> int:
    """Runs the watcher until SIGTERM."""
    await_migrations(settings)
    components.server_time.start()
    serve_metrics(components.sources, settings.metrics_host, settings.watcher_metrics_port)
    settle_garbage_collection()
    observe.process_started("watcher")
    watcher = Watcher(
        settings,
        components.triggers,
        components.recovery,
        components.server_time,
        [*webhook_duties(), *account_duties(), *market_duties()],
    )
    return watcher.run()


def webhook_duties() -> list[Duty]:
    """The watcher's duties that bring events to webhooks."""
    dispatcher = Dispatcher(settings, components.clock, webhook_wake_ups.wake)
    return [
        Duty("webhooks", dispatcher.tick, settings.webhook_interval_s),
        clean_up_duty("forget_webhooks", settings, dispatcher.forget),
    ]


def account_duties() -> list[Duty]:
    """The watcher's duties for accounts: number new events, delete expired sessions."""
    return [
        Duty("account_feeds", number_events, settings.stream_repair_s),
        clean_up_duty("sessions", settings, components.sessions.forget_expired),
    ]


def market_duties() -> list[Duty]:
    """The watcher's duties for the market: forget moves that ended long ago."""
    return [clean_up_duty("moves", settings, components.moves.forget)]


def work() -> int:
    """Runs Huey's consumer until SIGTERM; orders in flight then get `stop_grace_s` to finish."""
    consumer = huey.create_consumer(
        workers=settings.worker_concurrency,
        worker_type="thread",
        periodic=False,
        graceful_signal="TERM",
        shutdown_timeout=settings.stop_grace_s,
    )
    huey.storage.is_stopping = consumer.stop_flag.is_set
    consumer.run()
    components.webhook_deliveries.stop()
    return 0
