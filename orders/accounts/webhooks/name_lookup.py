"""Looking up a host's addresses, in bounded time and without delaying any other thread.

The C library's lookup cannot be interrupted, and green threads all stand still while one of them is
in it. So each lookup has a thread of the operating system, which ends by itself however long the
name server is silent; nobody waits for it longer than its caller wants to.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from contextlib import closing
from typing import Any

from orders.domain.clock import Deadline

MOST_AT_ONCE = 64
"""Lookups of one process at the same time at most, those that nobody waits for included."""
PLACE_POLL_S = 0.01

Found = list[tuple[Any, ...]]


def _threads_of_the_system() -> Any:
    """The `threading` module as it was before eventlet patched it, if it did
    (`orders.local.green_threads`).
    """
    if "eventlet" not in sys.modules:
        return threading
    from eventlet import patcher

    return patcher.original("threading")


_threading = _threads_of_the_system()
_places = _threading.BoundedSemaphore(MOST_AT_ONCE)


def look_up(host: str, port: int, timeout_s: float) -> Found:
    """What `socket.getaddrinfo` returns for TCP.

    Raises `TimeoutError` after `timeout_s`, another `OSError` if there is no address.
    """
    deadline = Deadline(timeout_s)
    result: list[Found | OSError | ValueError] = []
    # The end that the lookup closes when it is over wakes whoever reads from the other.
    reader, writer = socket.socketpair()
    with closing(reader), closing(writer):
        _take_place(deadline)
        reader.settimeout(max(deadline.left_s, PLACE_POLL_S))
        _start(host, port, result, writer.detach())
        reader.recv(1)
    if isinstance(result[0], Exception):
        raise result[0]
    return result[0]


def _take_place(deadline: Deadline) -> None:
    # Waiting at the semaphore itself would keep all green threads waiting.
    while not _places.acquire(blocking=False):
        if not deadline.left_s:
            raise TimeoutError
        time.sleep(PLACE_POLL_S)


def _start(host: str, port: int, result: list[Any], end: int) -> None:
    asking = _threading.Thread(target=_ask, args=(host, port, result, end), daemon=True)
    try:
        asking.start()
    except RuntimeError as error:  # The system gives no more threads.
        _end(end)
        raise OSError(str(error)) from None


def _ask(host: str, port: int, result: list[Any], end: int) -> None:
    try:
        result.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, ValueError) as error:
        result.append(error)
    finally:
        _end(end)


def _end(end: int) -> None:
    _places.release()
    os.close(end)
