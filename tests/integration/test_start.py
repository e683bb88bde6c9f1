"""A setting that the market does not understand stops every process with one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SECRET

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("command", ["app.py", "wsgi.py", "tasks.py watch", "tasks.py migrate"])
def test_unknown_fault_stops_the_start(command: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, *command.split()],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "MARKET_FAULTS": "raydium:gremlins",
            "SECRET_KEY": SECRET,
            "PORT": "0",
            "DATA_DIR": str(tmp_path / "data"),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    sentence = ended.stderr.strip()
    assert sentence.startswith("MARKET_FAULTS is not usable: 'raydium:gremlins' is no fault")
    assert "\n" not in sentence
    assert not (tmp_path / "data").exists(), "nothing was started"


def test_release_without_a_database_ends_with_one_sentence(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "tasks.py", "release"],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "DATABASE_URL": f"postgresql:///orders?host={tmp_path}",
            "REDIS_URL": f"unix://{tmp_path}/redis.sock",
            "SECRET_KEY": SECRET,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr == "The database is not available: no migration was applied.\n"
