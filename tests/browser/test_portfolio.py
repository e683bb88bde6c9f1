"""An account's money on the page: balances, what the ticket lets it spend, profit."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_lists_and_accounts import sign_up

OPENING_SOL, OPENING_USDC = "1000", "100000"


def total(page: Page, token: str) -> Locator:
    row = page.locator("#balance-rows tr").filter(has=page.locator(f"th:text-is('{token}')"))
    return row.locator("td[data-label=Total] data")


def test_a_purchase_shows_in_holdings_and_profit_while_the_page_is_open(
    live_server: str, open_page: OpenPage
) -> None:
    trade = open_page(live_server)
    sign_up(trade, "buyer@example.org")
    portfolio = trade.context.new_page()
    portfolio.goto(f"{live_server}/portfolio")
    expect(total(portfolio, "SOL")).to_have_attribute("value", OPENING_SOL)
    expect(total(portfolio, "USDC")).to_have_attribute("value", OPENING_USDC)
    expect(portfolio.locator("#realised data")).to_have_attribute("data-direction", "even")
    expect(portfolio.locator("#fill-rows")).to_have_text("No fills yet.")

    trade.get_by_label("You pay", exact=True).fill("10")
    trade.get_by_role("button", name="Swap SOL").click()

    expect(total(portfolio, "SOL")).to_have_attribute("value", "990")
    expect(total(portfolio, "USDC")).not_to_have_attribute("value", OPENING_USDC)
    # Fee and price impact are a realised loss.
    expect(portfolio.locator("#realised data")).to_have_attribute("data-direction", "loss")
    expect(portfolio.locator("#fill-rows td[data-label=Paid]")).to_have_text("10 SOL")
    expect(portfolio.locator("#equity-chart canvas").first).to_be_visible()
    portfolio.get_by_label("Ledger", exact=True).check()
    expect(portfolio.locator("#ledger-rows td[data-label=What]")).to_have_count(2)
    swap, opening = portfolio.locator("#ledger-rows tr").all()
    expect(swap.locator("td[data-label=What] a")).to_have_text("Swap")
    expect(swap.locator("td[data-label=Change]")).to_contain_text("−10 SOL")
    expect(swap.locator("td[data-label=With]")).to_contain_text("pool")
    expect(opening.locator("td[data-label=Change] data")).to_have_count(2)
    expect(trade.locator("#funds-available")).to_have_text("Available 990 SOL")

    card = trade.locator(".order-card:not(.loading)")
    expect(card.locator(".card-values")).to_contain_text("received $")
    card.get_by_role("link", name="Details").click()
    expect(trade.locator("#execution .worth")).to_have_count(2)


def test_the_ticket_fills_in_what_is_available_and_names_what_is_missing(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(live_server)
    expect(page.locator("#funds")).to_be_hidden()
    sign_up(page, "spender@example.org")
    expect(page.locator("#funds-available")).to_have_text("Available 1,000 SOL")
    amount = page.get_by_label("You pay", exact=True)
    page.get_by_role("button", name="Half").click()
    expect(amount).to_have_value("500")
    page.get_by_role("button", name="Max").click()
    expect(amount).to_have_value("1000")
    expect(page.locator("#amount-in-error")).to_be_empty()

    amount.fill("1000.000000001")
    expect(page.locator("#submit-text")).to_have_text("Not enough SOL")
    expect(page.locator("#amount-in-error")).to_contain_text("You have 1,000 SOL available")
    page.keyboard.press("Enter")
    expect(page.locator(".order-card:not(.loading)")).to_have_count(0)


def test_the_faucet_gives_and_a_confirmed_reset_starts_over(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{live_server}/portfolio")
    expect(page.get_by_text("Paper money comes with an account")).to_be_visible()
    sign_up(page, "restarter@example.org")
    page.get_by_label("Amount", exact=True).fill("2,5")
    page.get_by_role("button", name="Get from the faucet").click()
    expect(page.locator("#faucet-result")).to_have_text("Added 2.5 SOL.")
    expect(total(page, "SOL")).to_have_attribute("value", "1002.5")

    page.get_by_role("button", name="Start over").click()
    page.get_by_role("button", name="Keep my balances").click()
    expect(page.locator("#reset-dialog")).to_be_hidden()
    expect(total(page, "SOL")).to_have_attribute("value", "1002.5")
    page.get_by_role("button", name="Start over").click()
    page.locator("#reset-confirm").click()
    expect(page.locator("#reset-dialog")).to_be_hidden()
    expect(total(page, "SOL")).to_have_attribute("value", OPENING_SOL)

    page.get_by_role("button", name="Start over").click()
    page.get_by_label("My own").check()
    page.locator("#reset-confirm").click()
    expect(page.locator("#reset-error")).to_have_text("Enter at least one amount")
    page.get_by_label("Amount to start with").fill("2,5")
    page.get_by_role("button", name="Another token").click()
    page.get_by_label("Amount to start with").last.fill("300")
    page.get_by_label("Token", exact=True).last.select_option("USDC")
    page.locator("#reset-confirm").click()
    expect(total(page, "SOL")).to_have_attribute("value", "2.5")
    expect(total(page, "USDC")).to_have_attribute("value", "300")


def test_the_ledger_is_read_page_by_page_and_stays_when_there_is_more(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{live_server}/portfolio")
    sign_up(page, "bookkeeper@example.org")
    for number in range(24):
        page.evaluate(
            """async (amount) => {
                const { token } = JSON.parse(localStorage.getItem("orders.session"));
                const headers = {
                    Authorization: `Bearer ${token}`, "Content-Type": "application/json"};
                const body = JSON.stringify({ token: "USDC", amount });
                await fetch("/api/account/faucet", { method: "POST", headers, body });
            }""",
            number + 1,
        )
    page.get_by_label("Ledger", exact=True).check()
    expect(page.locator("#ledger-rows tr")).to_have_count(20)
    expect(page.locator("#ledger-rows tr").first).to_contain_text("+24 USDC")
    page.locator("#more-ledger").click()
    expect(page.locator("#ledger-rows tr")).to_have_count(25)
    expect(page.locator("#ledger-rows tr").last).to_contain_text("Starting balances")
    page.get_by_label("Amount", exact=True).fill("7")
    page.get_by_role("button", name="Get from the faucet").click()
    expect(page.locator("#ledger-rows tr").first).to_contain_text("+7 SOL")
    expect(page.locator("#ledger-rows tr")).to_have_count(26)


def test_a_refusal_of_the_faucet_is_said_with_its_reason(
    live_server: str, open_page: OpenPage
) -> None:
    page = open_page(f"{live_server}/portfolio")
    sign_up(page, "greedy@example.org")
    page.get_by_label("Amount", exact=True).fill("100000000")
    page.get_by_role("button", name="Get from the faucet").click()
    expect(page.locator("#faucet-result")).to_contain_text("The faucet gives 100,000 USD an hour; ")
    expect(total(page, "SOL")).to_have_attribute("value", OPENING_SOL)
