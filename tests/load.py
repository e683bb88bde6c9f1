"""Orders from several clients at once, and what each of them was told: the tests' witness."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import requests

from orders.config import Settings
from tests.check_history import ClientLog, check_history
from tests.clients import wait_until

PAIRS = [("SOL", "USDC"), ("USDC", "SOL"), ("RAY", "USDC"), ("SOL", "BONK"), ("JUP", "SOL")]
STILL_MOVING = (
    "(status IN ('pending', 'routing', 'building', 'submitted') OR status = 'open' "
    "AND (limit_price < 0.001 OR stop_price > 1000000 OR type = 'sniper'))"
)
"""In flight, or resting on a condition that holds: it will trigger at the watcher's next look."""
PATIENCE_S = 5
"""How long a client waits for an answer before it asks again with the same key."""


def order_fields(chance: random.Random) -> dict[str, Any]:
    """An order of any type; resting ones have a condition that holds, or never will."""
    token_in, token_out = chance.choice(PAIRS)
    fields: dict[str, Any] = {"tokenIn": token_in, "tokenOut": token_out, "amountIn": "0.5"}
    match chance.random():
        case x if x < 0.15:
            price = chance.choice(["0.00000001", "900000000"])
            return fields | {"type": "limit", "limitPrice": price}
        case x if x < 0.3:
            price = chance.choice(["0.00000001", "900000000"])
            return fields | {"type": "stop", "stopPrice": price}
        case x if x < 0.35:
            return fields | {"type": "sniper"}
    return fields


@dataclass
class Load:
    """Clients that place orders one after another, each under an Idempotency-Key of its own.

    A request that got no answer, or a 503, is sent again with the same key, as a careful client
    would do. `refused` counts the other answers.
    """

    url: str
    seed: int
    clients: int = 3
    pause_s: float = 0.02
    log: ClientLog = field(default_factory=ClientLog)
    accounts: int = 0
    """Accounts that every other client trades with; they overdraw on purpose."""
    refused: Counter[str] = field(default_factory=Counter)
    overdrawn: int = 0
    asked_again: Counter[str] = field(default_factory=Counter)
    _stop: threading.Event = field(default_factory=threading.Event)
    _tokens: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[Load]:
        """Places orders for as long as the block lasts; the last ones are answered after it."""
        self._tokens = [sign_up(self.url) for _ in range(self.accounts)]
        threads = [threading.Thread(target=self._client, args=(n,)) for n in range(self.clients)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def wait_for(self, orders: int) -> None:
        """Waits until so many more orders were accepted."""
        target = len(self.log.accepted) + orders
        wait_until(lambda: len(self.log.accepted) >= target, f"{orders} more orders")

    def wait_for_refusals(self, code: str, more_than: int) -> None:
        """Waits until more than so many further requests were refused for now with that code."""
        target = self.asked_again[code] + more_than
        wait_until(lambda: self.asked_again[code] > target, f"refusals: {code}")

    def _client(self, number: int) -> None:
        chance = random.Random(f"{self.seed}/{number}")
        headers = {}
        if self._tokens and number % 2:
            token = self._tokens[number // 2 % len(self._tokens)]
            headers["Authorization"] = f"Bearer {token}"
        count = 0
        while not self._stop.is_set():
            count += 1
            key = {"Idempotency-Key": f"{self.seed}-{number}-{count}"}
            self._place(headers | key, order_fields(chance), chance)
            if headers and chance.random() < 0.02:
                self._ask_faucet(headers)
            time.sleep(self.pause_s)

    def _place(
        self, headers: dict[str, str], fields: dict[str, Any], chance: random.Random
    ) -> None:
        give_up_at = time.monotonic() + 60
        while time.monotonic() < give_up_at:
            try:
                answer = requests.post(
                    f"{self.url}/api/orders/execute",
                    json=fields,
                    headers=headers,
                    timeout=PATIENCE_S,
                )
            except requests.RequestException as error:
                self._again(type(error).__name__)
                continue
            if answer.status_code == 503:
                self._again(answer.json()["code"])
                continue
            self._remember(headers, answer, chance)
            return
        self.refused["never answered"] += 1

    def _ask_faucet(self, headers: dict[str, str]) -> None:
        with suppress(requests.RequestException):
            requests.post(
                f"{self.url}/api/account/faucet",
                json={"token": "SOL", "amount": 1},
                headers=headers,
                timeout=PATIENCE_S,
            )

    def _again(self, reason: str) -> None:
        self.asked_again[reason] += 1
        time.sleep(0.05)

    def _remember(
        self, headers: dict[str, str], answer: requests.Response, chance: random.Random
    ) -> None:
        if answer.status_code == 422 and "Authorization" in headers:
            self.overdrawn += 1
            return
        if answer.status_code not in (200, 202):
            self.refused[f"{answer.status_code} {answer.text[:100]}"] += 1
            return
        order_id = answer.json()["orderId"]
        self.log.accepted.add(order_id)
        self.log.keys[headers["Idempotency-Key"]].add(order_id)
        if chance.random() < 0.05:
            self._cancel(order_id, headers)

    def _cancel(self, order_id: str, headers: dict[str, str]) -> None:
        with suppress(requests.RequestException):
            requests.delete(
                f"{self.url}/api/orders/{order_id}", headers=headers, timeout=PATIENCE_S
            )


def sign_up(url: str) -> str:
    """A new account's token."""
    body = {"email": f"{uuid4().hex}@example.org", "password": "correct horse battery"}
    answer = requests.post(f"{url}/api/auth/signup", json=body, timeout=PATIENCE_S)
    return str(answer.json()["token"])


def query(settings: Settings, statement: str, *parameters: Any) -> list[Any]:
    """Rows straight from the test's database."""
    database = psycopg2.connect(settings.database_url)
    database.autocommit = True
    try:
        with database.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        database.close()


def still_moving(settings: Settings) -> int:
    """Orders that neither rest nor have ended."""
    return int(query(settings, f"SELECT count(*) FROM orders WHERE {STILL_MOVING}")[0][0])


def wait_quiet(settings: Settings) -> None:
    """Waits until every order rests or has ended."""
    wait_until(lambda: still_moving(settings) == 0, "the end of all orders")


def violations(settings: Settings, log: ClientLog, *, quiet: bool = True) -> list[str]:
    """What `check_history` finds in the test's database, once all orders have come to rest."""
    if quiet:
        wait_quiet(settings)
    database = psycopg2.connect(settings.database_url)
    try:
        return check_history(
            database,
            log,
            max_retries=settings.max_retries,
            quiet_at=datetime.now(UTC) if quiet else None,
        )
    finally:
        database.close()


def fail_codes(settings: Settings) -> Counter[str]:
    """How many orders failed with which code."""
    return Counter(
        dict(
            query(
                settings,
                "SELECT fail_code, count(*) FROM orders WHERE fail_code IS NOT NULL GROUP BY 1",
            )
        )
    )


def outcomes(settings: Settings) -> Counter[str]:
    """How many orders stand in which status."""
    return Counter(dict(query(settings, "SELECT status, count(*) FROM orders GROUP BY 1")))


def order_row(settings: Settings, order_id: str, columns: str = "status") -> Any:
    """Columns of one order."""
    return query(settings, f"SELECT {columns} FROM orders WHERE id = %s", UUID(order_id))[0]
