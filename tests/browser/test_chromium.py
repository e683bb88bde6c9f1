"""The browser that all other browser tests need."""

from playwright.sync_api import Browser


def test_headless_chromium_renders_a_page_and_runs_its_script(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.set_content("<h1>…</h1><script>document.querySelector('h1').textContent = 6 * 7</script>")
    assert page.inner_text("h1") == "42"
    assert page.screenshot().startswith(b"\x89PNG")
    page.close()
