"""libpq opens files that eventlet does not see, some with the number of a file that was closed."""

from __future__ import annotations

import subprocess
import sys

from orders.config import Settings
from tests.stack import ROOT, environment

PROGRAM = """
from orders.local.green_threads import use_green_threads
use_green_threads(psycopg=True)
import select, socket, threading, time
import psycopg2
from orders.config import load_settings
from orders.storage.client_timeout import patience

settings = load_settings()
patience.begin(10, lambda: None)
ended = threading.Event()
abandoned, other = socket.socketpair()

def wait_for_ever():
    try:
        select.select([abandoned.fileno()], [], [])
    except OSError:
        ended.set()

threading.Thread(target=wait_for_ever, daemon=True).start()
time.sleep(0)
number = abandoned.fileno()
abandoned.close()
database = psycopg2.connect(settings.database_url)
database.cursor().execute("SELECT 1")
print(database.fileno() == number, ended.wait(10))
"""


def test_connection_that_gets_the_number_of_a_closed_file_works_and_ends_the_old_wait(
    settings: Settings,
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        cwd=ROOT, env=environment(settings), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.stdout.split(), done.stderr) == (["True", "True"], "")
