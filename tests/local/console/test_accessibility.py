"""Every page through axe-core, the checker of Deque (npm's registry has it), in light and dark, wide and narrow."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from tests import npm
from tests.browser import Browser
from tests.local.apps.conftest import until
from tests.local.apps.test_replicas import scaling
from tests.local.tasks.conftest import DOMAIN, PROJECT

from .conftest import SCOPE, Shop

AXE = Path(__file__).parent / "axe"
SEVERE = ("serious", "critical")
WIDTHS = (1280, 390)
PAGES = (
    "/v2",
    "/v2/images",
    SCOPE,
    *(f"{SCOPE}/{kind}" for kind in ("apps", "runs", "tasks", "triggers", "secrets", "graph")),
    f"{SCOPE}/apps/orders",
    f"{SCOPE}/apps/dozing",
    f"{SCOPE}/apps/crashing",
    f"{SCOPE}/tasks/shop.bill",
    f"{SCOPE}/triggers/shop.tidy/nightly",
    f"{SCOPE}/apps/nothing-of-the-kind",
)
LISTS = ("/v2", "/images", "/runs", "/tasks", "/secrets", "/nightly", "/shop.bill")
RULES = """(rules) => axe.run(document, {
  resultTypes: ["violations"],
  ...(rules.length ? { runOnly: { type: "rule", values: rules } } : {}),
}).then(({ violations }) => violations.map(({ id, impact, nodes }) => [id, impact, nodes[0].html]))"""


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script, in the version that the lock file pins by its digest."""
    folder = tmp_path_factory.mktemp("axe")
    return (npm.installed(AXE, folder) / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def pages(shared_shop: Shop) -> tuple[str, ...]:
    """The addresses of all pages, of apps and runs in every state that people must tell apart."""
    shop = shared_shop
    shop.up("dozing", autoscaling=scaling(0, 1))
    shop.plane.create("crashing", ["sh", "-c", "echo ERROR: no disk; exit 3"])
    run = shop.world.run(shop.world.shell("echo WARNING: late; exit 1", "note:s", retries=1), note="first")
    shop.world.wait(run)
    shop.plane.wait("crashing", "failed")
    until(lambda: "Status asleep" in shop.page("/apps/dozing").words)
    host = f"http://{{}}-{PROJECT}-{DOMAIN}.localhost:{shop.world.port}/"
    return (
        *(shop.url + path for path in (*PAGES, f"{SCOPE}/runs/{run.name}")),
        host.format("back-office"),  # does not let the browser in
        host.format("crashing"),
    )


def findings(page: Page, rules: list[str]) -> list[str]:
    return [
        f"{page.url}: {rule} ({impact}) at {html} in {page.viewport_size}"
        for rule, impact, html in page.evaluate(RULES, rules)
        if impact in SEVERE
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_serious_to_say_about_any_page(
    browser: Browser, axe: str, pages: tuple[str, ...], scheme: Literal["light", "dark"]
) -> None:
    # Only colours differ in the dark, and lists have no colours of their own.
    rules = ["color-contrast"] if scheme == "dark" else []
    shown = [address for address in pages if scheme == "light" or not address.endswith(LISTS)]
    with browser.page(scheme=scheme) as page:
        serious = []
        for address in shown:
            page.goto(address)
            page.evaluate(axe)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                serious += findings(page, rules)
    assert serious == []


def test_axe_finds_what_is_wrong(browser: Browser, axe: str) -> None:
    with browser.page() as page:
        page.set_content('<main><p style="color:#aaa;background:#fff">pale</p><button></button></main>')
        page.evaluate(axe)
        assert {finding.split()[1] for finding in findings(page, [])} >= {"color-contrast", "button-name"}
