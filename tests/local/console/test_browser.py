"""The console as people use it: headless Chromium, a mouse, a keyboard, light and dark, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PATIENCE_MS, Browser, screenshot
from tests.local.tasks.conftest import DOMAIN, PROJECT

from .conftest import PROGRAMS, SCOPE, Shop

expect.set_options(timeout=PATIENCE_MS)
MOST_TABS = 60


@pytest.fixture(scope="module")
def bill(shared_shop: Shop) -> str:
    """A run with children that has succeeded."""
    arguments = ["--customer", "Ada", "--items", '["tea", "milk", "sugar", "bread"]']
    printed = shared_shop.world.flyte("run", "--follow", str(PROGRAMS / "shop.py"), "bill", *arguments, cwd=PROGRAMS)
    address = re.search(r"/runs/(\w+)", printed)
    assert address is not None
    return address[1]


@pytest.fixture(autouse=True)
def _complaints(browser: Browser) -> Iterator[None]:
    """The browser refuses nothing of a page, and no script fails."""
    yield
    assert browser.complaints == []


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what has that accessible text has the focus, which must be visible all the way."""
    seen = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        text, outlined = page.evaluate(
            """() => { const e = document.activeElement;
                       return [(e.innerText || e.getAttribute("aria-label") || e.id || e.textContent).trim(),
                               getComputedStyle(e).outlineStyle !== "none"]; }"""
        )
        assert outlined, f"nobody sees that {text!r} has the focus"
        seen.append(text)
        if text == name or text.startswith(f"{name}\n"):
            return
    raise AssertionError(f"Tab reaches {seen}, not {name!r}")


def test_from_the_first_page_to_an_app_and_its_live_log(browser: Browser, shop: Shop) -> None:
    with browser.page() as page:
        page.goto(shop.url)
        page.get_by_role("link", name=f"{PROJECT} / {DOMAIN}").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{PROJECT} / {DOMAIN}")
        page.get_by_role("navigation", name="Kinds").get_by_role("link", name="Apps").click()
        screenshot(page, "console-apps")
        page.get_by_role("link", name="storefront").click()
        expect(page).to_have_title("storefront – Flyte, local")
        expect(page.get_by_text("Live.")).to_be_visible()
        log = page.get_by_role("region", name="The end of the log")
        shop.get(f"/apps/{PROJECT}/{DOMAIN}/storefront/<b>seen</b>".replace("<", "%3C").replace(">", "%3E"))
        expect(log).to_contain_text("asked for /%3Cb%3Eseen")
        screenshot(page, "console-app")
        page.get_by_label("Follow").uncheck()
        shop.get(f"/apps/{PROJECT}/{DOMAIN}/storefront/meanwhile")
        page.wait_for_timeout(1500)
        expect(log).not_to_contain_text("meanwhile")
        page.get_by_label("Follow").check()
        expect(log).to_contain_text("asked for /meanwhile")
        assert log.inner_text().count("meanwhile") == 1


def test_an_app_is_restarted_stopped_and_started_by_keyboard_only(browser: Browser, shop: Shop) -> None:
    shop.up("pressed")
    with browser.page() as page:
        page.goto(f"{shop.url}{SCOPE}/apps/pressed")
        page.keyboard.press("Tab")
        expect(page.get_by_text("Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        tab_to(page, "Restart")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").filter(has_text="Restarting")).to_be_visible()
        expect(page.locator('[data-status="message"]')).to_have_text("revision 2 is healthy")
        expect(page.get_by_role("region", name="The end of the log")).to_contain_text("ready")
        tab_to(page, "Stop")
        page.keyboard.press("Space")
        # Only the next page has this text. The page with the button shows the new phase as well, before it goes.
        expect(page.get_by_role("status").filter(has_text="Stopped.")).to_be_visible()
        expect(page.locator('[data-status="phase"]')).to_have_text("stopped")
        tab_to(page, "Start")
        page.keyboard.press("Enter")
        expect(page.locator('[data-status="phase"]')).to_have_text("active")
    shop.plane.delete("pressed")


