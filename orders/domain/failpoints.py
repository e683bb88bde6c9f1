"""Named points at which a test can kill the process, as `kill -9` would.

Off unless the setting CRASH_POINTS names points, as `name` or `name@n` (the n-th time it is
passed), separated by commas; or unless the scenario of the order at work names one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Lock

EXIT_CODE = 137
"""The exit code that a shell reports for SIGKILL: 128 + 9."""

die: Callable[[int], object] = os._exit
"""Ends the process; in-process tests replace it with an exception."""

_armed: dict[str, int] = {}
_lock = Lock()


def arm(spec: str) -> None:
    """Arms the points that `spec` names and disarms all others."""
    _armed.clear()
    for item in filter(None, (part.strip() for part in spec.split(","))):
        name, _, count = item.partition("@")
        _armed[name] = int(count or 1)


def point(name: str, dies_at: str | None = None) -> None:
    """Ends the process, without clean-up, if this point is armed and its turn has come, or if the
    scenario of the order at work names it.
    """
    if name == dies_at:
        die(EXIT_CODE)
    if not _armed or name not in _armed:
        return
    with _lock:
        _armed[name] -= 1
        if _armed[name] == 0:
            die(EXIT_CODE)
