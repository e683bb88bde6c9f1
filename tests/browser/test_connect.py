"""The page for people who bring a bot: addresses, a wallet and paper money."""

from __future__ import annotations

import json

from playwright.sync_api import expect
from solders.keypair import Keypair

from tests.acceptance.bots.wallet import BotWallet
from tests.browser.conftest import OpenPage
from tests.browser.test_access import violations


def test_new_wallet_gets_paper_money(live_server: str, open_page: OpenPage) -> None:
    page = open_page(f"{live_server}/connect", bypass_csp=True)
    expect(page.locator("#rpc-address")).to_have_text(f"{live_server}/rpc")
    page.get_by_role("button", name="New wallet").click()
    expect(page.locator("#wallet-state")).to_contain_text("is empty")
    secret = json.loads(page.locator("#secret-key").inner_text())
    address = str(Keypair.from_bytes(bytes(secret)).pubkey())
    assert page.get_by_label("Wallet address").input_value() == address
    page.get_by_role("button", name="Get 10 SOL").click()
    expect(page.locator("#wallet-balances")).to_contain_text("10 SOL")
    page.get_by_role("button", name="Get 1,000 USDC").click()
    expect(page.locator("#wallet-balances")).to_contain_text("1,000 USDC")
    expect(page.locator("#wallet-state")).to_have_text(f"Balances of {address}")
    assert violations(page) == []
    # The key on the page must be the one that opens the wallet shown.
    page.get_by_label("Wallet address").fill(str(Keypair().pubkey()))
    expect(page.locator("#secret")).to_be_hidden()
    page.get_by_label("Wallet address").fill(address)
    expect(page.locator("#secret")).to_be_visible()


def test_address_that_is_none_is_refused(live_server: str, open_page: OpenPage) -> None:
    page = open_page(f"{live_server}/connect")
    page.get_by_label("Wallet address").fill("0" * 40)
    page.get_by_role("button", name="Get 10 SOL").click()
    expect(page.locator("#wallet-error")).to_contain_text("Must be a Solana address")
    expect(page.get_by_label("Wallet address")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".toast")).to_have_count(0)


def test_bots_order_shows_its_wallet(live_server: str, open_page: OpenPage) -> None:
    wallet = BotWallet(live_server)
    wallet.airdrop()
    page = open_page(live_server)
    order = wallet.order()
    wallet.execute(wallet.sign(order["transaction"]), order["requestId"])
    page.goto(f"{live_server}/?view=history")
    tag = page.get_by_title(wallet.address)
    expect(tag).to_have_text(f"Wallet {wallet.address[:4]}…{wallet.address[-4:]}")
    page.locator(".order-card", has=tag).get_by_role("link", name="Details").click()
    expect(page.locator("dt", has_text="Wallet")).to_be_visible()
