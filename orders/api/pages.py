"""The HTML pages. They never touch the database, so they appear at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, render_template, request
from werkzeug.exceptions import NotFound

from orders.api.context import components
from orders.api.problems import MIMETYPE, framework_problem
from orders.config import Settings
from orders.domain.lifecycle import Status
from orders.market.scenarios.catalogue import SCENARIOS
from orders.market.scenarios.scenario import MOST
from orders.market.tokens import TOKENS

pages = Blueprint("pages", __name__)

ORIGIN = "{origin}"
SNIPPETS = {
    "@jup-ag/api": """\
import { Configuration, SwapApi } from "@jup-ag/api";
const jupiter = new SwapApi(new Configuration({ basePath: "{origin}/swap/v1" }));""",
    "@solana/web3.js": """\
import { Connection } from "@solana/web3.js";
const connection = new Connection("{origin}/rpc", {
  commitment: "confirmed",
  wsEndpoint: "{origin}/rpc".replace("http", "ws"),
});""",
    "@solana/kit": """\
import { createSolanaRpc, createSolanaRpcSubscriptions } from "@solana/kit";
const rpc = createSolanaRpc("{origin}/rpc");
const rpcSubscriptions = createSolanaRpcSubscriptions("{origin}/rpc".replace("http", "ws"));""",
    "solana-py": """\
from solana.rpc.async_api import AsyncClient
client = AsyncClient("{origin}/rpc")""",
}
"""Client -> the lines of its code that hold the addresses."""


@pages.get("/")
def trade() -> str:
    """The trading page: ticket, chart and list of orders."""
    venues = [venue.name for venue in components().venues]
    offers = components().scenarios.offers
    return render_template(
        "trade.html",
        tokens=list(TOKENS),
        venues=venues,
        scenario_limits=MOST,
        scenarios=[scenario for scenario in SCENARIOS if offers(scenario)],
        local=components().settings.local,
    )


@pages.get("/orders/<order_id>")
def order(order_id: str) -> str:
    """The page of one order. Its script reads the id from the address and reports a bad one."""
    return render_template("order.html")


@pages.get("/history")
def history() -> str:
    """All orders that have ended, as a table."""
    return render_template("history.html", tokens=list(TOKENS))


@pages.get("/portfolio")
def portfolio() -> str:
    """The account's money: equity, balances, positions, fills, ledger."""
    token_of = components().registry.find
    opening = [
        (token.symbol, f"{token.from_base(units):,f}")
        for mint, units in components().funding.opening.items()
        if (token := token_of(mint))
    ]
    return render_template(
        "portfolio.html",
        tokens=list(TOKENS),
        opening=opening,
        has_faucet=components().funding.has_faucet,
    )


@pages.get("/webhooks")
def webhooks() -> str:
    """Where the account's events are sent, and what became of them."""
    return render_template(
        "webhooks.html",
        statuses=[str(status) for status in Status],
        private=components().settings.webhooks_reach_private,
    )


@pages.get("/operations")
def operations() -> str:
    """The operators' page: queue, workers and failures."""
    return render_template("operations.html")


@pages.app_errorhandler(404)
def missing(error: NotFound) -> Any:
    """A page for people who mistyped an address, a problem for programs."""
    if request.path.startswith("/api/") or not _is_browser():
        return framework_problem(error)
    return render_template("missing.html"), 404


def _is_browser() -> bool:
    kinds = [MIMETYPE, "application/json", "text/html"]
    return request.accept_mimetypes.best_match(kinds) == "text/html"


@pages.get("/connect")
def connect() -> str:
    """The page for people who bring a bot written for Jupiter and Solana."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.jupiter:
        abort(404)
    origin = (settings.public_url or request.host_url).rstrip("/")
    snippets = [(name, code.replace(ORIGIN, origin)) for name, code in SNIPPETS.items()]
    return render_template("connect.html", origin=origin, snippets=snippets)


@pages.app_context_processor
def limits() -> dict[str, object]:
    """The settings of this installation that the pages show or obey."""
    settings = current_app.config.get("SETTINGS") or Settings()
    return {
        "max_attempts": settings.max_retries + 1,
        "require_auth": settings.require_auth,
        "jupiter": settings.jupiter,
    }
