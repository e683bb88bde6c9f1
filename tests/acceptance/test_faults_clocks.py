"""Wrong clocks: PostgreSQL's time decides, and processes that are far off stop working."""

from __future__ import annotations

import requests

from tests.acceptance.bots.wallet import LAMPORTS, BotWallet
from tests.acceptance.conftest import MakeStack
from tests.acceptance.test_money import Trader
from tests.clients import MARKET, submit, wait_until
from tests.load import Load, fail_codes, outcomes, query, violations
from tests.stack import free_port

SEED = 20_261_126
HOUR_S = 3600
DAY_S = 86_400
ORDERS = 40


def test_workers_an_hour_off_take_no_orders_and_fail_none(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0)
    wrong = {"ahead": HOUR_S, "behind": -HOUR_S}
    for name, shift_s in wrong.items():
        stack.start_worker(name, clock_shift_s=shift_s)
    logs = [stack.log_dir / f"{name}.log" for name in wrong]
    wait_until(lambda: all("clock_off" in log.read_text() for log in logs), "their log lines")
    stack.start_worker("right")
    for _ in range(ORDERS):
        submit(stack.url)
    wait_until(lambda: outcomes(stack.settings) == {"confirmed": ORDERS}, "all fills")
    assert not any("order_ended" in log.read_text() for log in logs)


def test_watcher_an_hour_ahead_leaves_triggering_to_another(make_stack: MakeStack) -> None:
    stack = make_stack(workers=1, watchers=0)
    stack.start_watcher("wrong", clock_shift_s=HOUR_S)
    wait_until(lambda: "clock_off" in (stack.log_dir / "wrong.log").read_text(), "its log line")
    stack.start_watcher("right")
    for _ in range(ORDERS):
        submit(stack.url, type="stop", stopPrice="900000000")
    wait_until(lambda: outcomes(stack.settings) == {"confirmed": ORDERS}, "all fills")


def test_processes_whose_clocks_may_differ_work_on_the_time_of_postgresql(
    make_stack: MakeStack,
) -> None:
    """Here clocks may differ by an hour; times of orders are right nevertheless."""
    allowed = {"clock_skew_max_s": DAY_S}
    stack = make_stack(workers=0, watchers=0, **allowed)
    stack.start_worker("ahead", clock_shift_s=HOUR_S)
    stack.start_worker("behind", clock_shift_s=-HOUR_S)
    stack.start_watcher("watcher", clock_shift_s=HOUR_S)
    with Load(stack.url, SEED).running() as load:
        load.wait_for(ORDERS)
    assert load.refused == {}
    assert violations(stack.settings, load.log) == []
    assert fail_codes(stack.settings) == {}
    off = "SELECT count(*) FROM order_events WHERE abs(extract(epoch FROM at - now())) > 300"
    assert query(stack.settings, off) == [(0,)]


def test_web_process_an_hour_ahead_says_so_and_refuses_orders(make_stack: MakeStack) -> None:
    stack = make_stack(workers=0, watchers=0)
    stack.start_web("wrong", clock_shift_s=HOUR_S, port=(port := free_port()))
    url = f"http://127.0.0.1:{port}"
    readiness = requests.get(f"{url}/health/ready", timeout=10)
    assert (readiness.status_code, readiness.json()["status"]) == (503, "unavailable")
    assert readiness.json()["clock"]["state"] == "off"
    assert round(readiness.json()["clock"]["aheadBySeconds"]) == HOUR_S
    answer = requests.post(f"{url}/api/orders/execute", json=MARKET, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (503, "clock_skewed")
    linked = {"orders": [{**MARKET, "type": "limit", "limitPrice": "900"}] * 2}
    for path, body in (("execute", {**MARKET, "dryRun": True}), ("linked", linked)):
        refused = requests.post(f"{url}/api/orders/{path}", json=body, timeout=10)
        assert (refused.status_code, refused.json()["code"]) == (503, "clock_skewed")
    trader = Trader(stack.url)
    trader.url = url
    for path, body in (("faucet", {"token": "SOL", "amount": 1}), ("reset", {})):
        refused = trader.ask("POST", f"/api/account/{path}", body)
        assert (refused.status_code, refused.json()["code"]) == (503, "clock_skewed")
    metrics = requests.get(f"{url}/metrics", timeout=10).text
    skew = next(line for line in metrics.splitlines() if line.startswith("orders_clock_skew"))
    assert round(float(skew.split()[1])) == HOUR_S
    assert requests.get(f"{stack.url}/health/ready", timeout=10).json()["clock"]["state"] == "right"


def test_web_process_an_hour_ahead_refuses_transactions_of_bots(make_stack: MakeStack) -> None:
    """In the forms of Jupiter and of a node; nothing of a refused transaction happens."""
    stack = make_stack(workers=0, watchers=0)
    stack.start_web("wrong", clock_shift_s=HOUR_S, port=(port := free_port()))
    wallet, other = BotWallet(stack.url), BotWallet(stack.url)
    wallet.airdrop()
    order, limit = wallet.order(), wallet.unsigned_limit_order(LAMPORTS, 10**9)
    before = wallet.balances()
    wallet.url = f"http://127.0.0.1:{port}"
    for path, unsigned in (("swap/v2", order), ("ultra/v1", order), ("trigger/v1", limit)):
        signed = wallet.sign(unsigned["transaction"])
        refused = wallet.execute(signed, unsigned["requestId"], path=path)
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "1"
        assert refused.json()["errorCode"] == "SERVICE_UNAVAILABLE"
        assert refused.json()["error"].startswith("The clock of the machine")
        sent = wallet.call("sendTransaction", signed, {"encoding": "base64"})
        assert sent["error"]["code"] == -32005
        assert sent["error"]["message"].startswith("Node is unhealthy: The clock of the machine")
    assert wallet.try_to_send_sol(other, LAMPORTS)["error"]["code"] == -32005
    assert wallet.balances() == before
    assert query(stack.settings, "SELECT count(*) FROM orders") == [(0,)]
