"""The web process: HTTP, Socket.IO and WebSockets. `python wsgi.py` serves until SIGTERM."""

# ruff: noqa: E402 - the patch must come before everything that uses sockets or threads.
from orders.local.green_threads import use_green_threads
from orders.local.light_start import start_light
from orders.local.startup_signals import exit_quietly_until_ready

if __name__ == "__main__":
    exit_quietly_until_ready()
    # Socket.IO's client, which nobody uses here, would load the first two; its manager of several
    # processes, the third; Huey and Peewee, the last.
    start_light("requests", "websocket", "valkey", "sqlite3")

use_green_threads(psycopg=True)

import contextlib
import os
import sys
from functools import partial

from eventlet import tpool

from app import create_app
from orders.api.hosts import CheckedHosts
from orders.api.server import listen, listen_beside, serve
from orders.config import ConfigurationError, load_settings
from orders.messaging.publisher import BackgroundPublisher
from orders.observability import observe
from orders.observability.garbage import settle_garbage_collection
from orders.storage.database import await_migrations
from orders.streams.attach import init_app
from orders.streams.shutdown import close_all_streams
from orders.wiring import wire


def main() -> None:
    """Serves until told to stop."""
    try:
        settings = load_settings()
        if not settings.secret_key:
            raise ConfigurationError("SECRET_KEY is not set; `python app.py` makes one by itself.")
        listener = listen(settings)
        observe.set_up_logging(settings)
        components = wire(settings, make_publisher=BackgroundPublisher)
    except ConfigurationError as error:
        sys.exit(str(error))
    # As many threads as parallel hashes, because each thread keeps the memory of its hash.
    tpool.set_num_threads(settings.parallel_hashes)
    app = create_app(settings, components, tpool.execute)
    socketio = init_app(app, components)
    app.wsgi_app = CheckedHosts(app.wsgi_app, settings)  # type: ignore[method-assign]
    await_migrations(settings)
    components.server_time.start()
    settle_garbage_collection()
    observe.process_started("web")
    beside = listen_beside(settings)
    listeners = [listener] if beside is None else [listener, beside]
    if serve(listeners, app, settings, partial(close_all_streams, app, socketio)):
        components.close()
    else:
        # A full close would wait for the connections of the request that hangs.
        components.publisher.close()


if __name__ == "__main__":
    main()
    with contextlib.suppress(OSError):  # The terminal may be closed.
        sys.stdout.flush()
        sys.stderr.flush()
    # Library threads that still wait for something must not keep the process alive.
    os._exit(0)