def test_a_run_is_read_action_by_action(browser: Browser, shop: Shop, bill: str) -> None:
    with browser.page(height=1000) as page:
        page.goto(f"{shop.url}{SCOPE}/runs")
        page.get_by_role("link", name=bill).click()
        rows = page.get_by_role("region", name="Table of Action").get_by_role("row")
        expect(rows).to_have_count(6)
        expect(page.get_by_role("img", name=re.compile("queued .* running"))).to_have_count(5)
        screenshot(page, "console-run")
        tab_to(page, rows.nth(2).get_by_role("link").inner_text())
        page.keyboard.press("Enter")
        expect(page.locator("#action")).not_to_have_text("Action a0")
        expect(page.get_by_role("region", name="The end of the log")).to_contain_text("looked up")
        page.go_back()
        # Not opened: Flyte's frame around a report asks the Internet for a font.
        expect(page.get_by_role("link", name="Open the report")).to_be_visible()


def test_a_running_actions_log_comes_live_and_ends(browser: Browser, shop: Shop) -> None:
    run = shop.world.run(
        shop.world.shell("echo started; sleep 2; echo '<img src=x onerror=alert(1)>'; sleep 1; echo last")
    )
    shop.world.started(run)
    with browser.page() as page:
        page.goto(f"{shop.url}{SCOPE}/runs/{run.name}")
        log = page.get_by_role("region", name="The end of the log")
        expect(log).to_have_text("started\n<img src=x onerror=alert(1)>\nlast\n", use_inner_text=False)
        expect(page.get_by_text("The log has ended.")).to_be_visible()
        expect(page.locator('[data-status="phase"]')).to_have_text("succeeded")
        page.reload()
        expect(page.get_by_label("Follow")).to_have_count(0)


def test_a_run_is_aborted_from_its_page(browser: Browser, shop: Shop) -> None:
    run = shop.world.run(shop.world.shell("echo started; sleep 300"))
    shop.world.started(run)
    with browser.page() as page:
        page.goto(f"{shop.url}{SCOPE}/runs/{run.name}")
        page.get_by_role("button", name=f"Abort run {run.name}").click()
        expect(page.get_by_role("status").filter(has_text="Aborted, with everything")).to_be_visible()


def test_the_graph_leads_to_what_it_shows(browser: Browser, shop: Shop) -> None:
    with browser.page() as page:
        page.goto(f"{shop.url}{SCOPE}/graph")
        screenshot(page, "console-graph")
        page.get_by_role("region", name="Drawing of the wiring").get_by_role("link", name="orders").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("orders")


