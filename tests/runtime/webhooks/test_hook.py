"""A webhook in FastAPI and in plain Starlette: both refuse, handle, count and log deliveries in the same way."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from fastapi import Depends, FastAPI, HTTPException
from flyte_runtime.errors import FlyteRuntimeError, WebhookError
from flyte_runtime.serving.access_log import AccessLog
from flyte_runtime.webhooks import (
    ApiKey,
    Bearer,
    Delivery,
    Env,
    FileReplays,
    GitHub,
    MemoryReplays,
    Rate,
    Refused,
    StandardWebhooks,
    Webhook,
)
from limits.errors import ConfigurationError
from limits.storage import MemoryStorage
from pydantic import BaseModel, Field
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.runtime.webhooks import senders
from tests.runtime.webhooks.door import Door
from tests.runtime.webhooks.senders import KEY, STANDARD_KEY, Sent

Handler = Callable[[Delivery[Any]], Awaitable[Any]]
BODY = b'{"number": 1}'


class Order(BaseModel):
    number: int
    lines: list[dict[str, int]] = []


def fastapi_door(hook: Webhook[Any], handler: Handler, scope: Literal["function", "request"] = "request") -> Door:
    app = FastAPI()

    async def handle(delivery: Annotated[Delivery[Any], Depends(hook)]) -> Any:
        return await handler(delivery)

    dependency = Depends(hook, scope="function") if scope == "function" else Depends(hook)
    handle.__annotations__ = {"delivery": Annotated[Delivery[Any], dependency]}
    app.post("/hook")(handle)
    return Door(app)


def starlette_door(hook: Webhook[Any], handler: Handler) -> Door:
    return Door(Starlette(routes=[Route("/hook", hook.endpoint(handler), methods=["POST"])]))


@pytest.fixture(params=[fastapi_door, starlette_door], ids=["fastapi", "starlette"])
def door(request: pytest.FixtureRequest) -> Callable[[Webhook[Any], Handler], Door]:
    made: Callable[[Webhook[Any], Handler], Door] = request.param
    return made


class Log:
    """A handler that records its deliveries. It raises `fails`, if that is set."""

    def __init__(self) -> None:
        self.seen: list[Delivery[Any]] = []
        self.fails: Exception | None = None

    async def __call__(self, delivery: Delivery[Any]) -> dict[str, str]:
        self.seen.append(delivery)
        if self.fails is not None:
            raise self.fails
        return {"answer": "yes"}


async def test_a_delivery_arrives_with_all_that_is_known_of_it(door: Any) -> None:
    log = Log()
    hook = Webhook(GitHub(KEY), model=Order, replays=MemoryReplays())
    answer = await door(hook, log).send(senders.github(BODY, delivery="d1"))
    assert (answer.status, json.loads(answer.body)) == (200, {"answer": "yes"})
    (delivery,) = log.seen
    assert delivery.payload == Order(number=1)
    assert (delivery.id, delivery.event, delivery.key, delivery.body) == ("d1", "push", "key 1", BODY)
    assert delivery.idempotency_key == "webhook/github/d1"
    assert "number" not in repr(delivery).replace("Order(number=1", "")


async def test_without_a_model_the_payload_is_the_json(door: Any) -> None:
    log = Log()
    served = door(Webhook(Bearer(KEY)), log)
    for body, value in ((b'{"a": [1]}', {"a": [1]}), (b"null", None), (b'"x"', "x")):
        assert (await served.send(senders.bearer(body))).status == 200
        assert log.seen[-1].payload == value
        assert log.seen[-1].idempotency_key is None


@pytest.mark.parametrize(
    ("scheme", "send"),
    [
        (GitHub(KEY), lambda: senders.github(BODY, delivery="d")),
        (StandardWebhooks(STANDARD_KEY), lambda: senders.standard(BODY, time.time(), delivery="d")),
        (Bearer(KEY), lambda: senders.bearer(BODY, delivery="d")),
        (ApiKey(KEY), lambda: senders.api_key(BODY, delivery="d")),
    ],
    ids=["github", "standard", "bearer", "api_key"],
)
async def test_a_replay_is_answered_and_not_handled(door: Any, scheme: Any, send: Callable[[], Sent]) -> None:
    log, sent = Log(), send()
    hook = Webhook(scheme, replays=MemoryReplays())
    served = door(hook, log)
    assert (await served.send(sent)).status == 200
    for _ in range(3):
        again = await served.send(sent)
        assert (again.status, again.detail) == (200, {"duplicate": "d", "runs": []})
    assert len(log.seen) == 1


async def test_an_id_with_another_body_is_another_call(door: Any) -> None:
    log = Log()
    served = door(Webhook(Bearer(KEY), replays=MemoryReplays()), log)
    for body in (b"1", b"2", b"1"):
        await served.send(senders.bearer(body, delivery="same"))
    assert [delivery.payload for delivery in log.seen] == [1, 2]


async def test_of_concurrent_deliveries_one_is_handled(door: Any, tmp_path: Path) -> None:
    inside, leave = asyncio.Event(), asyncio.Event()
    count = 0

    async def handler(delivery: Delivery[Any]) -> dict[str, str]:
        nonlocal count
        count += 1
        inside.set()
        await leave.wait()
        return {}

    served = door(Webhook(GitHub(KEY), replays=FileReplays(tmp_path)), handler)
    sent = senders.github(BODY)
    first = asyncio.create_task(served.send(sent))
    await inside.wait()
    others = await asyncio.gather(*(served.send(sent) for _ in range(20)))
    assert {(answer.status, answer.headers[b"retry-after"]) for answer in others} == {(409, b"5")}
    leave.set()
    assert (await first).status == 200
    assert (await served.send(sent)).detail["duplicate"]
    assert count == 1


@pytest.mark.parametrize(
    "error", [ValueError("boom"), HTTPException(503), HTTPException(404), asyncio.CancelledError()]
)
async def test_a_delivery_that_failed_may_come_again(door: Any, error: Any) -> None:
    log = Log()
    log.fails = error
    served = door(Webhook(GitHub(KEY), replays=MemoryReplays()), log)
    sent = senders.github(BODY)
    if isinstance(error, HTTPException):
        assert (await served.send(sent)).status == error.status_code
    else:
        with pytest.raises(type(error)):
            await served.send(sent)
    log.fails = None
    assert (await served.send(sent)).status == 200
    assert (await served.send(sent)).detail["duplicate"]
    assert len(log.seen) == 2


async def test_a_response_of_400_or_more_is_a_failure_too() -> None:
    answers = [503, 422, 202]

    async def handler(delivery: Delivery[Any]) -> Response:
        return Response(status_code=answers.pop(0))

    served = starlette_door(Webhook(GitHub(KEY), replays=MemoryReplays()), handler)
    sent = senders.github(BODY)
    assert [(await served.send(sent)).status for _ in range(4)] == [503, 422, 202, 200]


@pytest.mark.parametrize("under_serve", [True, False])
async def test_fastapi_tells_what_a_response_said_only_under_rt_serve(under_serve: bool) -> None:
    answers = [503, 422, 202]

    async def handler(delivery: Delivery[Any]) -> Response:
        return Response(status_code=answers.pop(0) if answers else 299)

    served = fastapi_door(Webhook(GitHub(KEY), replays=MemoryReplays()), handler)
    if under_serve:
        served = Door(AccessLog(served._app))
    sent = senders.github(BODY)
    statuses = [(await served.send(sent)).status for _ in range(4)]
    assert statuses == ([503, 422, 202, 200] if under_serve else [503, 200, 200, 200])


async def test_where_the_dependency_ends_before_the_answer_is_sent_the_answer_counts_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """So it is with scope="function", and before FastAPI 0.118 always."""
    caplog.set_level(logging.INFO, "flyte_runtime.audit")
    answers = [503, 422, 202]

    async def handler(delivery: Delivery[Any]) -> Response:
        return Response(status_code=answers.pop(0))

    hook = Webhook(GitHub(KEY), replays=MemoryReplays())
    served = Door(AccessLog(fastapi_door(hook, handler, scope="function")._app))
    sent = senders.github(BODY)
    assert [(await served.send(sent)).status for _ in range(4)] == [503, 422, 202, 200]
    lines = [json.loads(record.message) for record in caplog.records if record.name == "flyte_runtime.audit"]
    outcomes = [(line["outcome"], line["status"]) for line in lines]
    assert outcomes == [("failed", 503), ("refused", 422), ("accepted", 202), ("duplicate", 200)]


@pytest.mark.parametrize("scope", ["request", "function"])
async def test_work_that_fails_after_the_answer_may_come_again_and_the_line_says_what_was_answered(
    scope: Literal["function", "request"], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "flyte_runtime.audit")
    fails = [True, False]

    async def work() -> None:
        if fails.pop(0):
            raise ValueError("boom")

    async def handler(delivery: Delivery[Any]) -> Response:
        return Response(status_code=202, background=BackgroundTask(work))

    hook = Webhook(GitHub(KEY), replays=MemoryReplays())
    served = Door(AccessLog(fastapi_door(hook, handler, scope)._app))
    sent = senders.github(BODY)
    with pytest.raises(ValueError, match="boom"):
        await served.send(sent)
    assert [(await served.send(sent)).status for _ in range(2)] == [202, 200]
    lines = [json.loads(record.message) for record in caplog.records if record.name == "flyte_runtime.audit"]
    outcomes = [(line["outcome"], line["status"], line.get("reason")) for line in lines]
    assert outcomes[:2] == [("failed", 202, "ValueError"), ("accepted", 202, None)]
    assert outcomes[2][:2] == ("duplicate", 200)
    levels = [record.levelname for record in caplog.records if record.name == "flyte_runtime.audit"]
    assert levels == ["ERROR", "INFO", "INFO"]


async def test_an_answer_that_was_never_sent_is_a_failure() -> None:
    log = Log()
    inner = fastapi_door(Webhook(GitHub(KEY), replays=MemoryReplays()), log, scope="function")._app

    async def loses(scope: Any, receive: Any, send: Any) -> None:
        async def send_nothing(message: Any) -> None:
            raise OSError("the connection is lost")

        await inner(scope, receive, send_nothing)

    sent = senders.github(BODY)
    for _ in range(2):
        with pytest.raises(OSError, match="lost"):
            await Door(AccessLog(loses)).send(sent)
    assert len(log.seen) == 2


async def test_githubs_id_is_not_signed_so_its_body_counts_as_well(door: Any) -> None:
    log, now = Log(), [1000.0]
    served = door(Webhook(GitHub(KEY), replays=MemoryReplays(), clock=lambda: now[0]), log)
    assert (await served.send(senders.github(BODY, delivery="a"))).status == 200
    replay = await served.send(senders.github(BODY, delivery="b"))
    assert replay.detail == {"duplicate": "b", "runs": []}
    now[0] += 301
    assert (await served.send(senders.github(BODY, delivery="c"))).status == 200
    assert len(log.seen) == 2
    trusting = door(Webhook(GitHub(KEY, same_body=0), replays=MemoryReplays()), log)
    for delivery in "abc":
        await trusting.send(senders.github(BODY, delivery=delivery))
    assert len(log.seen) == 5


async def test_events_that_do_not_count_are_answered_and_left(door: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "flyte_runtime.audit")
    log = Log()
    served = door(Webhook(GitHub(KEY), model=Order, events={"push"}, replays=MemoryReplays()), log)
    answer = await served.send(senders.github(b'{"zen": "Design for failure."}', event="ping"))
    assert (answer.status, answer.detail) == (200, {"ignored": "ping"})
    assert not log.seen
    line = json.loads(caplog.records[-1].message)
    assert (line["outcome"], line["status"], line["event"]) == ("ignored", 200, "ping")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (b"application/json", 200),
        (b"Application/JSON; charset=UTF-8", 200),
        (b'application/json;charset="utf-8"', 200),
        (b"application/cloudevents+json", 200),
        (b"application/json; charset=latin-1", 415),
        (b"application/x-www-form-urlencoded", 415),
        (b"text/json-like", 415),
        (b"", 415),
        (b"application/json, text/plain", 415),
    ],
)
async def test_content_types(door: Any, content_type: bytes, status: int) -> None:
    served = door(Webhook(Bearer(KEY)), Log())
    assert (await served.send(senders.bearer(BODY).having(b"content-type", content_type))).status == status


async def test_a_body_that_is_compressed_or_not_typed_is_refused(door: Any) -> None:
    served = door(Webhook(Bearer(KEY)), Log())
    form = await served.send(senders.bearer(BODY).having(b"content-type", b"application/x-www-form-urlencoded"))
    assert "the sender sends a form, as GitHub does by default; choose application/json" in form.detail
    assert (await served.send(senders.bearer(BODY).having(b"content-type"))).status == 415
    assert (await served.send(senders.bearer(BODY).having(b"content-encoding", b"gzip"))).status == 415
    assert (await served.send(senders.bearer(BODY).having(b"content-encoding", b"identity"))).status == 200


@pytest.mark.parametrize("model", [None, Order, dict[str, float]])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"\xff", b"\xef\xbb\xbf{}", b'"\\ud800"', b"NaN",
     b'{"number": NaN}', b'{"number": -Infinity}', b"1" * 5000, b"1e999",
     b'{"number": 1, "else": [{"a": -1E+0400}]}', b'{"number": ' + b"1" * 400 + b".0}"],
    ids=lambda body: repr(body[:12]) if body is not None else "",
)  # fmt: skip
async def test_what_is_no_json_is_400(door: Any, body: bytes, model: Any) -> None:
    log = Log()
    answer = await door(Webhook(Bearer(KEY), model=model), log).send(senders.bearer(body))
    assert (answer.status, log.seen) == (400, [])
    assert "the body is not valid JSON" in answer.detail


async def test_what_does_not_fit_the_model_is_422_with_paths_and_without_values(door: Any) -> None:
    body = b'{"number": "s3cret", "lines": [{"a": 1}, {"b": "s3cret"}]}'
    answer = await door(Webhook(Bearer(KEY), model=Order), Log()).send(senders.bearer(body))
    assert answer.status == 422
    assert [problem["loc"] for problem in answer.detail] == [["body", "number"], ["body", "lines", 1, "b"]]
    assert all({"msg", "type"} <= problem.keys() for problem in answer.detail)
    assert b"s3cret" not in answer.body


async def test_a_flood_of_problems_is_cut(door: Any) -> None:
    body = json.dumps({"number": 1, "lines": [{"a": "x"}] * 10_000}).encode()
    answer = await door(Webhook(Bearer(KEY), model=Order), Log()).send(senders.bearer(body))
    assert answer.status == 422
    assert len(answer.detail) == 20


async def test_a_handler_may_answer_with_models(door: Any) -> None:
    class Answer(BaseModel):
        made: date = Field(alias="madeOn")
        order: Order

    async def handler(delivery: Delivery[Order]) -> dict[str, Any]:
        return {"answer": Answer(madeOn=date(2024, 2, 29), order=delivery.payload), "parts": (1, {2})}

    answer = await door(Webhook(Bearer(KEY), model=Order), handler).send(senders.bearer(BODY))
    expected = {"answer": {"madeOn": "2024-02-29", "order": {"number": 1, "lines": []}}, "parts": [1, [2]]}
    assert json.loads(answer.body) == expected


def test_an_endpoint_around_a_function_that_is_not_async_is_told_at_once() -> None:
    def ship(delivery: Delivery[Any]) -> str:
        return ""

    hook = Webhook(Bearer(KEY))
    wrong: list[Any] = [ship, lambda delivery: {}]
    for handler in wrong:
        with pytest.raises(WebhookError, match=r"(ship|<lambda>): a webhook's handler must be async def"):
            hook.endpoint(handler)

    class Shop:
        async def ship(self, delivery: Delivery[Any], where: str = "") -> str:
            return where

    for fine in (Log(), Shop().ship, partial(Shop().ship, where="here")):
        hook.endpoint(fine)


async def test_the_rate_of_an_address_is_counted_before_anything_else(door: Any) -> None:
    served = door(Webhook(Bearer(KEY), rate=Rate(per_address="3/hour")), Log())
    wrong = senders.bearer(BODY, key="wrong")
    statuses = [(await served.send(wrong, client="192.0.2.9")).status for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    limited = await served.send(senders.bearer(BODY), client="192.0.2.9")
    assert limited.status == 429
    assert 1 <= int(limited.headers[b"retry-after"]) <= 3600
    assert (await served.send(senders.bearer(BODY), client="192.0.2.10")).status == 200
    network = [f"2001:db8::{n:x}" for n in range(3)] + ["2001:db8::ffff:0:1", "2001:db8:0:1::1"]
    assert [(await served.send(wrong, client=address)).status for address in network] == [401, 401, 401, 429, 401]


async def test_the_rate_of_a_key_is_its_own(door: Any) -> None:
    served = door(Webhook(Bearer({"ci": "a", "shop": "b"}), rate=Rate(per_key="2/hour")), Log())
    of_ci, of_shop = senders.bearer(BODY, key="a"), senders.bearer(BODY, key="b")
    assert [(await served.send(of_ci)).status for _ in range(3)] == [200, 200, 429]
    assert (await served.send(of_shop)).status == 200
    for _ in range(5):  # strangers use up nothing
        assert (await served.send(senders.bearer(BODY, key="c"))).status == 401
    assert (await served.send(of_shop)).status == 200


class Unusable(MemoryStorage):
    """A storage that limits finds by the URI's scheme and cannot make."""

    STORAGE_SCHEME = ["unusable"]  # noqa: RUF012
    error: Exception

    def __init__(self, uri: str | None = None, **options: Any) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (OSError("no unusable://user:pr1vate@127.0.0.1:1"), "OSError"),
        (ConfigurationError("Missing host or port in location pr1vate@127.0.0.1"), "ConfigurationError"),
        (ConfigurationError("'redis' prerequisite not available."), "'redis' prerequisite not available."),
        (ConfigurationError("The minimum version of 3 for 'redis'"), "The minimum version of 3 for 'redis'"),
    ],
)
async def test_a_rate_that_cannot_be_counted_is_503(
    door: Any, error: Exception, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log()
    Unusable.error = error
    storage = "unusable://user:pr1vate@127.0.0.1:1"
    for rate in (Rate(per_address="9/minute", storage=storage), Rate(per_key="9/minute", storage=storage)):
        answer = await door(Webhook(Bearer(KEY), rate=rate), log).send(senders.bearer(BODY))
        assert (answer.status, answer.headers[b"retry-after"]) == (503, b"30")
        reason = json.loads(caplog.records[-1].message)["reason"]
        assert reason == f"the deliveries cannot be counted in the rate's storage=: {shown}"
    assert not log.seen
    assert "pr1vate" not in caplog.text


@pytest.mark.parametrize(
    ("storage", "problem"),
    [
        ("rediss+cluster://user:pr1vate@h", r"begins with 'rediss\+cluster://' \(did you mean 'redis\+cluster'\?\)"),
        ("async+redis://user:pr1vate@h", r"begins with 'async\+redis://'"),  # a count that nobody awaits limits nothing
        ("pr1vate@localhost:6379", "has no '://'"),
    ],
)
def test_a_storage_of_no_known_kind_is_told_at_once(storage: str, problem: str) -> None:
    with pytest.raises(
        WebhookError, match=rf"the rate's storage= {problem}.*: expected '://' after one of .*redis,"
    ) as caught:
        Rate(per_key="9/minute", storage=storage)
    assert "pr1vate" not in str(caught.value)


class Slow(MemoryStorage):
    """A storage that answers when the test lets it, like one behind a slow network. limits finds it by its scheme."""

    STORAGE_SCHEME = ["slow"]  # noqa: RUF012
    called, answers = threading.Event(), threading.Event()

    def acquire_sliding_window_entry(self, *arguments: Any, **keywords: Any) -> bool:
        self.called.set()
        assert self.answers.wait(60), "the other delivery was not handled meanwhile"
        return super().acquire_sliding_window_entry(*arguments, **keywords)


async def test_counting_over_the_network_does_not_stop_the_others(door: Any) -> None:
    Slow.called.clear()
    Slow.answers.clear()
    served = door(Webhook(Bearer(KEY), rate=Rate(per_key="1/hour", storage="slow://")), Log())
    counted = asyncio.create_task(served.send(senders.bearer(BODY)))
    assert await asyncio.to_thread(Slow.called.wait, 60)
    other = await door(Webhook(Bearer(KEY)), Log()).send(senders.bearer(BODY))
    assert (other.status, counted.done()) == (200, False)
    Slow.answers.set()
    assert (await counted).status == 200
    assert (await served.send(senders.bearer(BODY))).status == 429


async def test_each_delivery_is_one_line_of_json_without_secrets(door: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "flyte_runtime.audit")
    log = Log()
    served = door(Webhook(GitHub(KEY), replays=MemoryReplays(), name="shop"), log)
    sent = senders.github(b'{"s3cret": 1}', delivery="d1")
    await served.send(sent)
    await served.send(sent)
    await served.send(sent.having(b"x-hub-signature-256", b"sha256=" + b"0" * 64))
    await served.send(sent.having(b"x-github-delivery", b"d\r\n{}"))
    log.fails = HTTPException(502, "s3cret")
    await served.send(senders.github(b'{"s3cret": 2}', delivery="d2"))
    lines = [json.loads(record.message) for record in caplog.records]
    outcomes = [(line["outcome"], line["status"], line.get("delivery"), line.get("key")) for line in lines]
    assert outcomes == [
        ("accepted", 200, "d1", "key 1"),
        ("duplicate", 200, "d1", "key 1"),
        ("refused", 401, None, None),
        ("refused", 400, None, None),
        ("failed", 502, "d2", "key 1"),
    ]
    assert {(line["hook"], line["scheme"], line["address"]) for line in lines} == {("shop", "github", "192.0.2.1")}
    assert lines[0]["bytes"] == len(sent.body)
    assert lines[0]["event"] == "push"
    levels = [record.levelname for record in caplog.records]
    assert levels == ["INFO", "INFO", "WARNING", "WARNING", "ERROR"]
    for secret in (KEY, "s3cret", sent.value(b"x-hub-signature-256").decode(), "\n"):
        assert secret not in "".join(record.message for record in caplog.records)


async def test_without_a_key_nobody_comes_in_and_the_log_says_why(
    door: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOOK_KEY", raising=False)
    log = Log()
    served = door(Webhook(GitHub(Env("HOOK_KEY")), replays=MemoryReplays()), log)
    answer = await served.send(senders.github(BODY, key=""))
    assert (answer.status, log.seen) == (503, [])
    assert b"HOOK_KEY" not in answer.body
    assert "the webhook has no key: Env(name='HOOK_KEY')" in caplog.text
    monkeypatch.setenv("HOOK_KEY", KEY)
    assert (await served.send(senders.github(BODY))).status == 200


async def test_without_its_store_a_webhook_takes_nothing(door: Any, tmp_path: Path) -> None:
    log = Log()
    served = door(Webhook(GitHub(KEY), replays=FileReplays(tmp_path)), log)
    assert (await served.send(senders.github(BODY))).status == 200
    holding = sqlite3.connect(tmp_path / "deliveries.sqlite", isolation_level=None)
    holding.execute("begin immediate")
    answer = await served.send(senders.github(b'{"number": 2}'))
    assert (answer.status, len(log.seen)) == (503, 1)
    holding.execute("rollback")
    holding.close()
    assert (await served.send(senders.github(b'{"number": 2}'))).status == 200


def app_with(*routes: tuple[str, Callable[..., Any], dict[str, Any]], **options: Any) -> Door:
    """Routes with annotations that name what is local to a test."""
    app = FastAPI(**options)
    for path, handle, parameters in routes:
        handle.__annotations__ = parameters
        app.post(path)(handle)
    return Door(app)


async def test_a_body_that_the_route_declares_was_read_without_a_bound_and_is_handled_by_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hook = Webhook(GitHub(KEY), replays=MemoryReplays(), max_body=100)
    handled = []

    async def beside(delivery: Any, order: Any) -> None:
        handled.append(order)

    async def below(order: Any) -> None:
        handled.append(order)

    own = app_with(("/hook", beside, {"delivery": Annotated[Delivery[Any], Depends(hook)], "order": Order}))
    wide = app_with(("/hook", below, {"order": Order}), dependencies=[Depends(hook)])
    for door in (own, wide):
        assert (await door.send(senders.github(BODY))).status == 503
        assert (await door.send(senders.github(b'{"number": 1}' + b" " * 100))).status == 503
        assert "declare no body or form parameter in this route" in caplog.records[-1].message
    assert not handled


@pytest.mark.parametrize("other", [Webhook(Bearer(KEY), name="other"), None], ids=["another", "not cached"])
async def test_a_second_webhook_in_a_route_is_told_of_the_first(other: Any, caplog: pytest.LogCaptureFixture) -> None:
    first = Webhook(Bearer(KEY), name="first")
    second = Depends(first, use_cache=False) if other is None else Depends(other)

    async def handle(a: Any, b: Any) -> None:
        raise AssertionError

    door = app_with(("/hook", handle, {"a": Annotated[Any, Depends(first)], "b": Annotated[Any, second]}))
    assert (await door.send(senders.bearer(BODY))).status == 503
    assert "by the webhook 'first': a route has one" in caplog.text
    assert "declare no body" not in caplog.text


async def test_a_webhook_of_all_routes_may_be_named_by_one_of_them() -> None:
    hook = Webhook(GitHub(KEY), replays=MemoryReplays())

    async def handle(a: Any, b: Any) -> bool:
        return a is b

    dependency = Annotated[Any, Depends(hook)]
    door = app_with(("/hook", handle, {"a": dependency, "b": dependency}), dependencies=[Depends(hook)])
    assert (await door.send(senders.github(BODY))).body == b"true"


async def test_the_request_has_the_body_that_was_verified() -> None:
    hook = Webhook(GitHub(KEY), replays=MemoryReplays())

    async def handle(delivery: Any, request: Request) -> bool:
        return await request.body() == delivery.body and await request.json() == delivery.payload

    async def below(request: Request) -> bytes:
        return await request.body()

    annotations = {"delivery": Annotated[Any, Depends(hook)], "request": Request}
    assert (await app_with(("/hook", handle, annotations)).send(senders.github(BODY))).body == b"true"
    wide = app_with(("/hook", below, {"request": Request}), dependencies=[Depends(hook)])
    assert json.loads((await wide.send(senders.github(b"[2]"))).body) == "[2]"


async def test_a_body_that_was_thrown_away_cannot_be_verified(caplog: pytest.LogCaptureFixture) -> None:
    log = Log()
    endpoint = Webhook(Bearer(KEY)).endpoint(log)

    async def reads_first(request: Request) -> Response:
        async for _ in request.stream():
            pass
        return await endpoint(request)

    door = Door(Starlette(routes=[Route("/hook", reads_first, methods=["POST"])]))
    assert (await door.send(senders.bearer(BODY))).status == 503
    assert not log.seen
    assert "the body was read before the webhook could verify it" in caplog.text


async def test_a_refusal_can_be_caught_as_an_error_of_this_library(door: Any) -> None:
    caught: list[FlyteRuntimeError] = []

    async def handler(delivery: Delivery[Any]) -> str:
        try:
            await delivery.start("nothing of the kind")
        except FlyteRuntimeError as error:
            caught.append(error)
        return "went on"

    served = door(Webhook(Bearer(KEY), tasks=["deploy"]), handler)
    assert (await served.send(senders.bearer(BODY))).status == 200
    assert isinstance(caught[0], Refused)
    assert caught[0].status_code == 403


def test_wrong_settings_are_told_at_once() -> None:
    for make in (
        lambda: Webhook(Bearer(KEY), tasks="train"),
        lambda: Webhook(GitHub(KEY), events="push"),
        lambda: Rate(per_key="often"),
    ):
        with pytest.raises(WebhookError, match=r"tasks is the text 'train'|\['push'\]|'often'"):
            make()


async def test_callers_with_keys_of_their_own_have_ids_of_their_own(door: Any) -> None:
    log = Log()
    served = door(
        Webhook(Bearer({"ci": KEY, "shop": "another-key-of-32-characters-0000"}), name="jobs", replays=MemoryReplays()),
        log,
    )
    for key in (KEY, "another-key-of-32-characters-0000"):
        sent = senders.bearer(b"{}").having(b"authorization", f"Bearer {key}".encode())
        assert (await served.send(sent.having(b"idempotency-key", b"1"))).status == 200
    assert [delivery.idempotency_key for delivery in log.seen] == ["webhook/jobs/ci/1", "webhook/jobs/shop/1"]


@pytest.mark.parametrize(
    ("scheme", "sent"),
    [(GitHub, senders.github(BODY)), (Bearer, senders.bearer(BODY)), (ApiKey, senders.api_key(BODY))],
)
@pytest.mark.parametrize("door", [fastapi_door, starlette_door])
async def test_only_the_audit_line_says_that_a_key_has_white_space_around_it(
    scheme: Any, sent: Sent, door: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "flyte_runtime.audit")
    served = door(Webhook(scheme({"partner": f"{KEY}\n"}), replays=MemoryReplays()), Log())
    answer = await served.send(sent)
    assert answer.status == 401
    assert "white space" not in answer.detail
    assert "partner" not in answer.detail
    (line,) = [json.loads(record.message) for record in caplog.records if record.name == "flyte_runtime.audit"]
    assert line["reason"].startswith(f"{answer.detail}; ")
    assert "partner begins or ends with white space" in line["reason"]
