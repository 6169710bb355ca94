from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import flyte
import flyte_runtime as rt
import httpx
import joblib
import pytest

Serving = Callable[[Any], AbstractContextManager[str]]


def test_no_held_out_row_is_trained_with(split: list[Any]) -> None:
    training, held_out, labels, truth = split
    assert (len(training), len(held_out)) == (1347, 450)
    assert (len(labels), len(truth)) == (1347, 450)
    assert not {row.tobytes() for row in training} & {row.tobytes() for row in held_out}


def test_the_split_is_the_same_every_time(tasks: ModuleType, split: list[Any]) -> None:
    assert [part.tolist() for part in tasks.split()] == [part.tolist() for part in split]


async def test_train_keeps_the_model_and_what_it_says_about_held_out_rows(tasks: ModuleType, split: list[Any]) -> None:
    flyte.init()
    run = await flyte.with_runcontext(mode="local").run.aio(tasks.train, regularization=10.0)
    model_file, report_file = run.outputs()
    model = joblib.load(await model_file.download())
    report = json.loads(Path(await report_file.download()).read_text())
    assert report["rows"] == split[1].tolist()
    assert report["labels"] == split[3].tolist()
    assert report["predictions"] == model.predict(split[1]).tolist()
    assert model[-1].get_params()["C"] == pytest.approx(0.1)


async def test_evaluate_reports_what_the_served_model_is_worth(
    tasks: ModuleType, model_api: ModuleType, serving: Serving, serve_model: Any, classifier: Any, split: list[Any]
) -> None:
    serve_model()
    with serving(model_api.app) as url, rt.testing.wired({"model_api": url}):
        model, accuracy, matrix = await tasks.evaluate.func()
    right = int((classifier.predict(split[1]) == split[3]).sum())
    assert model == "r1"
    assert accuracy == pytest.approx(right / 450)
    assert accuracy > 0.95
    assert sum(matrix[digit][digit] for digit in range(10)) == right
    assert sum(map(sum, matrix)) == 450


async def test_evaluate_without_a_model_fails_instead_of_reporting_nothing(
    tasks: ModuleType, model_api: ModuleType, serving: Serving
) -> None:
    rt.testing.set_testing()
    try:
        with (
            serving(model_api.app) as url,
            rt.testing.wired({"model_api": url}),
            pytest.raises(httpx.HTTPStatusError, match="503"),
        ):
            await tasks.evaluate.func()
    finally:
        rt.testing.set_testing(False)
