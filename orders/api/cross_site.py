"""Requests that another site's page makes a browser send, without being allowed to."""

from __future__ import annotations

from flask import current_app, request

from orders.api.origins import origin_check
from orders.config import Settings
from orders.domain.errors import EngineError


class CrossSiteRequest(EngineError):
    """Pages of other sites may not do this; CORS_ORIGINS lists those that may."""

    code = "cross_site_request"


def refuse_cross_site() -> None:
    """Raise `CrossSiteRequest` if another site's page, not listed in CORS_ORIGINS, sends this.

    Browsers send requests without a body and without headers of their own for any page, and ask
    for permission (CORS) only before they show it the answer. What can't lie is what the browser
    itself says of where they come from: Sec-Fetch-Site, or Origin in older ones. Programs say
    neither.
    """
    settings: Settings = current_app.config["SETTINGS"]
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    own = site in ("same-origin", "none") or (site is None and origin is None)
    if not own and not origin_check(settings)(origin, request.environ):
        raise CrossSiteRequest()
