"""A process with a setting that it can't use stops at its start, with one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SECRET

ROOT = Path(__file__).resolve().parents[2]


def started(arguments: list[str], settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What became of a Python process that ends by itself; it sees no other settings."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def away(folder: Path) -> dict[str, str]:
    """Settings in order, for servers in this folder that do not run."""
    return {
        "DATABASE_URL": f"postgresql:///orders?host={folder}",
        "REDIS_URL": f"unix://{folder}/redis.sock",
        "SECRET_KEY": SECRET,
        "PORT": "0",
    }


@pytest.mark.parametrize("command", ["app.py", "wsgi.py", "tasks.py watch", "tasks.py migrate"])
def test_unknown_fault_stops_the_start(command: str, tmp_path: Path) -> None:
    wrong = {"MARKET_FAULTS": "raydium:gremlins", "DATA_DIR": str(tmp_path / "data")}
    ended = started(command.split(), {"SECRET_KEY": SECRET, "PORT": "0", **wrong})
    assert ended.returncode == 1
    sentence = ended.stderr.strip()
    assert sentence.startswith("MARKET_FAULTS is not usable: 'raydium:gremlins' is no fault")
    assert "\n" not in sentence
    assert not (tmp_path / "data").exists(), "nothing was started"


@pytest.mark.parametrize(
    ("command", "wrong", "sentence"),
    [
        ("wsgi.py", {"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ("tasks.py work", {"DATABASE_URL": "postgresql://u:hush@[::1/x"}, "DATABASE_URL is not us"),
        ("tasks.py watch", {"REDIS_URL": ""}, "REDIS_URL is not set"),
        ("wsgi.py", {"REDIS_URL": "redis://:hush@127.0.0.1:port/0"}, "REDIS_URL is not usable"),
        ("tasks.py release", {"DATABASE_URL": ""}, "DATABASE_URL is not set"),
    ],
)
def test_server_without_a_usable_address_stops_the_start(
    command: str, wrong: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    ended = started(command.split(), {**away(tmp_path), **wrong})
    assert ended.returncode == 1
    assert ended.stderr.startswith(sentence)
    assert ended.stderr.count("\n") == 1
    assert "hush" not in ended.stderr


def test_release_without_a_database_ends_with_one_sentence(tmp_path: Path) -> None:
    ended = started(["tasks.py", "release"], away(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith("The database is not available: no migration was applied (")
    assert str(tmp_path) in ended.stderr, "the reason is told"
    assert ended.stderr.count("\n") == 1


def test_process_that_starts_while_postgresql_is_away_says_why(tmp_path: Path) -> None:
    program = (
        "from orders.config import load_settings\n"
        "from orders.observability import observe\n"
        "from orders.storage.database import await_migrations, connect\n"
        "settings = load_settings(None)\n"
        "observe.set_up_logging(settings)\n"
        "connect(settings)\n"
        "await_migrations(settings)\n"
    )
    ended = started(["-c", program], {"DATABASE_URL": f"postgresql:///orders?host={tmp_path}"})
    assert ended.returncode == 0
    line = json.loads(ended.stderr)
    assert (line["event"], line["place"]) == ("store_unavailable", "start")
    assert str(tmp_path) in line["error"]
