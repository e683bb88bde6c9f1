"""Refusing requests that a page of another site made a browser send."""

from __future__ import annotations

from flask import current_app, request

from orders.api.origins import origin_check
from orders.config import Settings
from orders.domain.errors import EngineError


class CrossSiteRequest(EngineError):
    """Pages of other sites may not do this; CORS_ORIGINS lists those that may."""

    code = "cross_site_request"


def refuse_cross_site() -> None:
    """Raise `CrossSiteRequest` if a page of a site that CORS_ORIGINS does not list sends this.

    Browsers let any page send requests without a body and without headers of its own; they ask for
    permission (CORS) only before they show the answer. What the browser itself states about the
    sender cannot be forged by a page: Sec-Fetch-Site, or Origin in older browsers. Programs send
    neither.
    """
    settings: Settings = current_app.config["SETTINGS"]
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    own = site in ("same-origin", "none") or (site is None and origin is None)
    if not own and not origin_check(settings)(origin, request.environ):
        raise CrossSiteRequest()
