"""Starts a command that ends when the process that started it dies.

`with_parent_death_signal()` makes a command line run this file first. It asks Linux to send a
signal when the parent dies (PR_SET_PDEATHSIG, prctl(2)), then becomes the command. A `preexec_fn`
could do the same, but is unsafe in a process with threads. On other systems than Linux a normal
stop still ends the children; if the parent is killed, they stay.

The signal is tied to the *thread* that started the command, so that thread must live as long.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def with_parent_death_signal(
    command: Sequence[str], on_parent_death: signal.Signals, user: tuple[int, int] | None = None
) -> list[str]:
    """The command line that runs `command` tied to this process, as `user` (uid, gid) if given."""
    uid, gid = user or (-1, -1)
    interpreter = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
    return [
        *interpreter,
        str(os.getpid()),
        str(on_parent_death.value),
        str(uid),
        str(gid),
        *command,
    ]


def _become(parent: int, signum: int, uid: int, gid: int, command: list[str]) -> None:
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # Set after the change of user, because the kernel clears it when credentials change.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signum)
    if os.getppid() != parent:
        sys.exit(f"the process that started {command[0]} is gone")
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    parent, signum, uid, gid = map(int, sys.argv[1:5])
    _become(parent, signum, uid, gid, sys.argv[5:])
