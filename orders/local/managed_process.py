"""A child process of the supervisor: restarted when it dies, stopped within a bounded time.

It writes directly to the supervisor's terminal or file, with its name in each line.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence

from orders.local.parent_death import with_parent_death_signal

Say = Callable[[str, str], None]
"""Prints one line under the name of the process that it comes from."""


class ManagedProcess:
    """One process, in a session of its own so that a terminal's Ctrl-C does not reach it."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], say: Say
    ) -> None:
        self.name = name
        self._command = list(command)
        self._environment = {**environment, "PROCESS_NAME": name}
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def run_once(self) -> int:
        """Run to the end; returns the exit code, negative for a signal."""
        process = await asyncio.create_subprocess_exec(
            *with_parent_death_signal(self._command, signal.SIGKILL),
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
        )
        self._process = process
        return await process.wait()

    def keep_running(self, backoff_s: float, backoff_max_s: float, early_s: float) -> None:
        """Start now, and again whenever it ends.

        The restart comes at once, unless it ended within `early_s` of its start: then after
        `backoff_s`, doubled with each early end in a row.
        """
        self._task = asyncio.create_task(self._keep_running(backoff_s, backoff_max_s, early_s))

    async def stop(self, grace_s: float, at_once: asyncio.Event) -> None:
        """SIGTERM, then SIGKILL after `grace_s` seconds or as soon as `at_once` is set."""
        self._stopping.set()
        if self._task is None:
            self.kill()
            return
        self._signal(signal.SIGTERM)
        hurry = asyncio.create_task(at_once.wait())
        await asyncio.wait(
            {self._task, hurry}, timeout=grace_s, return_when=asyncio.FIRST_COMPLETED
        )
        hurry.cancel()
        if not self._task.done():
            self._say("system", f"{self.name} does not stop in time: killing it")
            self.kill()
            await self._task

    def kill(self) -> None:
        """SIGKILL to the process and all its children."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _signal(self, signum: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signum)

    async def _keep_running(self, backoff_s: float, backoff_max_s: float, early_s: float) -> None:
        clock = asyncio.get_running_loop().time
        next_wait_s = backoff_s
        while not self._stopping.is_set():
            started = clock()
            code = await self.run_once()
            if self._stopping.is_set():
                return
            if clock() - started > early_s:
                wait_s, next_wait_s = 0.0, backoff_s
            else:
                wait_s, next_wait_s = next_wait_s, min(2 * next_wait_s, backoff_max_s)
            when = f"in {wait_s:g} s" if wait_s else "at once"
            self._say("system", f"{self.name} {ending(code)}; starting it again {when}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait_s)


def ending(code: int) -> str:
    """How a process ended, in words, from its exit code."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
