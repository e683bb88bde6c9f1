"""How callers share a commit."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import eventlet
eventlet.monkey_patch()
import time
from orders.storage.batching import Entry, GroupCommit

sizes = []
commits = GroupCommit(lambda entries: sizes.append(len(entries)), most=10)

def caller(switches):
    for _ in range(switches):
        time.sleep(0)
    commits.submit(Entry())

callers = [eventlet.spawn(caller, switches) for switches in {switches}]
for each in callers:
    each.wait()
print(*sizes)
"""


def group_sizes(*switches: int) -> list[int]:
    """The sizes of the groups if each caller arrives after so many switches of green threads."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM.replace("{switches}", str(switches))],
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(size) for size in done.stdout.split()]


def test_callers_that_are_a_few_switches_of_threads_away_join_the_group() -> None:
    assert group_sizes(0, 2, 5, 8) == [4]


def test_callers_that_are_far_away_are_not_waited_for() -> None:
    assert group_sizes(0, 100) == [1, 1]
