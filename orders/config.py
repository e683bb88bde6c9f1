"""Every setting with its default, bounds and meaning, read from the environment here alone.

NO_COLOR and HONCHO_PROCESS_NAME, which belong to the terminal and to honcho, are no settings.

`.env.example` and the configuration reference are generated from this table, so no setting lacks
documentation.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

MIN_METRICS_TOKEN_LENGTH = 16
MIN_SECRET_DISTINCT = 8
"""Different characters that a SECRET_KEY outside local mode has at least; random hexadecimal has
more.
"""
MIN_SECRET_LENGTH = 32
"""Characters that a SECRET_KEY outside local mode has at least (RFC 7518: 256 bits for HS256)."""
KINDS = {"int": "a whole number", "float": "a number", "bool": "1 or 0", "str": "a text"}
"""What the error message says a setting must be, by type."""
HOST_NAME = r"\*|\.?[\w-]+(\.[\w-]+)*\.?|\[?[0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*\]?"
"""An entry of ALLOWED_HOSTS: `*`, a name, a domain after a dot, or an address."""
TRUE = frozenset({"1", "true", "t", "yes", "y", "on"})
FALSE = frozenset({"0", "false", "f", "no", "n", "off"})


class ConfigurationError(Exception):
    """The settings are not usable; the message is one sentence that says which and why."""


def port_trouble(host: str, port: int, error: OSError) -> str:
    """Why this process cannot listen on HOST and PORT, in one sentence."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program; free it or set PORT."
    if error.errno == errno.EACCES:
        return f"Port {port} on {host} needs more rights than this user has; set PORT above 1023."
    return f"HOST={host} is not an address of this machine ({error.strerror})."


def setting(
    default: Any, doc: str, *, minimum: float | None = None, maximum: float | None = None
) -> Any:
    """A dataclass field that is read from the environment variable of the same name."""
    return field(default=default, metadata={"doc": doc, "minimum": minimum, "maximum": maximum})


