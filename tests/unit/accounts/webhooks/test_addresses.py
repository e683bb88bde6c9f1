"""Webhooks never go into a private network."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from orders.accounts.webhooks.addresses import AddressRefused, check_url, resolve

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "192.0.0.192", "168.63.129.16", "::1", "::",
    "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::",
]  # fmt: skip


def in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(f"https://{in_url(address)}/hook", private=False)
    with pytest.raises(AddressRefused):
        resolve(address, 443, private=False, timeout_s=10)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost"])
def test_other_ways_to_write_a_private_address_are_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        resolve(host, 443, private=False, timeout_s=10)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are_accepted(address: str) -> None:
    check_url(f"https://{in_url(address)}:8443/hook?a=b", private=False)
    assert resolve(address, 443, private=False, timeout_s=10) == [address]


def test_a_name_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("1.1.1.1", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(AddressRefused):
        resolve("example.org", 443, private=False, timeout_s=10)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://",
        "https:///path",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "https://example.org:99999/",
        "https://example.org/a\r\nHost: other",
        "https://exämple.org/",
        "https://[::1",
        "example.org",
    ],
)
def test_urls_that_are_none_of_ours_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, private=False)


def test_local_mode_accepts_http_and_this_machine() -> None:
    check_url("http://127.0.0.1:8000/hook", private=True)
    assert resolve("127.0.0.1", 8000, private=True, timeout_s=10) == ["127.0.0.1"]


@pytest.mark.parametrize(("private", "schemes"), [(False, "https"), (True, "http:// or https")])
def test_a_refusal_names_the_schemes_that_are_taken(private: bool, schemes: str) -> None:
    with pytest.raises(AddressRefused, match=f"^Must start with {schemes}://.$"):
        check_url("nonsense", private=private)
