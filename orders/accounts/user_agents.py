"""The short form of a User-Agent header, by which people recognise their sessions."""

from __future__ import annotations

import re

MOST = 60
"""Longest name of a program that is not a browser, characters."""
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
"""What is in a browser's header -> its name. The order matters: most contain others' names, too."""
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