@dataclass(frozen=True, slots=True)
class Settings:
    """Validated settings, named like the environment variables in lower case."""

    # Network
    host: str = setting("127.0.0.1", "Address the web process listens on.")
    port: int = setting(5000, "Port the web process listens on.", minimum=0, maximum=65535)
    public_url: str = setting(
        "", "Address users reach the service under, for links in answers; empty: relative links."
    )

    # Storage
    database_url: str = setting(
        "",
        "PostgreSQL, as postgresql://user:password@host:port/database. Empty: a private "
        "server is started under DATA_DIR (local mode).",
    )
    redis_url: str = setting(
        "",
        "Redis or Valkey, as redis://host:port/0, rediss:// or unix:///path. Empty: a private "
        "server is started under DATA_DIR (local mode).",
    )
    data_dir: str = setting(".data", "Folder of the private PostgreSQL and Valkey of local mode.")
    database_connections: int = setting(
        20, "Most PostgreSQL connections one process opens for reading.", minimum=2, maximum=1000
    )
    database_timeout_s: float = setting(
        5,
        "Longest wait for a connection or a statement of PostgreSQL, seconds.",
        minimum=0.1,
        maximum=300,
    )
    write_probe_s: float = setting(
        1,
        "Readiness writes to PostgreSQL at most this often, seconds, however many ask.",
        minimum=0,
        maximum=60,
    )
    migration_wait_s: float = setting(
        60,
        "Longest wait at the start for a schema as new as the code, seconds.",
        minimum=0,
        maximum=3600,
    )
    clock_sync_s: float = setting(
        5,
        "Time between two comparisons of the machine's clock with PostgreSQL's, seconds.",
        minimum=0.05,
        maximum=3600,
    )
    clock_skew_max_s: float = setting(
        5,
        "A process whose machine's clock is further off than this works on no orders, seconds.",
        minimum=0.01,
        maximum=86_400,
    )
    redis_timeout_s: float = setting(2, "Longest wait for Redis, seconds.", minimum=0.1, maximum=60)
    redis_patience_s: float = setting(
        0.05,
        "How long requests wait for Redis, seconds; one at a time waits up to REDIS_TIMEOUT_S.",
        minimum=0.001,
        maximum=10,
    )

    # Access
    environment: str = setting(
        "local",
        "local or production. production refuses default or short secrets and turns "
        "REQUIRE_AUTH on unless it is set.",
    )
    secret_key: str = setting("", "Signs tokens and queue messages; at least 32 characters.")
    operator_token: str = setting(
        "",
        "Bearer token that may move the market outside local mode; at least 32 characters; empty: "
        "nobody may.",
    )
    require_auth: bool = setting(False, "1 turns anonymous access to orders and streams off.")
    cors_origins: str = setting(
        "",
        "Origins, separated by commas, that browsers may call the API from; * for any; "
        "empty: same origin only.",
    )
    allowed_hosts: str = setting(
        "",
        "Host names, separated by commas and without ports, that the service answers to; "
        ".example.com for its subdomains; * for any. Empty: any in production; in local mode "
        "localhost, 127.0.0.1, ::1, HOST and the host of PUBLIC_URL, and every IP address where "
        "HOST is 0.0.0.0 or ::.",
    )
    trusted_proxies: int = setting(
        0,
        "Reverse proxies in front whose X-Forwarded-For and X-Forwarded-Proto are believed.",
        minimum=0,
        maximum=10,
    )
    token_ttl_s: int = setting(
        86_400, "Life of a bearer token, seconds.", minimum=60, maximum=31_536_000
    )
    sessions_limit: int = setting(
        1000,
        "Most open sessions of an account; a further log-in ends the one not used for longest.",
        minimum=1,
        maximum=10_000,
    )
    session_check_s: float = setting(
        2,
        "A token whose session was ended is refused, and its live connections are closed, by every "
        "process within this time, seconds.",
        minimum=0.05,
        maximum=60,
    )
    rate_limit: str = setting(
        "600/minute", "Orders per caller (account or address); off disables all rate limits."
    )
    auth_rate_limit: str = setting(
        "20/minute", "Sign-ups, log-ins and changes of passwords per address; off disables."
    )
    accepted_status: int = setting(
        202,
        "HTTP status of the answer to an accepted order: 202, or 200 or 201 for clients that "
        "expect one of these.",
        minimum=200,
        maximum=202,
    )
    parallel_hashes: int = setting(
        2,
        "Passwords that one web process hashes at the same time; each takes 19 MiB.",
        minimum=1,
        maximum=64,
    )
    max_body_bytes: int = setting(
        65_536, "Largest request body, bytes.", minimum=1024, maximum=16_777_216
    )
    request_timeout_s: float = setting(
        30,
        "Longest time for a whole request to arrive, head and body, seconds.",
        minimum=0.1,
        maximum=3600,
    )
    idempotency_ttl_s: int = setting(
        300, "Life of an Idempotency-Key, seconds.", minimum=1, maximum=604_800
    )
    cancel_all_limit: int = setting(
        500, "Most orders that one cancel-all request ends.", minimum=1, maximum=10_000
    )
    export_limit: int = setting(
        100_000, "Most orders that one CSV export holds.", minimum=1, maximum=10_000_000
    )
    max_queue_depth: int = setting(
        10_000,
        "Messages for workers, one for each waiting order, above which new orders get 503.",
        minimum=1,
        maximum=10_000_000,
    )

    # Execution of orders
    worker_concurrency: int = setting(
        10, "Orders in flight per worker process.", minimum=1, maximum=5_000
    )
    worker_processes: int = setting(
        1, "Worker processes that `python app.py` starts.", minimum=1, maximum=64
    )
    max_retries: int = setting(3, "Retries after a failed first attempt.", minimum=0, maximum=20)
    retry_delay_s: float = setting(
        1, "Wait before the first retry, seconds.", minimum=0, maximum=3600
    )
    retry_backoff: float = setting(
        2, "Each further wait is the one before times this.", minimum=1, maximum=10
    )
    max_recoveries: int = setting(
        20,
        "Crashes of a worker that one order survives before it fails with worker_lost.",
        minimum=0,
        maximum=1000,
    )
    lease_s: float = setting(
        10,
        "A worker that has not renewed an order's lease for this long counts as dead, seconds.",
        minimum=0.2,
        maximum=600,
    )
    pending_timeout_s: float = setting(
        86_400,
        "A pending order that nobody could execute for this long fails, seconds.",
        minimum=1,
        maximum=2_592_000,
    )
    resting_ttl_s: int = setting(
        604_800,
        "Default life of a resting order (limit, stop, sniper), seconds.",
        minimum=1,
        maximum=2_592_000,
    )
    resting_max_ttl_s: int = setting(
        2_592_000, "Longest life of a resting order, seconds.", minimum=1, maximum=31_536_000
    )
    watch_interval_s: float = setting(
        0.25,
        "Time between two looks of the watcher at the market, seconds.",
        minimum=0.01,
        maximum=60,
    )
    recovery_interval_s: float = setting(
        1, "Time between two searches for orphaned orders, seconds.", minimum=0.05, maximum=60
    )
    wake_grace_s: float = setting(
        3,
        "How late a pending order is when recovery looks for it in the queue, seconds.",
        minimum=0.1,
        maximum=600,
    )
    clean_up_interval_s: float = setting(
        60,
        "Time between two removals of expired idempotency keys and sessions, old deliveries and "
        "moves, seconds.",
        minimum=1,
        maximum=86_400,
    )
    clean_up_stretch_s: float = setting(
        0.05,
        "Longest time that removing one kind of them keeps the watcher from its other duties, "
        "seconds.",
        minimum=0.001,
        maximum=10,
    )
    journal_batch: int = setting(
        100, "Most rows one commit of the journal writes.", minimum=1, maximum=10_000
    )
    publish_backlog: int = setting(
        1_000,
        "Commits of a web process whose events may wait for Redis before requests wait too.",
        minimum=1,
        maximum=1_000_000,
    )
    heartbeat_s: float = setting(
        5, "Time between two heartbeats of a worker, seconds.", minimum=0.1, maximum=60
    )
    stop_grace_s: float = setting(
        20, "Time a process gets to finish its work at SIGTERM, seconds.", minimum=0, maximum=600
    )
    restart_early_s: float = setting(
        5,
        "A process that lived longer than this is started again at once when it dies, seconds.",
        minimum=0,
        maximum=600,
    )
    restart_backoff_s: float = setting(
        0.5,
        "Wait before a process that died early is started again, seconds; doubles each time.",
        minimum=0.05,
        maximum=60,
    )
    restart_backoff_max_s: float = setting(
        15, "Longest wait before such a restart, seconds.", minimum=0.1, maximum=600
    )

    # Accounts' money
    paper_balances: str = setting(
        "SOL:1000,USDC:100000",
        "What a new account starts with, as SYMBOL:amount, separated by commas.",
    )
    faucet_limit_usd: float = setting(
        100_000,
        "Most that the faucet gives an account or a wallet in an hour, USD; 0 turns it off, "
        "airdrops and resets to chosen balances, too; 0 in production unless it is set there.",
        minimum=0,
        maximum=1_000_000_000_000,
    )
    reset_wait_s: float = setting(
        30,
        "Longest time a reset waits for the account's orders in flight, seconds.",
        minimum=0,
        maximum=600,
    )

    # Event streams
    stream_repair_s: float = setting(
        2,
        "Time between two comparisons of what was streamed with PostgreSQL, seconds.",
        minimum=0.1,
        maximum=60,
    )
    stream_buffer: int = setting(
        256,
        "Messages a slow WebSocket reader may be behind before it is disconnected.",
        minimum=1,
        maximum=100_000,
    )
    stream_ping_s: float = setting(
        20, "Time between two pings of a WebSocket, seconds.", minimum=1, maximum=600
    )
    stream_market_ms: int = setting(
        500,
        "Least time between two updates of a price or a chart, milliseconds.",
        minimum=20,
        maximum=60_000,
    )
    stream_markets: int = setting(
        100, "Most prices and charts that one connection follows.", minimum=1, maximum=10_000
    )
    stream_orders: int = setting(
        1_000, "Most orders that one connection follows.", minimum=1, maximum=100_000
    )
    stream_messages_per_s: float = setting(
        100,
        "Messages a connection may send per second; ten times as many at once.",
        minimum=0.1,
        maximum=100_000,
    )
    stream_message_bytes: int = setting(
        16_384, "Largest message that /ws takes, bytes.", minimum=1_024, maximum=1_048_576
    )
    stream_auth_s: float = setting(
        10,
        "Time in which a client of /ws has to say who it is, with REQUIRE_AUTH, seconds.",
        minimum=0.1,
        maximum=600,
    )
    redis_reconnect_max_s: float = setting(
        2, "Longest wait before the live feed tries Redis again, seconds.", minimum=0.1, maximum=60
    )

    # Webhooks
    webhook_private_networks: bool = setting(
        False,
        "1 lets webhooks reach private networks and plain http; always so in local mode.",
    )
    webhook_endpoints: int = setting(
        10, "Most webhook endpoints of one account.", minimum=1, maximum=1000
    )
    webhook_interval_s: float = setting(
        0.25,
        "Time between two searches for events that webhooks have to be sent, seconds.",
        minimum=0.01,
        maximum=60,
    )
    webhook_parallel: int = setting(
        16,
        "Endpoints that one worker process sends to at the same time, beside its orders.",
        minimum=1,
        maximum=500,
    )
    webhook_turn_s: float = setting(
        5,
        "Time after which an endpoint with more messages waits for others, seconds.",
        minimum=0.1,
        maximum=600,
    )
    webhook_timeout_s: float = setting(
        10,
        "Longest time to send a webhook, from looking its host up to the answer's end, seconds.",
        minimum=0.1,
        maximum=60,
    )
    webhook_backoff_s: float = setting(
        2,
        "Wait after a webhook's delivery failed, seconds; doubles with each further failure.",
        minimum=0.01,
        maximum=3600,
    )
    webhook_backoff_max_s: float = setting(
        3600, "Longest wait after a failed delivery, seconds.", minimum=0.01, maximum=86_400
    )
    webhook_give_up_s: float = setting(
        259_200,
        "An endpoint to which one event could not be delivered for this long is stopped, seconds.",
        minimum=1,
        maximum=2_592_000,
    )
    webhook_keep_s: float = setting(
        2_592_000,
        "Deliveries older than this are forgotten, delivered or not, seconds.",
        minimum=60,
        maximum=31_536_000,
    )
    webhook_secret_overlap_s: float = setting(
        86_400,
        "Time for which a webhook is signed with its old secret too after a change, seconds.",
        minimum=0,
        maximum=2_592_000,
    )

    # Simulated market
    market_seed: str = setting("solana", "Seed of the simulated market: same seed, same prices.")
    quote_latency_ms: int = setting(
        200, "Time a venue takes to quote, milliseconds.", minimum=0, maximum=60_000
    )
    quote_timeout_ms: int = setting(
        2_000, "Longest wait for a venue's quote, milliseconds.", minimum=1, maximum=60_000
    )
    quote_parallel: int = setting(
        100,
        "Swaps that one web process asks the venues about at the same time; further ones wait up "
        "to QUOTE_TIMEOUT_MS for their turn, and then fail with venue_timeout.",
        minimum=1,
        maximum=5_000,
    )
    swap_latency_ms: str = setting(
        "2000-3000", "Time from sending to landing, milliseconds, as a number or a range."
    )
    confirm_poll_ms: int = setting(
        250,
        "Time between two questions to the chain about a transaction, milliseconds.",
        minimum=1,
        maximum=10_000,
    )
    resend_s: float = setting(
        2,
        "Time after which a transaction that the chain does not know is sent again, seconds.",
        minimum=0.01,
        maximum=60,
    )
    settle_timeout_s: float = setting(
        120,
        "Longest time one worker waits for a transaction's fate before it leaves the order "
        "to recovery, seconds.",
        minimum=1,
        maximum=3600,
    )
    slippage_failure_rate: float = setting(
        0.05, "Share of attempts that meet adverse movement.", minimum=0, maximum=1
    )
    raydium_fee_bps: int = setting(30, "Raydium's fee, basis points.", minimum=0, maximum=9_999)
    meteora_fee_bps: int = setting(20, "Meteora's fee, basis points.", minimum=0, maximum=9_999)
    raydium_liquidity_usd: float = setting(
        100_000, "Liquidity of a Raydium pool, USD.", minimum=1, maximum=1_000_000_000_000_000
    )
    meteora_liquidity_usd: float = setting(
        120_000, "Liquidity of a Meteora pool, USD.", minimum=1, maximum=1_000_000_000_000_000
    )
    launches_limit: int = setting(
        10_000,
        "Most token launches that are kept; further ones are refused until old ones are pruned.",
        minimum=0,
        maximum=100_000,
    )
    launch_refresh_s: float = setting(
        0.25,
        "Age up to which a process trusts its copy of the token launches, seconds.",
        minimum=0,
        maximum=60,
    )
    launch_reread_s: float = setting(
        0.02,
        "Least time between two readings of the launches for a token that is not known, seconds.",
        minimum=0,
        maximum=1,
    )
    move_refresh_s: float = setting(
        0.2,
        "Age up to which a process trusts its copy of the market's moves, seconds; a move begins "
        "twice that long after it was ordered.",
        minimum=0.01,
        maximum=60,
    )
    moves_kept: int = setting(
        10_000,
        "Moves of the market that are over and that prices of the past still show; older ones are "
        "forgotten.",
        minimum=0,
        maximum=1_000_000,
    )
    market_faults: str = setting(
        "", "Faults that the simulated market plays, for tests; see docs/reliability.md."
    )
    clock_shift_s: float = setting(
        0,
        "How far the machine's clock is said to be ahead, seconds, for tests.",
        minimum=-1_000_000_000,
        maximum=1_000_000_000,
    )
    scenarios: bool = setting(
        False,
        "1 lets accounts place orders with a scenario in production; local mode always allows "
        "them.",
    )
    scenario_blockhash_slots: int = setting(
        10,
        "Slots of 0.4 s after which a transaction expires that a scenario keeps from landing.",
        minimum=1,
        maximum=150,
    )
    crash_points: str = setting(
        "", "Named points at which a process kills itself, for tests; see docs/reliability.md."
    )

    # Bots written for Jupiter and Solana
    jupiter: bool = setting(
        True,
        "1 serves Jupiter's API and Solana's JSON-RPC; off in production unless it is set there.",
    )
    rpc_rate_limit: str = setting(
        "6000/minute",
        "Requests to Jupiter's API and JSON-RPC per address, calls over a WebSocket; off disables.",
    )
    jupiter_execute_timeout_s: float = setting(
        90,
        "Longest time that Jupiter's execute waits for the end of an order, seconds.",
        minimum=0,
        maximum=600,
    )
    rpc_max_batch: int = setting(
        50, "Most JSON-RPC calls in one request.", minimum=1, maximum=10_000
    )
    rpc_max_subscriptions: int = setting(
        100, "Most JSON-RPC subscriptions on one WebSocket.", minimum=1, maximum=100_000
    )
    rpc_poll_ms: int = setting(
        200,
        "Time between two looks for what JSON-RPC subscriptions wait for, milliseconds.",
        minimum=10,
        maximum=60_000,
    )

    # Logs and metrics
    log_format: str = setting("auto", "json, console, or auto: console on a terminal.")
    log_level: str = setting("INFO", "DEBUG, INFO, WARNING or ERROR.")
    process_name: str = setting(
        "", "Name that every log line of a process carries; `python app.py` sets it."
    )
    worker_metrics_port: int = setting(
        0, "Port on which a worker serves /metrics; 0: off.", minimum=0, maximum=65535
    )
    watcher_metrics_port: int = setting(
        0, "Port on which a watcher serves /metrics; 0: off.", minimum=0, maximum=65535
    )
    metrics_token: str = setting(
        "",
        "Bearer token that opens /metrics and /api/queue/metrics of the web process; at least 16 "
        "characters. Empty: /metrics is open to all, but closed in production and with "
        "REQUIRE_AUTH.",
    )
    metrics_host: str = setting(
        "127.0.0.1", "Address on which workers and watchers serve /metrics."
    )

    @property
    def local(self) -> bool:
        """Whether only this machine is served; settings may then keep insecure defaults."""
        return self.environment == "local"

    @property
    def webhooks_reach_private(self) -> bool:
        """Whether webhooks may be sent into private networks, and over plain http."""
        return self.local or self.webhook_private_networks

    @property
    def swap_latency_range_ms(self) -> tuple[int, int]:
        """The lowest and the highest swap latency, in milliseconds."""
        low, _, high = self.swap_latency_ms.partition("-")
        return int(low), int(high or low)

    @property
    def cors_origin_list(self) -> list[str]:
        """The origins that may call the API from a browser."""
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]

    @property
    def allowed_host_list(self) -> list[str]:
        """The host names of ALLOWED_HOSTS, in lower case."""
        return [name.strip() for name in self.allowed_hosts.lower().split(",") if name.strip()]

    def retry_wait_s(self, failed_attempts: int) -> float:
        """Seconds to wait after `failed_attempts` attempts failed: 1, 2, 4 by default."""
        return float(self.retry_delay_s * self.retry_backoff ** (failed_attempts - 1))


