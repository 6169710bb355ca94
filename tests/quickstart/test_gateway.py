from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import ModuleType
from typing import Any

import flyte_runtime as rt
import httpx
import pytest
from flyte_runtime.errors import TaskError
from flyte_runtime.testing import FakeRun, FakeTask

KEY = "a-key-that-nobody-guesses"


@pytest.fixture
def wired(model_api: ModuleType) -> Iterator[None]:
    inputs = {
        "model_api": model_api.app,
        "train": "quickstart/development/digits.train@v1",
        "evaluate": "quickstart/development/digits.evaluate@v1",
    }
    with rt.testing.wired(inputs, secrets={"webhook-key": KEY}):
        yield


@pytest.fixture
async def client(gateway: ModuleType, wired: None) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=gateway.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as opened:
        yield opened


async def test_predictions_come_from_model_api(
    client: httpx.AsyncClient, serve_model: Any, classifier: Any, split: list[Any]
) -> None:
    serve_model()
    answer = (await client.post("/predictions", json={"rows": split[1][:5].tolist()})).json()
    assert answer["digits"] == classifier.predict(split[1][:5]).tolist()


async def test_what_model_api_refuses_is_refused_alike(client: httpx.AsyncClient, serve_model: Any) -> None:
    reply = await client.post("/predictions", json={"rows": []})
    assert reply.status_code == 422
    assert "rows" in reply.text


async def test_examples_keep_their_query(client: httpx.AsyncClient, serve_model: Any, split: list[Any]) -> None:
    serve_model()
    examples = (await client.get("/examples", params={"start": 7, "count": 2})).json()
    assert examples["rows"] == split[1][7:9].tolist()


@pytest.mark.parametrize("task", ["train", "evaluate"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer "},
        {"X": KEY},
    ],
    ids=["none", "wrong", "other scheme", "empty", "elsewhere"],
)
async def test_a_webhook_without_the_key_starts_nothing(
    client: httpx.AsyncClient, task: str, headers: dict[str, str]
) -> None:
    reply = await client.post(f"/webhooks/{task}", headers=headers)
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert KEY not in reply.text


@pytest.mark.parametrize("value", [0, -1, "much", 1e9])
async def test_a_training_that_cannot_be_is_refused_before_a_run(client: httpx.AsyncClient, value: Any) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    reply = await client.post("/webhooks/train", headers=headers, json={"regularization": value})
    assert reply.status_code == 422


async def test_a_model_api_that_does_not_answer_is_said_in_one_sentence(gateway: ModuleType) -> None:
    inputs = {"model_api": "http://127.0.0.1:9", "train": "a/b/c", "evaluate": "a/b/d"}
    transport = httpx.ASGITransport(app=gateway.app)
    rt.testing.set_testing()
    try:
        with rt.testing.wired(inputs, secrets={"webhook-key": KEY}):
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
                reply = await client.get("/model")
    finally:
        rt.testing.set_testing(False)
    assert reply.status_code == 503
    assert "model_api" in reply.json()["detail"]


async def test_results_that_cannot_be_read_any_more_are_no_fault_of_the_gateway(gateway: ModuleType) -> None:
    class Gone(FakeRun):
        async def outputs(self) -> rt.Outputs:
            raise TaskError("reading the outputs of run old: o0 is not there (any more)")

    evaluate = FakeTask(("m", 0.9, []))
    with rt.testing.wired({"model_api": "http://model.test", "train": FakeTask(), "evaluate": evaluate}):
        await rt.task("evaluate").start()
        evaluate.runs[0].__class__ = Gone
        transport = httpx.ASGITransport(app=gateway.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            answer = await client.get("/results")
    assert answer.status_code == 404
    assert "cannot be read: evaluate again" in answer.json()["detail"]
