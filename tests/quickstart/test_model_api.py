from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from types import ModuleType
from typing import Any

import httpx
import pytest
from flyte_runtime.testing import wired

# Other tests of the process declare aliases that this app does not have.
WIRED = partial(wired, {"train": "shop/development/train@v1"})


@pytest.fixture
async def client(model_api: ModuleType) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=model_api.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://model-api.test") as opened:
        yield opened


async def test_it_is_healthy_before_there_is_a_model(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize("path", ["/model", "/examples"])
async def test_without_a_model_it_says_so_and_when_to_come_back(
    client: httpx.AsyncClient, model_api: ModuleType, path: str
) -> None:
    model_api.shelf.looked.set()
    reply = await client.get(path)
    assert reply.status_code == 503
    assert "no model yet" in reply.json()["detail"]
    assert int(reply.headers["Retry-After"]) > 0


async def test_before_it_has_looked_it_does_not_say_that_there_is_no_model(client: httpx.AsyncClient) -> None:
    reply = await client.get("/model")
    assert reply.status_code == 503
    assert reply.json()["detail"] == "the model is being loaded, try again in 5 seconds"
    assert reply.headers["Retry-After"] == "5"


async def test_it_starts_once_it_has_looked_for_a_model(model_api: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, answer = asyncio.Event(), asyncio.Event()

    class Train:
        async def latest(self, *, succeeded: bool) -> None:
            looking.set()
            await answer.wait()

    monkeypatch.setattr(model_api, "train", Train())
    started = asyncio.Event()

    async def run() -> None:
        with WIRED():
            async with model_api.lifespan(model_api.app):
                started.set()

    running = asyncio.create_task(run())
    await asyncio.wait_for(looking.wait(), 60)
    await asyncio.sleep(0.1)
    assert not started.is_set()
    answer.set()
    await asyncio.wait_for(started.wait(), 60)
    await running


async def test_it_starts_although_the_control_plane_does_not_answer(
    model_api: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Train:
        async def latest(self, *, succeeded: bool) -> None:
            raise ConnectionError

    monkeypatch.setattr(model_api, "train", Train())
    monkeypatch.setattr(model_api, "FIRST_LOOK", 0.2)
    with WIRED():
        async with model_api.lifespan(model_api.app):
            assert not model_api.shelf.looked.is_set()


async def test_predictions_without_a_model_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/predictions", json={"rows": [[0] * 64]})).status_code == 503


async def test_predictions_are_the_models(
    client: httpx.AsyncClient, serve_model: Any, classifier: Any, split: list[Any]
) -> None:
    serve_model()
    answer = (await client.post("/predictions", json={"rows": split[1].tolist()})).json()
    assert answer["digits"] == classifier.predict(split[1]).tolist()
    assert answer["model"] == "r1"
    assert all(sum(odds) == pytest.approx(1) for odds in answer["probabilities"])


async def test_a_prediction_takes_less_than_ten_milliseconds(
    client: httpx.AsyncClient, serve_model: Any, split: list[Any]
) -> None:
    serve_model()
    question = {"rows": [split[1][0].tolist()]}
    times = []
    for _ in range(30):
        began = time.perf_counter()
        await client.post("/predictions", json=question)
        times.append(time.perf_counter() - began)
    # The fastest: the machine may be busy with something else.
    assert min(times) < 0.010


@pytest.mark.parametrize(
    "rows",
    [[], [[0] * 63], [[0] * 65], [[17] * 64], [[-1] * 64], [["ink"] * 64], [[0] * 64] * 1001, None],
    ids=["none", "short", "long", "too dark", "too light", "no number", "too many", "null"],
)
async def test_what_is_no_digit_is_refused(client: httpx.AsyncClient, serve_model: Any, rows: Any) -> None:
    serve_model()
    assert (await client.post("/predictions", json={"rows": rows})).status_code == 422


async def test_examples_are_held_out_rows_with_their_labels(
    client: httpx.AsyncClient, serve_model: Any, split: list[Any]
) -> None:
    serve_model()
    examples = (await client.get("/examples", params={"start": 10, "count": 3})).json()
    assert examples["rows"] == split[1][10:13].tolist()
    assert examples["labels"] == split[3][10:13].tolist()
    assert len(examples["predictions"]) == 3