def load_settings(dotenv: Path | None = Path(".env")) -> Settings:
    """Reads the settings from `.env` and the environment, which wins.

    Raises `ConfigurationError` naming the variable that is wrong.
    """
    if dotenv is not None and dotenv.is_file():
        # Imported late: most installations have no `.env`, and the import would slow every start.
        from dotenv import load_dotenv

        load_dotenv(dotenv)
    values = {spec.name: _read(spec) for spec in fields(Settings)}
    if values["environment"] == "production" and not os.environ.get("REQUIRE_AUTH"):
        values["require_auth"] = True
    if values["environment"] == "production" and not os.environ.get("JUPITER"):
        values["jupiter"] = False
    if values["environment"] == "production" and not os.environ.get("FAUCET_LIMIT_USD"):
        values["faucet_limit_usd"] = 0.0
    settings = Settings(**values)
    _check(settings)
    return settings


def _read(spec: Field[Any]) -> Any:
    name = spec.name.upper()
    raw = os.environ.get(name, "")
    if not raw.strip():
        return spec.default
    try:
        value = PARSERS[str(spec.type)](raw)
    except ValueError:
        kind = KINDS[str(spec.type)]
        raise ConfigurationError(f"{name}={raw!r} is not usable: give {kind}.") from None
    _check_bounds(name, value, spec.metadata)
    return value


