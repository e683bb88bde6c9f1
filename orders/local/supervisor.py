"""`python app.py`: the whole system on this machine, in one terminal, stopped by one Ctrl-C.

Starts private servers where DATABASE_URL or REDIS_URL is not set, migrates, then keeps the web,
watcher and worker processes running. Nothing outlives it, even if it is killed (parent_death.py).
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from orders.config import ConfigurationError, Settings, load_settings
from orders.local.managed_process import ManagedProcess, ending
from orders.local.postgres import LocalPostgres
from orders.local.preflight import (
    PreflightError,
    claim_port,
    only_one,
    reachable_url,
    stored_secret,
)
from orders.local.service import LocalService, LocalServiceError
from orders.local.valkey import LocalValkey
from orders.observability.process_label import in_colour, process_label

ROOT = Path(__file__).resolve().parents[2]
# Longer than the grace time that the processes themselves keep.
KILL_MARGIN_S = 5.0
READY_POLL_S = 0.1
READY_TIMEOUT_S = 2.0
READY_REMINDER_S = 30.0
SERVICE_POLL_S = 0.5


def main(check: Callable[[Settings], object]) -> int:
    """Run until told to stop.

    Returns the exit code: 1 after a mistake, which is one sentence on stderr. `check` raises
    `ConfigurationError` for settings that its processes would refuse.
    """
    os.chdir(ROOT)
    try:
        settings = load_settings()
        check(settings)
        data_dir = Path(settings.data_dir).resolve()
        with only_one(data_dir) as leave_url:
            supervisor = Supervisor(settings, data_dir)
            leave_url(supervisor.url)
            return asyncio.run(supervisor.run())
    except (ConfigurationError, PreflightError, LocalServiceError) as error:
        print(error, file=sys.stderr)
        return 1


class Supervisor:
    """Starts, watches and stops everything."""

    def __init__(self, settings: Settings, data_dir: Path) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._port = claim_port(settings.host, settings.port)
        self.url = reachable_url(settings.host, self._port)
        self._environment = self._inherited()
        self._services: list[LocalService] = []
        self._children: list[ManagedProcess] = []
        self._stop = asyncio.Event()
        self._at_once = asyncio.Event()

    async def run(self) -> int:
        """Start everything, wait for a signal, stop everything. Raises what main() reports."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._told_to_stop)
        loop.add_signal_handler(signal.SIGTERM, self._told_to_stop)
        # nohup ignores SIGHUP on purpose.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self._told_to_stop)
        work = asyncio.create_task(self._work())
        stop = asyncio.create_task(self._stop.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        work.cancel()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await work
        finally:
            await self._stop_all()
        say("system", "stopped")
        return 0

    async def _work(self) -> None:
        await self._find_services()
        commands = self._commands()
        # People look at the web process first: it starts during the migration and waits for it
        # itself. The other processes would slow both down.
        self._keep_running({"web": commands.pop("web")})
        await self._migrate()
        self._keep_running(commands)
        watch = [asyncio.create_task(self._watch(service)) for service in self._services]
        try:
            await self._announce()
            await asyncio.gather(*watch)
            await asyncio.Event().wait()
        finally:
            for task in watch:
                task.cancel()

    def _told_to_stop(self) -> None:
        if self._stop.is_set():
            self._at_once.set()
            for child in self._children:
                child.kill()
            for service in self._services:
                service.hurry()
            return
        say("system", "stopping; once more to stop at once")
        self._stop.set()

    def _inherited(self) -> dict[str, str]:
        environment = dict(os.environ)
        environment["PYTHONUNBUFFERED"] = "1"
        environment["PORT"] = str(self._port)
        if not self._settings.secret_key:
            environment["SECRET_KEY"] = stored_secret(self._data_dir)
        return environment

    async def _find_services(self) -> None:
        if self._settings.database_url or self._settings.redis_url:
            await self._check_servers()
        starting = []
        if not self._settings.database_url:
            starting.append(self._start_service("DATABASE_URL", LocalPostgres(self._data_dir)))
        if not self._settings.redis_url:
            starting.append(self._start_service("REDIS_URL", LocalValkey(self._data_dir)))
        await asyncio.gather(*starting)

    async def _check_servers(self) -> None:
        """Check given servers before starting any, so that a mistake shows at once. Raises
        PreflightError.
        """
        urls = {
            "DATABASE_URL": self._settings.database_url,
            "REDIS_URL": self._settings.redis_url,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "orders.local.preflight"),
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment | urls,
        )
        _, said = await process.communicate()
        if process.returncode != 0:
            raise PreflightError(said.decode(errors="replace").strip())

    async def _start_service(self, variable: str, service: LocalService) -> None:
        self._services.append(service)
        await asyncio.to_thread(service.start)
        self._environment[variable] = service.url
        say("system", f"{service.name} runs privately in {service.directory}")

    async def _migrate(self) -> None:
        child = ManagedProcess(
            "migrate", [sys.executable, "tasks.py", "migrate"], self._environment, say
        )
        self._children.append(child)
        code = await child.run_once()
        self._children.remove(child)
        if code != 0:
            raise PreflightError(f"The migration of the database {ending(code)}; see above.")

    def _commands(self) -> dict[str, list[str]]:
        """The command of each process, by name, in the order in which they are stopped."""
        settings = self._settings
        count = settings.worker_processes
        names = ["worker"] if count == 1 else [f"worker-{n}" for n in range(1, count + 1)]
        commands = {"web": [sys.executable, "wsgi.py"]}
        commands["watcher"] = [sys.executable, "tasks.py", "watch"]
        return commands | {name: [sys.executable, "tasks.py", "work"] for name in names}

    def _keep_running(self, commands: Mapping[str, list[str]]) -> None:
        settings = self._settings
        for name, command in commands.items():
            child = ManagedProcess(name, command, self._environment, say)
            self._children.append(child)
            child.keep_running(
                settings.restart_backoff_s, settings.restart_backoff_max_s, settings.restart_early_s
            )

    async def _announce(self) -> None:
        clock = asyncio.get_running_loop().time
        reminder = clock() + READY_REMINDER_S
        while not await self._is_ready():
            if clock() > reminder:
                say("system", "still waiting for the web process to answer /health/ready")
                reminder = clock() + READY_REMINDER_S
            await asyncio.sleep(READY_POLL_S)
        say("system", f"Order Execution Engine is ready at {self.url} - Ctrl-C stops it")

    async def _is_ready(self) -> bool:
        host = "127.0.0.1" if self._settings.host in ("", "0.0.0.0", "::") else self._settings.host
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                reader, writer = await asyncio.open_connection(host, self._port)
                writer.write(b"GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n")
                status = await reader.readline()
                writer.close()
        except (OSError, TimeoutError):
            return False
        return b" 200 " in status

    async def _watch(self, service: LocalService) -> None:
        wait_s = self._settings.restart_backoff_s
        while True:
            await asyncio.sleep(SERVICE_POLL_S)
            if service.is_running():
                continue
            say("system", f"{service.name} has died; starting it again")
            try:
                await asyncio.to_thread(service.start)
                wait_s = self._settings.restart_backoff_s
            except LocalServiceError as error:
                say("system", f"{error} Trying again in {wait_s:g} s.")
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, self._settings.restart_backoff_max_s)

    async def _stop_all(self) -> None:
        """Stop the web, then the processes that work for it, then the servers that all need."""
        grace_s = self._settings.stop_grace_s + KILL_MARGIN_S
        workers = [child for child in self._children if child.name.startswith("worker")]
        for child in [child for child in self._children if child not in workers]:
            await child.stop(grace_s, self._at_once)
        await asyncio.gather(*(child.stop(grace_s, self._at_once) for child in workers))
        for service in reversed(self._services):
            await asyncio.to_thread(service.stop, at_once=self._at_once.is_set())


def say(name: str, line: str) -> None:
    """Print a line under the name of the process that it is about."""
    label = process_label(name, in_colour(sys.stdout))
    # A closed terminal or pipe must not keep the rest from being stopped in order.
    with contextlib.suppress(OSError):
        print(label + line, flush=True)
