"""The web application, and with `python app.py` the whole system on this machine."""

# The supervisor starts before any of the application is imported: it needs none of it.
from __future__ import annotations

if __name__ == "__main__":
    import sys

    from orders.local.supervisor import main
    from orders.market.faults import read_faults

    sys.exit(main(check=read_faults))

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from orders.accounts.accounts import Accounts, RunHash, run_here
from orders.accounts.portfolios import Portfolios
from orders.api.account import account
from orders.api.amounts import register_amounts
from orders.api.auth import auth
from orders.api.book import make_book
from orders.api.bulk_orders import bulk_orders
from orders.api.commands import register_commands
from orders.api.documents import register_documented
from orders.api.headers import register_headers
from orders.api.linked_orders import linked_orders
from orders.api.market import market
from orders.api.market_moves import market_moves
from orders.api.market_prices import market_prices
from orders.api.operations import operations
from orders.api.orders import orders
from orders.api.pages import pages
from orders.api.problems import register_problem_handlers
from orders.api.rate_limits import register_limits
from orders.api.request_metrics import register_observation
from orders.api.scenarios import scenarios
from orders.api.static_files import register_static_files
from orders.api.wallet_scenarios import wallet_scenarios
from orders.api.wallets import wallets
from orders.api.webhooks import webhooks
from orders.config import ConfigurationError, Settings, load_settings
from orders.domain.once import once
from orders.solana.jupiter import register_jupiter
from orders.solana.rpc import register_rpc
from orders.wiring import Components, wire

if TYPE_CHECKING:
    from orders.solana.wiring import Solana

STATIC = Path(__file__).with_name("static")
DOCS_SITE = Path(__file__).with_name(".docs") / "site"
"""Where `make docs` puts the pages of /docs."""


def create_app(
    settings: Settings | None = None,
    components: Components | None = None,
    run_hash: RunHash = run_here,
) -> Flask:
    """Build the Flask application: API, documents and pages. Streams are attached to it elsewhere.

    `run_hash` is for servers that run all requests on one thread. Without components it makes its
    own, and ends the process with one sentence if settings are wrong.
    """
    components = components or _own_components(settings)
    settings = settings or components.settings
    app = Flask(__name__, static_folder=None)
    app.config.update(SETTINGS=settings, MAX_CONTENT_LENGTH=settings.max_body_bytes)
    app.url_map.strict_slashes = False
    app.extensions["orders"] = components
    app.extensions["accounts"] = Accounts(
        components.clock, components.funding, settings.parallel_hashes, run_hash
    )
    app.extensions["portfolios"] = Portfolios(
        components.clock, components.valuation, components.funding
    )
    _believe_proxies(app, settings.trusted_proxies)
    register_problem_handlers(app)
    register_headers(app, settings)
    register_observation(app, components)
    register_amounts(app)
    documented = (
        orders, linked_orders, bulk_orders, account, market, market_prices, market_moves,
        scenarios, auth, operations, webhooks,
    )  # fmt: skip
    for_bots = (wallets, wallet_scenarios) if settings.jupiter else ()
    register_documented(app, (*documented, *for_bots))
    app.register_blueprint(make_book(DOCS_SITE))
    app.register_blueprint(pages)
    register_static_files(app, STATIC)
    if settings.jupiter:
        app.extensions["solana"] = once(partial(_solana, components))
        register_jupiter(app)
        register_rpc(app, settings)
    register_limits(app, settings, components.queue.for_requests)
    register_commands(app)
    return app


def _own_components(settings: Settings | None) -> Components:
    try:
        return wire(settings or _attached_settings())
    except ConfigurationError as error:
        sys.exit(str(error))


def _attached_settings() -> Settings:
    # Imported late: the web process gets its servers' addresses from outside and needs none of
    # this.
    from orders.local.attach import attach

    return attach(load_settings())


def _solana(components: Components) -> Solana:
    # Imported when first asked for: it is a tenth of the process's memory.
    from orders.solana.wiring import wire_solana

    return wire_solana(components)


def _believe_proxies(app: Flask, hops: int) -> None:
    if hops:
        # Not X-Forwarded-Host: proxies pass Host on, and not all of them replace what clients
        # say in the other.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=0
        )
