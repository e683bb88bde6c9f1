"""The private PostgreSQL and Valkey: durable, found again, gone with their owner."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from orders.local.postgres import LocalPostgres, start_postgres
from orders.local.service import LocalServiceError
from orders.local.valkey import LocalValkey, start_valkey

ROOT = Path(__file__).resolve().parents[2]
OWNER = """
import sys, time
from pathlib import Path
from orders.local.postgres import LocalPostgres, start_postgres
from orders.local.valkey import LocalValkey, start_valkey
postgres, valkey = start_postgres(Path(sys.argv[1])), start_valkey(Path(sys.argv[1]))
print(postgres.pid, valkey.pid, flush=True)
time.sleep(600)
"""


def ask(url: str, statement: str) -> str:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return str(row[0]) if row else ""


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(*pids: int) -> None:
    deadline = time.monotonic() + 30
    while any(lives(pid) for pid in pids):
        assert time.monotonic() < deadline, f"still there: {[pid for pid in pids if lives(pid)]}"
        time.sleep(0.05)


def killed_owner(data_dir: Path) -> tuple[int, int]:
    """Server pids of an owner that was killed outright a moment ago."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, data_dir], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        postgres, valkey = map(int, owner.stdout.readline().split())
        owner.kill()
    return postgres, valkey


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[LocalPostgres]:
    server = start_postgres(tmp_path / "data", durable=False)
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[LocalValkey]:
    server = start_valkey(tmp_path / "data")
    yield server
    server.stop()


def test_postgres_is_durable_and_listens_on_a_socket_only(tmp_path: Path) -> None:
    server = start_postgres(tmp_path / "data")
    try:
        settings = {
            name: ask(server.url, f"SHOW {name}")
            for name in ("fsync", "synchronous_commit", "full_page_writes", "listen_addresses")
        }
    finally:
        server.stop()
    assert settings == {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
    }


def test_postgres_has_the_database_and_keeps_its_rows_through_a_restart(
    postgres: LocalPostgres,
) -> None:
    assert ask(postgres.url, "SELECT current_database()") == "orders"
    ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    before = postgres.pid
    postgres.restart()
    assert postgres.pid != before
    assert ask(postgres.url, "SELECT answer FROM kept") == "42"


def test_postgres_recovers_after_being_killed(postgres: LocalPostgres) -> None:
    ask(postgres.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.kill()
    assert not postgres.is_running()
    postgres.start()
    assert ask(postgres.url, "SELECT answer FROM kept") == "42"


def test_servers_end_with_an_owner_that_was_killed_and_start_again_on_the_same_data(
    tmp_path: Path,
) -> None:
    data_dir = tmp_path / "data"
    wait_until_gone(*killed_owner(data_dir))
    # As if the number that was left behind belonged to an innocent process by now.
    stale = (data_dir / "postgres" / "postmaster.pid").with_name("postmaster.pid")
    stale.write_text(f"{os.getppid()}\n{data_dir / 'postgres'}\n1\n5432\n\n\n\nready\n")
    server = start_postgres(data_dir)
    try:
        assert ask(server.url, "SELECT 1") == "1"
    finally:
        server.stop()


def test_a_start_right_after_the_owner_was_killed_waits_for_what_it_left(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    left = killed_owner(data_dir)
    postgres, valkey = start_postgres(data_dir), start_valkey(data_dir)
    try:
        wait_until_gone(*left)
        assert ask(postgres.url, "SELECT 1") == "1"
        assert redis.Redis.from_url(valkey.url).ping()
    finally:
        postgres.stop()
        valkey.stop()


def test_an_interrupted_creation_is_not_taken_for_data(tmp_path: Path) -> None:
    half = tmp_path / "data" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = start_postgres(tmp_path / "data", durable=False)
    server.stop()
    assert not half.exists()


def test_a_directory_in_use_is_refused_in_one_sentence(
    valkey: LocalValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.local.service.ORPHAN_TIMEOUT_S", 0.2)
    with pytest.raises(LocalServiceError, match=f"in use by another Valkey, process {valkey.pid}"):
        start_valkey(valkey.directory.parent)
    assert valkey.is_running()


def test_a_server_started_by_a_thread_outlives_the_thread(postgres: LocalPostgres) -> None:
    postgres.stop()
    thread = threading.Thread(target=postgres.start)
    thread.start()
    thread.join()
    assert ask(postgres.url, "SELECT 1") == "1"


def test_two_data_directories_do_not_affect_each_other(tmp_path: Path) -> None:
    first, second = start_valkey(tmp_path / "a"), start_valkey(tmp_path / "b")
    try:
        redis.Redis.from_url(first.url).set("key", "first")
        assert redis.Redis.from_url(second.url).get("key") is None
    finally:
        first.stop()
        second.stop()


def test_a_path_too_long_for_a_socket_gets_a_short_one_that_stays_the_same(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / "with a blank"
    urls = []
    for _ in range(2):
        server = start_valkey(deep)
        urls.append(server.url)
        assert redis.Redis.from_url(server.url).ping()
        server.stop()
    postgres = start_postgres(deep, durable=False)
    try:
        assert ask(postgres.url, "SELECT 1") == "1"
    finally:
        postgres.stop()
    assert urls[0] == urls[1]


def test_valkey_evicts_nothing_saves_nothing_and_opens_no_port(valkey: LocalValkey) -> None:
    client = redis.Redis.from_url(valkey.url, decode_responses=True)
    wanted = {"maxmemory-policy": "noeviction", "save": "", "appendonly": "no", "port": "0"}
    assert {name: client.config_get(name)[name] for name in wanted} == wanted


def test_a_terminal_interrupt_does_not_reach_the_servers(
    postgres: LocalPostgres, valkey: LocalValkey
) -> None:
    for server in (postgres, valkey):
        assert os.getsid(server.pid) != os.getsid(0)


def test_a_server_that_cannot_start_says_why(postgres: LocalPostgres) -> None:
    postgres.stop()
    with (postgres.directory / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")
    with pytest.raises(LocalServiceError, match="Postgres did not start: "):
        postgres.start()
    assert not postgres.is_running()


def test_server_that_ignores_the_first_signal_is_killed(
    valkey: LocalValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.local.service.STOP_TIMEOUT_S", 0.3)
    os.kill(valkey.pid, signal.SIGSTOP)
    valkey.stop()
    assert not valkey.is_running()
