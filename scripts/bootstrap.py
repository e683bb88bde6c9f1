"""Make what `make run` (or with --dev, `make test`) needs: .venv, node_modules, static/vendor.

Standard library only: it runs before anything is installed. Each part carries a stamp, a hash of
what it was made from, that is written last; a part without its stamp is made anew, so that an
install that failed or was interrupted is never taken for a good one. The pages of `/docs` are made
by `scripts.docs_site`: in the background, because the service does not need them.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
NPM_FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


class BootstrapError(Exception):
    """A step failed; the message says which and what to do."""


def main() -> int:
    """Bring everything up to date. Returns 0, or 1 after one sentence on stderr."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dev", action="store_true", help="also what tests and lint need")
    dev = parser.parse_args().dev
    # Root's umask may make the environment unreadable for the user that runs PostgreSQL.
    if os.geteuid() == 0:
        os.umask(0o022)
    try:
        with one_at_a_time():
            make_environment(dev)
            make_browser_files(dev)
        make_docs(dev)
    except BootstrapError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for another bootstrap of this tree; the lock ends with the last of its processes."""
    with open(ROOT / ".bootstrap.lock", "w") as lock:
        os.set_inheritable(lock.fileno(), True)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Waiting for another installation in this folder to finish.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_environment(dev: bool) -> None:
    """A virtual environment with the pinned packages."""
    make_venv(VENV)
    for name in ["requirements.txt"] + (["requirements-dev.txt"] if dev else []):
        install_requirements(name)


def make_venv(folder: Path) -> None:
    """A virtual environment of this Python, made anew for another one."""
    base = fingerprint(sys.version.split()[0], ROOT)
    stamp = folder / "stamp-python"
    if stamp.is_file() and read(stamp) == base and python_of(folder).exists():
        return
    print(f"Creating {folder.name} with Python {sys.version.split()[0]}", flush=True)
    create_venv(folder)
    stamp.write_text(base)


def install_requirements(name: str, folder: Path = VENV) -> None:
    """The pinned packages of a file."""
    made_from = fingerprint(read(ROOT / name))
    up_to_date(folder / f"stamp-{name}", made_from, partial(pip_install, name, folder))


def python_of(folder: Path) -> Path:
    """The interpreter of a virtual environment."""
    return folder / "bin" / "python"


def create_venv(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        import ensurepip  # noqa: F401 - Debian ships Python without it
    except ImportError:
        with_pip = False
    else:
        with_pip = True
    try:
        venv.EnvBuilder(with_pip=with_pip, symlinks=True).create(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise BootstrapError(f"Can't create {folder}: {error}.") from None


def pip_install(name: str, folder: Path) -> None:
    print(f"Installing {name} (the first time takes a minute)", flush=True)
    python = str(python_of(folder))
    if (folder / "bin" / "pip").exists():
        pip = [python, "-m", "pip"]
    else:
        pip = [sys.executable, "-m", "pip", "--python", python]
    command = [*pip, "install", "-qq", "--disable-pip-version-check", "--require-hashes"]
    run(
        [*command, "-r", name],
        f"Installing {name} failed, see above; if pip itself is missing, install your system's "
        "python3-venv or python3-pip package.",
    )


def make_browser_files(dev: bool) -> None:
    """Make node_modules from the lock file, and copy the few files of it that the page loads."""
    lock = fingerprint((ROOT / "package.json").read_text(), read(ROOT / "package-lock.json"))
    runtime, full = NODE_MODULES / "stamp-runtime", NODE_MODULES / "stamp-dev"
    wanted = full if dev or full.is_file() else runtime
    up_to_date(wanted, lock, lambda: npm_install(wanted == full))
    vendor = ROOT / "scripts" / "vendor.py"
    up_to_date(
        VENDOR / "stamp",
        fingerprint(lock, read(vendor)),
        lambda: run([sys.executable, str(vendor)], "Copying the browser files failed, see above."),
    )


def npm_install(dev: bool) -> None:
    print("Fetching browser files from npm", flush=True)
    command = [*npm(), "ci", *NPM_FLAGS, "--loglevel=error"] + ([] if dev else ["--omit=dev"])
    run(command, "Fetching browser files from npm failed, see above.", quiet=True)


def npm() -> list[str]:
    """The machine's npm, or one from PyPI if it has none."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    install_requirements("requirements-node.txt")
    scripts = VENV / "bin"
    os.environ["PATH"] = f"{scripts}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return [str(scripts / "npm")]


def make_docs(dev: bool) -> None:
    """The pages of `/docs`: tests wait for them, the service does not."""
    command = [sys.executable, "-m", "scripts.docs_site"]
    if dev:
        subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL)
        return
    subprocess.Popen(
        [*command, "--background"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def up_to_date(stamp: Path, made_from: str, make: Callable[[], None]) -> None:
    """Run `make` unless `stamp` shows it was made from the same; write the stamp last."""
    if stamp.is_file() and read(stamp) == made_from:
        return
    stamp.unlink(missing_ok=True)
    make()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(made_from)


def run(command: Sequence[str], trouble: str, quiet: bool = False) -> None:
    output = subprocess.DEVNULL if quiet else None
    try:
        # If pip's parent is killed, pip goes on and must keep the lock meanwhile.
        subprocess.run(
            command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL, stdout=output, close_fds=False
        )
    except (OSError, subprocess.CalledProcessError):
        raise BootstrapError(trouble) from None


def fingerprint(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
