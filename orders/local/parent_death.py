"""Start a command that does not outlive the process that started it.

`tethered()` wraps a command line so that it first runs this file, which asks Linux to send a signal
when the parent dies (PR_SET_PDEATHSIG, prctl(2)), then becomes the command. It is a wrapper and not
a `preexec_fn` because that is unsafe in a process with threads. Elsewhere than on Linux there is no
tether: an orderly stop still works, a parent killed outright leaves its children.

The signal is tied to the *thread* that started the command, so that thread has to live as long.
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
    # After the change of user: the kernel clears the setting when credentials change.
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
