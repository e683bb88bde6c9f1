"""The built pages of /docs, made before the first test that needs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.stack import ROOT

BUILD_TIMEOUT_S = 300


def built_site() -> Path:
    """Where they are; up to date, and built if they were not."""
    command = [sys.executable, "-m", "scripts.docs_site"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ROOT / ".docs" / "site"