def _parse_bool(raw: str) -> bool:
    word = raw.strip().lower()
    if word not in TRUE | FALSE:
        raise ValueError(word)
    return word in TRUE


PARSERS: dict[str, Callable[[str], Any]] = {
    "int": int, "float": float, "bool": _parse_bool, "str": str,
}  # fmt: skip
"""Parses the text of a setting, by its type."""


def _check_bounds(name: str, value: Any, bounds: Mapping[str, Any]) -> None:
    low, high = bounds["minimum"], bounds["maximum"]
    if low is not None and not value >= low:
        raise ConfigurationError(f"{name}={value} is too small: the least is {low}.")
    if high is not None and not value <= high:
        raise ConfigurationError(f"{name}={value} is too large: the most is {high}.")


def _check(settings: Settings) -> None:
    _check_choice("ENVIRONMENT", settings.environment, ("local", "production"))
    _check_choice("LOG_FORMAT", settings.log_format, ("auto", "json", "console"))
    _check_choice("LOG_LEVEL", settings.log_level, ("DEBUG", "INFO", "WARNING", "ERROR"))
    _check_url("DATABASE_URL", settings.database_url, ("postgresql", "postgres"))
    _check_url("REDIS_URL", settings.redis_url, ("redis", "rediss", "unix"))
    _check_addresses(settings)
    _check_rates(settings)
    _check_swap_latency(settings)
    _check_secrets(settings)


