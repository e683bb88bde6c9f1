"""The browser that all other browser tests need."""

from playwright.sync_api import sync_playwright

from tests.browser.chromium import launch_options


def test_headless_chromium_renders_a_page_and_runs_its_script() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page(viewport={"width": 360, "height": 640})
        page.set_content(
            "<h1>…</h1><script>document.querySelector('h1').textContent = 6 * 7</script>"
        )
        picture = page.screenshot()
        heading = page.inner_text("h1")
        browser.close()
    assert heading == "42"
    assert picture.startswith(b"\x89PNG")
