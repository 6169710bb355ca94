"""The page, run by Streamlit's own test runner against a server that answers as the gateway does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flyte_runtime as rt
from fastapi import FastAPI, HTTPException
from streamlit.testing.v1 import AppTest

from .conftest import QUICKSTART, listening

RUNS = [{"task": "train", "run": "r1", "phase": "succeeded", "started": "2030-01-01T00:00:00Z"}]


def stand_in(with_model: bool) -> FastAPI:
    app = FastAPI()

    @app.get("/results")
    def results() -> dict[str, Any]:
        if not with_model:
            raise HTTPException(404)
        matrix = [[45 if a == b else 0 for b in range(10)] for a in range(10)]
        return {"run": "r2", "model": "r1", "accuracy": 0.9689, "matrix": matrix}

    @app.get("/examples")
    def examples(start: int, count: int) -> dict[str, Any]:
        if not with_model:
            raise HTTPException(503)
        return {"rows": [[8] * 64] * count, "labels": [3] * count, "predictions": [3] * count}

    @app.post("/predictions")
    def predictions(question: dict[str, Any]) -> dict[str, Any]:
        count = len(question["rows"])
        digits = [3] * (count - 1) + [8]
        return {"digits": digits, "probabilities": [[0.9] + [0.1 / 9] * 9] * count, "model": "r1"}

    @app.get("/runs")
    def runs() -> dict[str, Any]:
        return {"runs": RUNS if with_model else []}

    return app


@contextmanager
def page(with_model: bool) -> Iterator[AppTest]:
    with listening(stand_in(with_model)) as url, rt.testing.wired({"gateway": url}):
        yield AppTest.from_file(str(QUICKSTART / "dashboard.py"), default_timeout=60).run()


def test_it_shows_accuracy_predictions_and_runs() -> None:
    with page(with_model=True) as shown:
        assert not shown.exception
        assert [metric.value for metric in shown.metric] == ["96.89%", "r1"]
        verdicts = [text.value for text in shown.markdown if text.value.startswith(":")]
        assert verdicts == [":green[right]"] * 5 + [":red[it is a 3]"]
        assert shown.dataframe[0].value.to_dict("records") == RUNS


def test_without_a_model_it_says_what_is_missing() -> None:
    with page(with_model=False) as shown:
        assert not shown.exception
        assert [info.value for info in shown.info] == [
            "No evaluation yet: `make up` starts one, or a webhook does.",
            "No model is served yet.",
        ]
