"""The dashboard as a person opens it: Streamlit as an app of a real server, by the app's own host, in Chromium."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flyte_runtime.contract import AppInput, Identity, Wiring
from playwright.sync_api import expect

from tests.browser import PATIENCE_MS, Browser, browser, screenshot  # noqa: F401
from tests.local.apps.conftest import PROJECT, Plane, running

from .conftest import QUICKSTART, listening
from .test_dashboard import RUNS, stand_in

COMMAND = [
    *("python", "-m", "streamlit", "run", str(QUICKSTART / "dashboard.py"), "--server.port", "8080"),
    *("--server.address", "127.0.0.1", "--server.headless", "true", "--browser.gatherUsageStats", "false"),
]


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    with running(tmp_path) as made:
        yield made


def test_a_browser_sees_the_models_accuracy_predictions_and_runs(browser: Browser, plane: Plane) -> None:  # noqa: F811
    with listening(stand_in(with_model=True)) as url:
        gateway = AppInput(project=PROJECT, domain="development", name="gateway", url=url)
        identity = Identity(kind="app", project=PROJECT, domain="development", name="dashboard")
        wiring = Wiring(identity=identity, inputs={"gateway": gateway}).to_json()
        variables = {"FLYTE_WIRING": wiring, "GATEWAY": url, "FLYTE_HEALTH_PATH": "/_stcore/health"}
        plane.create("dashboard", COMMAND, env=variables, headers={"x-flyte-local-python": sys.executable})
        plane.wait("dashboard", seconds=120)
        with browser.page(height=900) as page:
            page.goto(f"http://dashboard-{PROJECT}-development.localhost:{plane.port}/")
            expect(page.get_by_role("heading", name="Handwritten digits")).to_be_visible(timeout=PATIENCE_MS)
            expect(page.get_by_text("96.89%")).to_be_visible(timeout=PATIENCE_MS)
            expect(page.get_by_text("right", exact=True)).to_have_count(5, timeout=PATIENCE_MS)
            expect(page.get_by_text("it is a 3")).to_be_visible(timeout=PATIENCE_MS)
            # Drawn on a canvas, whose text is there for screen readers.
            expect(page.get_by_test_id("stDataFrame")).to_contain_text(RUNS[0]["run"], timeout=PATIENCE_MS)
            expect(page.locator("canvas.marks, .vega-embed canvas, .vega-embed svg").first).to_be_visible()
            screenshot(page, "quickstart-dashboard")
