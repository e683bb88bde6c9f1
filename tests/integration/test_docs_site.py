"""Building the pages of /docs: once, by one process at a time, and never in anybody's way."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs_site import BUILD_TIMEOUT_S, built_site
from tests.stack import ROOT

COPIED = ("scripts/bootstrap.py", "scripts/docs_site.py", "scripts/docs_hooks.py", "mkdocs.yml")


def build(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.docs_site", *options]
    return subprocess.run(
        command, cwd=tree, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S, check=False
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy in which the generator can't be installed, with pages that were built before."""
    for name in COPIED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements-docs.txt").write_text("# Nothing.\n")
    (tmp_path / "docs").mkdir()
    site = tmp_path / ".docs" / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("as it was")
    return tmp_path


def test_pages_that_are_up_to_date_are_left_alone() -> None:
    site = built_site()
    before = (site.stat().st_ino, site.stat().st_mtime_ns)
    ran = build(ROOT)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert (site.stat().st_ino, site.stat().st_mtime_ns) == before


def test_a_failure_is_told_and_leaves_the_pages_as_they_were(tree: Path) -> None:
    ran = build(tree)
    assert ran.returncode == 1
    assert ran.stderr.startswith("The pages of /docs could not be built; ")
    assert "No module named mkdocs" in (tree / ".docs" / "build.log").read_text()
    assert (tree / ".docs" / "site" / "index.html").read_text() == "as it was"
    assert not (tree / ".docs" / "stamp").exists(), "the next start tries again"


def test_second_of_two_starts_leaves_the_build_to_the_first(tree: Path) -> None:
    with (tree / ".docs" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = build(tree, "--background")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert not (tree / ".docs" / "venv").exists()
