"""Log lines tell where a defect is and which process met it, keep secrets, and disturb nobody."""

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


def python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_defect_is_logged_without_local_variables(form: str) -> None:
    run = python(SCRIPT.replace("{form}", form))
    assert "RuntimeError" in run.stderr
    assert "log_in" in run.stderr
    assert "hunter2" not in run.stderr


START = """
import sys
from orders.observability import observe
from orders.config import Settings

observe.set_up_logging(Settings(log_format="{form}", process_name="worker-2"))
observe.process_started("worker")
print("went on", flush=True)
"""


@pytest.mark.parametrize(
    ("form", "beginning"), [("console", "worker-2 | "), ("json", '{"process":"worker-2"')]
)
def test_line_says_which_process_wrote_it(form: str, beginning: str) -> None:
    run = python(START.replace("{form}", form))
    (line,) = run.stderr.splitlines()
    assert line.startswith(beginning)
    assert "\x1b" not in line  # A file is no terminal.


@pytest.mark.parametrize("form", ["console", "json"])
def test_reader_of_the_lines_that_is_gone_does_not_stop_the_process(form: str) -> None:
    gone = "import os\nends = os.pipe()\nos.dup2(ends[1], 2)\nfor end in ends: os.close(end)\n"
    run = python(gone + START.replace("{form}", form))
    assert run.stdout == "went on\n"
