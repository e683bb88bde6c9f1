"""Build the pages of `/docs` from docs/ into .docs/site, with Material for MkDocs.

Uses the standard library only. The generator has a virtual environment of its own, .docs/venv, so
the service neither waits for it nor imports any of it. It does nothing if the pages are newer
than their sources. Run it with `make docs`, or `python -m scripts.docs_site`.
"""

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.bootstrap import (
    ROOT,
    BootstrapError,
    fingerprint,
    install_requirements,
    make_venv,
    python_of,
    up_to_date,
)

FOLDER = ROOT / ".docs"
VENV = FOLDER / "venv"
SITE = FOLDER / "site"
LOG = FOLDER / "build.log"
REQUIREMENTS = "requirements-docs.txt"
SOURCES = ("mkdocs.yml", REQUIREMENTS, "scripts/docs_site.py", "scripts/docs_hooks.py")
NEVER_SERVED = ("404.html", "sitemap.xml", "sitemap.xml.gz")
TIMEOUT_S = 300
NICENESS = 10
"""How far a build in the background gives way to the service."""


def main() -> int:
    """Bring the pages up to date. Returns 0, or 1 after one sentence on stderr."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--background", action="store_true", help="give way to everything else")
    background = parser.parse_args().background
    if background:
        os.nice(NICENESS)
    try:
        FOLDER.mkdir(exist_ok=True)
        with one_at_a_time(wait=not background):
            up_to_date(FOLDER / "stamp", fingerprint(*sources()), build)
    except BlockingIOError:
        return 0  # Another process is building.
    except (BootstrapError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextmanager
def one_at_a_time(wait: bool) -> Iterator[None]:
    """Hold the lock of the folder. Raises `BlockingIOError` if another process has it and `wait` is
    off.
    """
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def sources() -> Iterator[object]:
    """The sources of the pages: names and contents."""
    docs = (path for path in sorted((ROOT / "docs").rglob("*")) if path.is_file())
    for path in (*(ROOT / name for name in SOURCES), *docs):
        yield path.relative_to(ROOT)
        yield path.read_bytes()


def build() -> None:
    """Install the generator, build, and replace the old pages with the new ones."""
    make_venv(VENV)
    install_requirements(REQUIREMENTS, VENV)
    print("Building the pages of /docs", flush=True)
    new, old = FOLDER / "site.new", FOLDER / "site.old"
    generate(new)
    for name in NEVER_SERVED:
        (new / name).unlink(missing_ok=True)
    shutil.rmtree(old, ignore_errors=True)
    if SITE.exists():
        SITE.rename(old)
    new.rename(SITE)
    shutil.rmtree(old, ignore_errors=True)


def generate(folder: Path) -> None:
    """Run the generator; a warning counts as an error."""
    command = [str(python_of(VENV)), "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    with LOG.open("w") as log:
        try:
            subprocess.run(
                command, cwd=ROOT, check=True, timeout=TIMEOUT_S, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            raise BootstrapError(
                f"The pages of /docs could not be built; {LOG} says why."
            ) from None


if __name__ == "__main__":
    sys.exit(main())
