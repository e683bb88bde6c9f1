"""The page's modules that need no page, tested by Node.js's own runner."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.node import node

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "javascript").glob("*.test.js"))
PLAIN = {"NO_COLOR": "1", "FORCE_COLOR": "0", "NODE_NO_WARNINGS": "1"}


def test_files_with_javascript_tests_are_found() -> None:
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_javascript(path: Path) -> None:
    command = [node(), "--test", "--test-reporter=spec", str(path)]
    run = subprocess.run(
        command, cwd=ROOT, env=PLAIN, capture_output=True, text=True, timeout=60, check=False
    )
    if run.returncode:
        pytest.fail(run.stdout + run.stderr, pytrace=False)
    declared = re.findall(r"^test\(", path.read_text(), re.MULTILINE)
    assert f"tests {len(declared)}\n" in run.stdout, "ran all tests of the file"
