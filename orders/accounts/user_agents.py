"""The short form of a User-Agent header: what somebody recognises a session of his by."""

from __future__ import annotations

import re

MOST = 60
"""Characters of a name that stands for itself."""
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
"""What a browser's header has in it, the more special ones first: they all claim to be others."""
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[\x21-\x7e]+")


def short_user_agent(header: str) -> str | None:
    """`Firefox on Windows`, or the first product that the header names; None if it has none."""
    browser = next((name for mark, name in BROWSERS if f"{mark}/" in header), None)
    if browser:
        system = next((name for mark, name in SYSTEMS if mark in header), None)
        return f"{browser} on {system}" if system else browser
    found = _PRODUCT.search(header)
    return found[0][:MOST] if found else None
