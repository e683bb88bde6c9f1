"""A headless Chromium without an installation: the machine's own, or the one from npm."""

import fcntl
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tests.node import node

ROOT = Path(__file__).resolve().parent.parent.parent
UNPACKED = ROOT / "node_modules" / ".chromium"
FONT_LIST = UNPACKED / "fonts.conf"
ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ENTRY = """
import chromium from "@sparticuz/chromium";
console.log(JSON.stringify({path: await chromium.executablePath(), args: chromium.args}));
"""
# The machine's fonts, and the package's for a machine that has none. The package's own
# configuration names only folders of a cloud function.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
</fontconfig>
"""
# Meant for a cloud function; here they would hide what a browser refuses to a real user, or make
# the whole browser end with its first page.
UNWANTED = (
    "--allow-running-insecure-content",
    "--disable-web-security",
    "--disable-features",
    "--disable-site-isolation-trials",
    "--headless",
    "--single-process",
)


@cache
def launch_options() -> dict[str, Any]:
    """The arguments of Playwright's `chromium.launch()`."""
    for name in ON_PATH:
        path = shutil.which(name)
        if path:
            return {"executable_path": path, "args": ["--no-sandbox"], "headless": True}
    return _from_npm()


def _from_npm() -> dict[str, Any]:
    UNPACKED.parent.mkdir(exist_ok=True)
    with open(UNPACKED.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (UNPACKED / "chromium").exists():
            # Unpacked elsewhere and moved, so that an interrupted unpacking never passes for a
            # browser.
            draft = UNPACKED.with_suffix(".new")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            _ask_package(draft)
            draft.rename(UNPACKED)
        if not FONT_LIST.exists():
            FONT_LIST.write_text(FONTS)
    found = _ask_package(UNPACKED)
    args = [arg for arg in found["args"] if not arg.startswith(UNWANTED)]
    options = {"executable_path": found["path"], "args": args, "headless": True}
    return options | {"env": _environment(Path(found["path"]))}


def _ask_package(directory: Path) -> dict[str, Any]:
    environment = os.environ | {"TMPDIR": str(directory), "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x"}
    command = [node(), "--input-type=module", "--eval", ENTRY]
    answer = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    options: dict[str, Any] = json.loads(answer.stdout)
    return options


def _environment(executable: Path) -> dict[str, str]:
    linked = subprocess.run(["ldd", executable], capture_output=True, text=True, check=False)
    environment = dict(os.environ)
    # The machine's own libraries come first; the package's fill in for missing ones.
    if "not found" in linked.stdout or linked.returncode != 0:
        environment["LD_LIBRARY_PATH"] = str(UNPACKED / "al2023" / "lib")
    return environment | {"FONTCONFIG_FILE": str(FONT_LIST)}
