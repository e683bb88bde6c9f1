"""Work that would hold up all other requests of a web process: the one place that knows how."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def off_the_event_loop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls the function, in an OS thread of its own where this process runs green threads."""
    if not _green():
        return function(*args, **kwargs)
    from eventlet import tpool

    result: T = tpool.execute(function, *args, **kwargs)
    return result


def let_others_run() -> None:
    """Gives way to other requests in the middle of a long computation."""
    time.sleep(0)


def _green() -> bool:
    patcher: Any = sys.modules.get("eventlet.patcher")
    return patcher is not None and bool(patcher.is_monkey_patched("thread"))
