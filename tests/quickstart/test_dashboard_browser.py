"""The dashboard as a person opens it: Streamlit as an app of a real server, by the app's own host, in Chromium."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from flyte_runtime.contract import AppInput, Identity, Wiring
from playwright.sync_api import expect
from sklearn.metrics import confusion_matrix

from tests.browser import Browser, browser, screenshot  # noqa: F401
from tests.local.apps.conftest import PROJECT, Plane, running

from .conftest import QUICKSTART, listening
from .test_dashboard import RUNS

COMMAND = [
    *("python", "-m", "streamlit", "run", str(QUICKSTART / "dashboard.py"), "--server.port", "8080"),
    *("--server.address", "127.0.0.1", "--server.headless", "true", "--browser.gatherUsageStats", "false"),
]


def gateway(classifier: Any, split: list[Any]) -> FastAPI:
    """Return an app that answers as the quickstart's gateway does, with a model that was trained for the test."""
    _, rows, _, labels = split
    predicted = classifier.predict(rows)
    app = FastAPI()

    @app.get("/results")
    def results() -> dict[str, Any]:
        matrix = confusion_matrix(labels, predicted).tolist()
        return {"run": "r2", "model": "r1", "accuracy": float((predicted == labels).mean()), "matrix": matrix}

    @app.get("/examples")
    def examples(start: int, count: int) -> dict[str, Any]:
        shown = slice(start, start + count)
        return {
            "rows": rows[shown].tolist(),
            "labels": labels[shown].tolist(),
            "predictions": predicted[shown].tolist(),
        }

    @app.post("/predictions")
    def predictions(question: dict[str, Any]) -> dict[str, Any]:
        digits = classifier.predict(question["rows"]).tolist()
        odds = classifier.predict_proba(question["rows"]).tolist()
        return {"digits": digits, "probabilities": odds, "model": "r1"}

    @app.get("/runs")
    def runs() -> dict[str, Any]:
        return {"runs": RUNS}

    return app


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    with running(tmp_path) as made:
        yield made


def test_a_browser_sees_the_models_accuracy_predictions_and_runs(
    browser: Browser,  # noqa: F811
    plane: Plane,
    classifier: Any,
    split: list[Any],
) -> None:
    accuracy = float((classifier.predict(split[1]) == split[3]).mean())
    right = int((classifier.predict(split[1][:6]) == split[3][:6]).sum())
    with listening(gateway(classifier, split)) as url:
        callee = AppInput(project=PROJECT, domain="development", name="gateway", url=url)
        identity = Identity(kind="app", project=PROJECT, domain="development", name="dashboard")
        wiring = Wiring(identity=identity, inputs={"gateway": callee}).to_json()
        variables = {"FLYTE_WIRING": wiring, "GATEWAY": url, "FLYTE_HEALTH_PATH": "/_stcore/health"}
        plane.create("dashboard", COMMAND, env=variables, headers={"x-flyte-local-python": sys.executable})
        plane.wait("dashboard", seconds=120)
        with browser.page(height=900) as page:
            page.goto(f"http://dashboard-{PROJECT}-development.localhost:{plane.port}/")
            expect(page.get_by_role("heading", name="Handwritten digits")).to_be_visible()
            expect(page.get_by_text(f"{accuracy:.2%}")).to_be_visible()
            expect(page.get_by_text("right", exact=True)).to_have_count(right)
            # Drawn on a canvas, whose text is there for screen readers.
            expect(page.get_by_test_id("stDataFrame")).to_contain_text(RUNS[0]["run"])
            expect(page.locator("canvas.marks, .vega-embed canvas, .vega-embed svg").first).to_be_visible()
            expect(page.locator('[data-stale="true"]')).to_have_count(0)
            screenshot(page, "quickstart-dashboard")