def _check_swap_latency(settings: Settings) -> None:
    try:
        low, high = settings.swap_latency_range_ms
    except ValueError:
        low, high = 1, 0
    if not 0 <= low <= high <= 60_000:
        raise ConfigurationError(
            f"SWAP_LATENCY_MS={settings.swap_latency_ms!r} is not usable: "
            "give milliseconds as a number or a range such as 2000-3000, at most 60000."
        )


def _check_secrets(settings: Settings) -> None:
    if settings.metrics_token and len(settings.metrics_token) < MIN_METRICS_TOKEN_LENGTH:
        raise ConfigurationError(
            f"METRICS_TOKEN must have at least {MIN_METRICS_TOKEN_LENGTH} characters."
        )
    if not settings.local and len(settings.secret_key) < MIN_SECRET_LENGTH:
        raise ConfigurationError(
            f"SECRET_KEY must have at least {MIN_SECRET_LENGTH} characters outside local mode."
        )
    if not settings.local and len(set(settings.secret_key)) < MIN_SECRET_DISTINCT:
        raise ConfigurationError(
            "SECRET_KEY repeats too few different characters outside local mode: take a random one."
        )
    if settings.operator_token and len(settings.operator_token) < MIN_SECRET_LENGTH:
        raise ConfigurationError(
            f"OPERATOR_TOKEN must have at least {MIN_SECRET_LENGTH} characters."
        )