def test_a_trigger_is_switched_off_and_on(browser: Browser, shop: Shop) -> None:
    with browser.page() as page:
        page.goto(f"{shop.url}{SCOPE}/triggers")
        page.get_by_role("button", name="Deactivate nightly", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Deactivated")
        page.get_by_role("button", name="Activate nightly", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Activated")


def test_a_browser_is_let_into_a_guarded_app_and_finds_its_page(browser: Browser, shop: Shop) -> None:
    """The whole way, which crosses origins twice: the policy of the page, the form, the cookie, the link back."""
    app = f"http://back-office-{PROJECT}-{DOMAIN}.localhost:{shop.world.port}/"
    with browser.page() as page:
        page.goto(app)
        expect(page.get_by_role("heading", level=1)).to_have_text("Not let in")
        page.get_by_role("link", name="Its page in the console").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("back-office")
        page.get_by_role("button", name="Open in this browser").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Hello from the app")
        assert page.url == app
    browser.complaints[:] = [text for text in browser.complaints if "401" not in text and "favicon" not in text]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(browser: Browser, shop: Shop, bill: str, scheme: str) -> None:
    with browser.page(scheme="dark" if scheme == "dark" else "light") as page:
        for path in (SCOPE, f"{SCOPE}/runs", f"{SCOPE}/runs/{bill}", f"{SCOPE}/graph", f"{SCOPE}/apps/orders"):
            page.goto(shop.url + path)
            worst = page.evaluate(CONTRAST)
            assert worst[0] >= 4.5, f"{path}: {worst}"
            dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"
            assert dark == (scheme == "dark")
        if scheme == "dark":
            page.goto(f"{shop.url}{SCOPE}/runs/{bill}")
            screenshot(page, "console-dark")


def test_everything_but_live_logs_works_without_javascript(browser: Browser, shop: Shop, bill: str) -> None:
    shop.up("scriptless")
    with browser.page(javascript=False) as page:
        page.goto(f"{shop.url}{SCOPE}/apps/scriptless")
        expect(page.get_by_role("region", name="The end of the log")).to_have_text("ready\n")
        expect(page.get_by_label("Follow")).to_be_hidden()
        page.get_by_role("button", name="Stop scriptless").click()
        expect(page.locator('[data-status="phase"]')).to_have_text("stopped")
        page.goto(f"{shop.url}{SCOPE}/runs")
        page.get_by_label("Phase").select_option("succeeded")
        page.get_by_label("Task").fill("bill")
        page.get_by_role("button", name="Filter").click()
        expect(page.get_by_role("link", name=bill)).to_be_visible()
    shop.plane.delete("scriptless")


@pytest.mark.parametrize("path", ["", "/apps/orders", "/runs", "/tasks/shop.bill", "/triggers", "/graph"])
def test_what_can_be_used_has_a_name_and_pages_fit_a_phone(browser: Browser, shop: Shop, path: str) -> None:
    with browser.page(width=360) as page:
        page.goto(f"{shop.url}{SCOPE}{path}")
        assert page.evaluate(NAMELESS) == []
        for role in ("banner", "main"):
            expect(page.get_by_role(role)).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_phone_shows_each_cell_on_a_line_of_its_own_with_its_column(browser: Browser, shop: Shop, bill: str) -> None:
    with browser.page(width=390) as page:
        page.goto(f"{shop.url}{SCOPE}/runs")
        name = page.get_by_role("rowheader", name=bill)
        box = name.bounding_box()
        assert box is not None
        assert box["height"] < 40, "the name of a run is on one line"
        task = page.get_by_role("row", name=bill).get_by_role("cell", name="shop.bill")
        assert task.evaluate("e => getComputedStyle(e, '::before').content") == '"Task"'
        assert page.get_by_role("columnheader", name="Phase").count() == 1, "to a screen reader it is still a table"


def test_the_drawing_says_where_it_is_wider_than_the_screen(browser: Browser, shop: Shop) -> None:
    for width, shown in ((390, True), (1280, False)):
        with browser.page(width=width) as page:
            page.goto(f"{shop.url}{SCOPE}/graph")
            assert page.get_by_text("scroll it sideways").is_visible() == shown
            drawing = page.locator(".graph")
            assert drawing.evaluate("e => e.scrollWidth > e.clientWidth") == shown


# The lowest contrast of any text with what is behind it (WCAG 2.2, 1.4.3), and that text.
CONTRAST = """() => {
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (e) => { for (; e; e = e.parentElement) {
    const found = parts(getComputedStyle(e).backgroundColor);
    if (found.length < 4 || found[3] > 0) return found; } return [255, 255, 255]; };
  let worst = [99, ""];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const svg = e.closest("svg");
    const paper = svg ? parts(getComputedStyle(document.body).backgroundColor) : behind(e);
    const [a, b] = [light(parts(svg ? style.fill : style.color)), light(paper)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, walk.currentNode.data];
  }
  return worst;
}"""
# Links, buttons and fields that a screen reader would say nothing of.
NAMELESS = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, [tabindex]")]
  .filter((e) => e.tagName !== "MAIN" && !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length))
  .map((e) => e.outerHTML)"""
