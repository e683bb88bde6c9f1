"""Requests that another site's page makes a browser send, without being allowed to."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request

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
    origin = request.headers.get("Origin")
    if {"*", origin} & set(settings.cors_origin_list):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        own = site in ("same-origin", "none")
    else:
        own = origin is None or urlsplit(origin).netloc == request.host
    if not own:
        raise CrossSiteRequest()
