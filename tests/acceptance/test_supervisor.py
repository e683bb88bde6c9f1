"""`python app.py` as a user meets it: one command, one URL, one Ctrl-C, and nothing left behind.

Except in the last test the supervised programs are stand-ins that misbehave on demand.
"""

import contextlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from orders.local.postgres import start_postgres
from orders.local.valkey import start_valkey
from tests.clients import wait_until
from tests.stack import free_port

ROOT = Path(__file__).resolve().parents[2]
APP = """
import sys
from orders.local.supervisor import main
from orders.market.faults import read_faults
sys.exit(main(read_faults))
"""
WEB = """
import os, signal, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

def end(*_):
    print("web was told to end", flush=True)
    if not os.environ.get("STUBBORN"):
        sys.exit(0)

signal.signal(signal.SIGTERM, end)
print("keys:", len(os.environ["SECRET_KEY"]), os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Ready).serve_forever()
"""
TASKS = """
import signal, sys, time

def end(*_):
    print(sys.argv[1], "was told to end", flush=True)
    sys.exit(0)

signal.signal(signal.SIGTERM, end)
print("ran", sys.argv[1])
while sys.argv[1] in ("work", "watch"):
    time.sleep(1)
"""


class Running:
    """A supervisor in a project directory, and its output."""

    def __init__(self, project: Path, logs: Path, **environment: str) -> None:
        self.port = int(environment.setdefault("PORT", str(free_port())))
        self.project = project
        self._log = Path(tempfile.mkstemp(suffix=".log", dir=logs)[1])
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DATA_DIR")
        }
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=project,
                env=inherited | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_for(self, text: str, count: int = 1) -> None:
        deadline = time.monotonic() + 60
        while self.output.count(text) < count:
            still = time.monotonic() < deadline and self.process.poll() is None
            assert still or self.output.count(text) >= count, f"not {text!r}, but:\n{self.output}"
            time.sleep(0.02)

    def until_ready(self) -> "Running":
        self.wait_for("is ready at ")
        return self

    def until_stand_ins_run(self, workers: int = 1) -> "Running":
        self.wait_for("ran watch")
        self.wait_for("ran work", count=workers)
        return self.until_ready()

    def until_ended(self) -> int:
        return self.process.wait(timeout=60)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.until_ended()

    def processes(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def server(self, name: str) -> psutil.Process | None:
        """The private server of that name, if it runs."""
        own = [p for p in self.processes() if name_of(p) == name and alive(p)]
        return next((p for p in own if p.ppid() == self.process.pid), None)

    def child(self, argument: str) -> psutil.Process:
        """The system's process that has `argument` on its command line, once there is one."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for process in self.processes():
                if argument in command_line(process):
                    return process
            time.sleep(0.05)
        raise AssertionError(self.output)


def name_of(process: psutil.Process) -> str:
    """A process's name; empty if it has ended meanwhile."""
    try:
        return str(process.name())
    except psutil.Error:
        return ""


def command_line(process: psutil.Process) -> str:
    """A process's command line; empty if it has ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def gone(processes: list[psutil.Process]) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if not any(alive(process) for process in processes):
            return True
        time.sleep(0.05)
    return False


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


Run = Callable[..., Running]


def make_project(directory: Path) -> Path:
    """A project whose supervisor is the real one and whose programs are stand-ins."""
    shutil.copytree(ROOT / "orders", directory / "orders")
    for name, text in {"app.py": APP, "wsgi.py": WEB, "tasks.py": TASKS}.items():
        (directory / name).write_text(text)
    return directory


def end(running: Running) -> None:
    """Ends a supervisor and what it started, in any case."""
    with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
        left = running.processes() if running.process.poll() is None else []
        running.process.kill()
        running.process.wait()
        gone(left)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of this test's own."""
    return make_project(tmp_path)


@pytest.fixture
def run(project: Path) -> Iterator[Callable[..., Running]]:
    """Starts supervisors: `run(PORT="…")`; ends them in any case."""
    started: list[Running] = []

    def start(directory: Path = project, **environment: str) -> Running:
        started.append(Running(directory, project, **environment))
        return started[-1]

    yield start
    for running in started:
        end(running)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A system that several tests share: none of them stops it, all leave it complete."""
    project = make_project(tmp_path_factory.mktemp("lasting"))
    running = Running(project, project, RESTART_BACKOFF_S="0.05")
    yield running.until_ready()
    end(running)


def test_one_interrupt_stops_everything_in_order_and_leaves_nothing(run: Run) -> None:
    components = run(WORKER_PROCESSES="2").until_stand_ins_run(workers=2)
    processes = components.processes()
    assert len([p for p in processes if "tasks.py work" in command_line(p)]) == 2
    assert components.stop() == 0
    assert gone(processes)
    told = ("web was told to end", "watch was told to end", "work was told to end")
    order = [components.output.index(line) for line in told]
    assert order == sorted(order)


def test_sigterm_stops_it_like_an_interrupt(run: Run) -> None:
    components = run().until_ready()
    processes = components.processes()
    components.process.terminate()
    assert components.until_ended() == 0
    assert gone(processes)


def test_the_url_is_told_once_and_answers(lasting: Running) -> None:
    urls = re.findall(r"ready at (\S+)", lasting.output)
    assert urls == [f"http://127.0.0.1:{lasting.port}"]
    with urlopen(urls[0]) as answer:
        assert answer.status == 200


def test_a_free_port_is_chosen_for_port_zero(run: Run) -> None:
    components = run(PORT="0").until_ready()
    (url,) = re.findall(r"ready at (\S+)", components.output)
    with urlopen(url) as answer:
        assert answer.status == 200


def test_a_killed_supervisor_takes_everything_with_it_and_the_next_one_starts(run: Run) -> None:
    first = run().until_ready()
    processes = first.processes()
    assert {"postgres", "valkey-server"} <= {process.name() for process in processes}
    first.process.kill()
    first.until_ended()
    assert gone(processes)
    assert run().until_ready().stop() == 0


def test_second_supervisor_names_the_first_ones_url_and_leaves_it_alone(
    run: Run, lasting: Running
) -> None:
    second = run(lasting.project)
    assert second.until_ended() == 1
    assert f"Already running at http://127.0.0.1:{lasting.port}" in second.output
    assert lasting.process.poll() is None
    with urlopen(f"http://127.0.0.1:{lasting.port}") as answer:
        assert answer.status == 200


def test_a_taken_port_is_said_before_anything_starts(run: Run, project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        components = run(PORT=str(port))
        assert components.until_ended() == 1
    assert components.output == (
        f"Port {port} on 127.0.0.1 is taken by another program; free it or set PORT.\n"
    )
    assert not (project / ".data" / "postgres").exists()


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("DATABASE_URL", "postgresql://user:hunter2@127.0.0.1:1/orders"),
        ("DATABASE_URL", "postgresql://user:hunter2@no-such-host.invalid/orders"),
        ("DATABASE_URL", "postgresql://user:hunter2@[/orders"),
        ("DATABASE_URL", "mysql://user:hunter2@127.0.0.1/orders"),
        ("REDIS_URL", "redis://:hunter2@127.0.0.1:1/0"),
        ("REDIS_URL", "redis://:hunter2@127.0.0.1:port/0"),
        ("REDIS_URL", "unix:///no/such.sock"),
    ],
)
def test_a_wrong_url_is_one_sentence_without_the_password(
    run: Run, project: Path, variable: str, url: str
) -> None:
    components = run(**{variable: url})
    assert components.until_ended() == 1
    lines = components.output.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(variable)
    assert "hunter2" not in lines[0]
    assert not (project / ".data" / "postgres").exists()


@pytest.mark.parametrize(
    ("argument", "name"),
    [("wsgi.py", "web"), ("tasks.py watch", "watcher"), ("tasks.py work", "worker")],
)
def test_a_process_that_dies_is_started_again(lasting: Running, argument: str, name: str) -> None:
    first = lasting.child(argument)
    first.kill()
    lasting.wait_for(f"{name} was ended by SIGKILL; starting it again")
    # At once, if it had run for a while.
    assert re.search(f"{name} was ended by SIGKILL; .* (in 0.05 s|at once)", lasting.output)
    assert lasting.child(argument).pid != first.pid


def test_a_web_process_killed_again_and_again_is_started_at_once_each_time(run: Run) -> None:
    components = run(RESTART_EARLY_S="0.2", RESTART_BACKOFF_S="60").until_ready()
    for killed in range(1, 6):
        web = components.child("wsgi.py")
        components.wait_for("keys:", count=killed)  # It runs,
        time.sleep(0.3)  # and has lived long enough.
        web.kill()
        components.wait_for("web was ended by SIGKILL; starting it again at once", count=killed)
    assert components.stop() == 0


def test_a_process_that_keeps_dying_waits_ever_longer_up_to_a_bound(
    run: Run, project: Path
) -> None:
    (project / "wsgi.py").write_text("import sys\nsys.exit(3)\n")
    components = run(RESTART_BACKOFF_S="0.1", RESTART_BACKOFF_MAX_S="0.4")
    components.wait_for("web ended with exit code 3; starting it again in 0.4 s", count=2)
    waits = re.findall(r"exit code 3; starting it again in (\S+) s", components.output)
    assert waits[:5] == ["0.1", "0.2", "0.4", "0.4", "0.4"][: len(waits)]
    assert components.stop() == 0


@pytest.mark.parametrize(("name", "label"), [("postgres", "Postgres"), ("valkey-server", "Valkey")])
def test_a_private_server_that_dies_is_started_again_at_the_same_address(
    lasting: Running, name: str, label: str
) -> None:
    server = lasting.server(name)
    assert server is not None
    server.kill()
    lasting.wait_for(f"{label} has died; starting it again")
    wait_until(lambda: lasting.server(name), f"{name} running again")


def test_a_process_that_ignores_the_signal_is_killed_after_the_grace_time(run: Run) -> None:
    components = run(STUBBORN="1", STOP_GRACE_S="0").until_stand_ins_run()
    processes = components.processes()
    assert components.stop() == 0
    assert "web does not stop in time: killing it" in components.output
    assert "watch was told to end" in components.output
    assert gone(processes)


def test_a_second_interrupt_does_not_wait(run: Run) -> None:
    components = run(STUBBORN="1", STOP_GRACE_S="600").until_ready()
    processes = components.processes()
    components.process.send_signal(signal.SIGINT)
    components.wait_for("web was told to end")
    components.process.send_signal(signal.SIGINT)
    assert components.until_ended() == 0
    assert gone(processes)


def test_an_interrupt_while_starting_leaves_nothing(run: Run) -> None:
    components = run()
    components.wait_for("Postgres runs privately")
    processes = components.processes()
    assert components.stop() == 0
    assert gone(processes)


def test_a_failed_migration_is_told_and_stops_what_runs_already(run: Run, project: Path) -> None:
    fail = 'if sys.argv[1] == "migrate":\n    sys.exit("no such column")\n'
    failing = TASKS.replace('print("ran"', f'{fail}print("ran"')
    (project / "tasks.py").write_text(failing)
    components = run()
    assert components.until_ended() == 1
    assert "no such column" in components.output
    assert "The migration of the database ended with exit code 1" in components.output
    assert "ran watch" not in components.output
    assert "ran work" not in components.output
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", components.port)).close()


def test_the_secret_is_random_private_and_kept(run: Run, project: Path) -> None:
    run().until_ready().stop()
    path = project / ".data" / "secret_key"
    first = path.read_text()
    assert len(first) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    run().until_ready().stop()
    assert path.read_text() == first


def test_servers_that_exist_are_used_and_none_are_started(run: Run, tmp_path: Path) -> None:
    postgres = start_postgres(tmp_path / "elsewhere", durable=False)
    valkey = start_valkey(tmp_path / "elsewhere")
    try:
        components = run(DATABASE_URL=postgres.url, REDIS_URL=valkey.url).until_ready()
        components.wait_for(f"keys: 64 {postgres.url} {valkey.url}")
        names = {process.name() for process in components.processes()}
        assert components.stop() == 0
        assert postgres.is_running()
        assert valkey.is_running()
    finally:
        postgres.stop()
        valkey.stop()
    assert names.isdisjoint({"postgres", "valkey-server"})


def test_the_real_system_starts_answers_stops_and_finds_its_data_again(
    run: Run, tmp_path: Path
) -> None:
    data_dir = str(tmp_path / "data")
    for _ in range(2):
        components = run(ROOT, DATA_DIR=data_dir).until_ready()
        processes = components.processes()
        with urlopen(f"http://127.0.0.1:{components.port}/health/ready") as answer:
            assert answer.status == 200
        for name in ("web", "worker", "watcher"):
            components.wait_for(f'{{"process":"{name}",')
        assert components.stop() == 0
        assert gone(processes)
