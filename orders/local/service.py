"""A private server process: start, wait until it answers, stop, kill, restart."""

import contextlib
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from orders.local.parent_death import with_parent_death_signal

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
ORPHAN_TIMEOUT_S = 15.0
LOG_MAX_BYTES = 5_000_000

User = tuple[int, int]
"""Numeric user and group that a server runs as."""

# The parent-death signal is tied to the starting thread; this one lives as long as the process.
spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


class LocalServiceError(Exception):
    """A private service cannot be started; the message is one sentence."""


class LocalService(ABC):
    """One server process and its directory. `url` is how clients reach it."""

    name: str
    url: str
    executable: str
    stop_signals: tuple[signal.Signals, ...]
    orphan_signal: signal.Signals

    def __init__(self, data_dir: Path) -> None:
        self.directory = data_dir.resolve() / self.name.lower()
        self.log_path = self.directory.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = threading.RLock()

    @property
    def pid(self) -> int:
        """Process id, also after the process has ended. Raises LocalServiceError before start()."""
        if self._process is None:
            raise LocalServiceError(f"{self.name} was never started.")
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the server process lives, ready or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait until it answers. Raises LocalServiceError."""
        with self._changing:
            if self.is_running():
                return
            self.directory.parent.mkdir(parents=True, exist_ok=True)
            _wait_for_orphans(self.name, self.executable, self.directory)
            self._prepare()
            self._process = spawner.submit(self._spawn).result()
            try:
                self._wait_until_ready()
            except BaseException:
                self.kill()
                raise

    def stop(self, *, at_once: bool = False) -> None:
        """Stop, with ever stronger signals as time passes; `at_once` skips the gentle one."""
        with self._changing:
            for signum in self.stop_signals[1 if at_once else 0 :]:
                if self._signal_and_wait(signum, STOP_TIMEOUT_S):
                    return
            self.kill()

    def hurry(self) -> None:
        """Cut short the gentle part of a stop under way; returns at once."""
        if self._process is not None:
            self._process.send_signal(self.stop_signals[1])

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self._signal_and_wait(signal.SIGKILL, None)

    def restart(self) -> None:
        """Stop if running, then start with the same directory and url. Raises LocalServiceError."""
        self.stop()
        self.start()

    def _signal_and_wait(self, signum: signal.Signals, timeout_s: float | None) -> bool:
        if self._process is None:
            return True
        self._process.send_signal(signum)
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _spawn(self) -> subprocess.Popen[bytes]:
        too_long = self.log_path.exists() and self.log_path.stat().st_size > LOG_MAX_BYTES
        with open(self.log_path, "wb" if too_long else "ab") as log:
            return subprocess.Popen(
                with_parent_death_signal(self._command(), self.orphan_signal, self._user()),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # In a session of its own, so that Ctrl-C in the terminal does not reach it.
                start_new_session=True,
            )

    def _wait_until_ready(self) -> None:
        def answers_or_died() -> bool:
            if not self.is_running():
                raise LocalServiceError(f"{self.name} did not start: {_last_line(self.log_path)}")
            return self._answers()

        if not _wait_until(answers_or_died, START_TIMEOUT_S):
            raise LocalServiceError(
                f"{self.name} did not answer within {START_TIMEOUT_S:.0f} s; see {self.log_path}."
            )

    def _user(self) -> User | None:
        return None

    @abstractmethod
    def _prepare(self) -> None: ...

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _answers(self) -> bool: ...


def _wait_until(condition: Callable[[], bool], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    telling = [line for line in lines[-20:] if "FATAL" in line or "rror" in line]
    return (telling or lines or ["it wrote no log"])[-1].strip()


def _wait_for_orphans(name: str, executable: str, directory: Path) -> None:
    """Wait for the processes of a killed owner to end. Raises LocalServiceError if they stay."""

    def gone() -> bool:
        left = _processes_in(executable, directory)
        for process in left:
            # Without a parent-death signal (not on Linux) they do not end by themselves.
            with contextlib.suppress(psutil.Error):
                if process.ppid() == 1:
                    process.send_signal(signal.SIGINT)
        return not left

    if not _wait_until(gone, ORPHAN_TIMEOUT_S):
        pid = min(process.pid for process in _processes_in(executable, directory))
        raise LocalServiceError(f"{directory} is in use by another {name}, process {pid}.")


def _processes_in(executable: str, directory: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == executable and process.cwd() == str(directory):
                found.append(process)
        except psutil.Error:
            continue
    return found
