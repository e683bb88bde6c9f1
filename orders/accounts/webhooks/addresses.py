"""The addresses that webhooks may be sent to: none inside a private network.

The host's name is resolved here, all its addresses are checked, and the connection goes to a
checked address, so that the name cannot point elsewhere in between (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from orders.accounts.webhooks.name_lookup import look_up

MAX_URL = 2_000
"""Characters of a URL at most."""

REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # Protocol assignments (RFC 6890); Oracle's cloud has metadata there.
        "168.63.129.16/32",  # Public by its number, but Azure's own in each of its networks.
        "64:ff9b::/96",  # Stands for any IPv4 address: NAT64 (RFC 6052),
        "64:ff9b:1::/48",  # NAT64 of a site (RFC 8215),
        "2002::/16",  # 6to4,
        "2001::/32",  # Teredo.
    )
)
"""Networks that `is_global` lets through but that must not be sent to."""


class AddressRefused(Exception):
    """The address must not be sent to; the message says why."""


def check_url(url: str, *, private: bool) -> None:
    """Checks what the URL alone shows; `private` allows http and private addresses.

    Raises `AddressRefused`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("Is not a URL.") from None
    if len(url) > MAX_URL or not url.isascii() or any(c <= " " or c == "\x7f" for c in url):
        raise AddressRefused("Must be ASCII without blanks, at most 2000 characters.")
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        schemes = "http:// or https://" if private else "https://"
        raise AddressRefused(f"Must start with {schemes}.")
    if not parts.hostname or port == 0:
        raise AddressRefused("Must name a host.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("Must hold no user, password or fragment.")
    if not private:
        _check_literal(parts.hostname)


def resolve(host: str, port: int, *, private: bool, timeout_s: float) -> list[str]:
    """The checked IP addresses of a host.

    Raises `AddressRefused` if one of them is private, `OSError` if it has none or is not found
    within `timeout_s`.
    """
    found = look_up(host, port, timeout_s)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    if not private:
        for address in addresses:
            _check(ipaddress.ip_address(address.partition("%")[0]))
    return addresses


def _check_literal(host: str) -> None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return  # A name is checked when it is resolved.
    _check(address)


def _check(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    public = (
        address.is_global
        and not address.is_multicast
        and not any(address in network for network in REFUSED)
    )
    if not public:
        raise AddressRefused("The address is not public.")