def _check_rates(settings: Settings) -> None:
    defaults = {spec.name: spec.default for spec in fields(Settings)}
    for name in ("rate_limit", "auth_rate_limit", "rpc_rate_limit"):
        value = getattr(settings, name)
        if value not in ("off", defaults[name]):
            _check_rate(name.upper(), value)


def _check_rate(name: str, value: str) -> None:
    # Imported late: only the web process limits rates, and the library is large.
    from limits import parse_many

    try:
        parse_many(value)
    except ValueError:
        raise ConfigurationError(
            f"{name}={value!r} is not usable: give a rate such as 600/minute, or off."
        ) from None


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigurationError(f"{name}={value!r} is not usable: use {' or '.join(choices)}.")


def _check_addresses(settings: Settings) -> None:
    if settings.public_url and not re.fullmatch(r"https?://[^/\s]+(/\S*)?", settings.public_url):
        raise ConfigurationError(
            f"PUBLIC_URL={settings.public_url!r} is not usable: "
            "it must start with http:// or https://."
        )
    for origin in settings.cors_origin_list:
        if origin not in ("*", "null") and not re.fullmatch(r"[\w.+-]+://[^/\s]+", origin):
            raise ConfigurationError(
                f"CORS_ORIGINS={settings.cors_origins!r} is not usable: {origin!r} is no origin; "
                "give scheme and host without a path, such as https://example.com."
            )
    for name in settings.allowed_host_list:
        if not re.fullmatch(HOST_NAME, name):
            raise ConfigurationError(
                f"ALLOWED_HOSTS={settings.allowed_hosts!r} is not usable: {name!r} is no host; "
                "give names without scheme and port, such as example.com or .example.com."
            )


def _check_url(name: str, value: str, schemes: tuple[str, ...]) -> None:
    if value and value.partition("://")[0] not in schemes:
        raise ConfigurationError(
            f"{name} is not usable: it must start with {' or '.join(s + '://' for s in schemes)}."
        )
