"""Log-ins release the memory that they take."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import requests

from tests.acceptance.conftest import MakeStack

MIB = 1 << 20
CLIENTS = 20
CREDENTIALS = {"email": "somebody@example.org", "password": "long enough for all"}


# Four for each client: every thread that hashes has then reused what it kept of the first.
@pytest.mark.parametrize("log_ins", [80, pytest.param(300, marks=pytest.mark.soak)])
def test_many_log_ins_leave_at_most_40_mib(make_stack: MakeStack, log_ins: int) -> None:
    stack = make_stack(workers=0, watchers=0)
    requests.post(f"{stack.url}/api/auth/signup", json=CREDENTIALS, timeout=20)
    web = psutil.Process(stack.processes["web"].pid)
    before = web.memory_info().rss

    def log_in(_: int) -> int:
        answer = requests.post(f"{stack.url}/api/auth/login", json=CREDENTIALS, timeout=60)
        return answer.status_code

    with ThreadPoolExecutor(CLIENTS) as clients:
        assert set(clients.map(log_in, range(log_ins))) == {200}
    kept = (web.memory_info().rss - before) / MIB
    print(f"{before / MIB:.0f} MiB before, {kept:.0f} MiB kept")
    assert kept <= 40
