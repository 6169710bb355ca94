"""The pages of the example in a real browser."""

from __future__ import annotations

from tests.browser import Browser, browser, screenshot  # noqa: F401
from tests.examples.conftest import Deploy
from tests.examples.example import PATIENCE


def test_a_dashboard_and_a_page(deployed: Deploy, browser: Browser) -> None:  # noqa: F811
    with deployed("browser-app") as example:
        example.follow_readme()
        with browser.page(width=900, height=600) as page:
            page.goto(example.urls["page"], timeout=PATIENCE * 1000)
            page.get_by_role("button", name="Add one of lamps").click()
            page.get_by_role("row", name="lamps 4").wait_for()
            screenshot(page, "browser-app-page")
            assert not browser.complaints
        with browser.page(width=900, height=700) as page:
            page.goto(example.urls["dashboard"], timeout=PATIENCE * 1000)
            metric = page.get_by_test_id("stMetric")
            metric.filter(has_text="pens").filter(has_text="12").wait_for()
            # What the page added is seen here: both ask the same service.
            metric.filter(has_text="lamps").filter(has_text="4").wait_for()
            page.get_by_role("button", name="Add one").click()
            metric.filter(has_text="pens").filter(has_text="13").wait_for()
            page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first.wait_for()
            screenshot(page, "browser-app-dashboard")
