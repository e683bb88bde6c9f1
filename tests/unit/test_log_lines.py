"""Log lines tell where a defect is and keep secrets."""

import subprocess
import sys

import pytest

SCRIPT = """
from orders.observability import observe
from orders.config import Settings
from orders.observability.log_format import set_up_logging

set_up_logging(Settings(log_format="{form}"))

def log_in(password):
    raise RuntimeError("broken")

try:
    log_in("hun" + "ter2")
except RuntimeError as error:
    observe.internal_error("api", error)
"""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_defect_is_logged_without_local_variables(form: str) -> None:
    script = SCRIPT.replace("{form}", form)
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "RuntimeError" in run.stderr
    assert "log_in" in run.stderr
    assert "hunter2" not in run.stderr
