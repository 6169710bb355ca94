"""A delivery counts once for its route, even if the sender spells the route's path in another way."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from flyte_runtime.serving.prefix import Prefix
from flyte_runtime.webhooks import ApiKey, Bearer, Delivery, GitHub, MemoryReplays, StandardWebhooks, Webhook
from flyte_runtime.webhooks.route import route_of
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from tests.runtime.webhooks import senders
from tests.runtime.webhooks.door import Door
from tests.runtime.webhooks.senders import KEY, STANDARD_KEY, Sent

BODY = b'{"number": 1}'
NOW = 1_700_000_000.0
SIGNING = [
    (GitHub(KEY), senders.github(BODY, delivery="d")),
    (StandardWebhooks(STANDARD_KEY), senders.standard(BODY, NOW, delivery="d")),
]
SHOWING = [(Bearer(KEY), senders.bearer(BODY, delivery="d")), (ApiKey(KEY), senders.api_key(BODY, delivery="d"))]
names = lambda value: getattr(value, "name", "")  # noqa: E731


def answering(hook: Webhook[Any]) -> Any:
    async def handle(delivery: Delivery[Any]) -> str:
        return "handled"

    handle.__annotations__ = {"delivery": Annotated[Delivery[Any], Depends(hook)]}
    return handle


def fastapi_app(hook: Webhook[Any]) -> Any:
    handle = answering(hook)
    app, mounted, router = FastAPI(), FastAPI(), APIRouter()
    for path in ("/a", "/b", "/run/{task}", "/end/{task}", "/number/{n:int}", "/file/{name:path}"):
        app.post(path)(handle)
    router.post("/in/{task}")(handle)
    mounted.post("/in/{task}")(handle)
    app.include_router(router, prefix="/v1")
    app.include_router(router, prefix="/v2")
    app.include_router(router, prefix="/of/{tenant}")
    app.mount("/mounted", mounted)
    app.mount("/tenants/{tenant}", mounted)
    return app


def starlette_app(hook: Webhook[Any]) -> Any:
    async def handle(delivery: Delivery[Any]) -> str:
        return "handled"

    paths = ("/a", "/b", "/run/{task}", "/end/{stage}", "/number/{n:int}", "/file/{name:path}")
    routes = [Route(path, hook.endpoint(handle), methods=["POST"]) for path in paths]
    inner = [Route("/in/{task}", hook.endpoint(handle), methods=["POST"])]
    return Starlette(routes=[*routes, Mount("/mounted", routes=inner), Mount("/tenants/{tenant}", routes=inner)])


@pytest.fixture(params=[fastapi_app, starlette_app], ids=["fastapi", "starlette"])
def app(request: pytest.FixtureRequest) -> Any:
    return request.param


async def handled_at(app: Any, scheme: Any, sent: Sent, *paths: str) -> list[bool]:
    door = Door(app(Webhook(scheme, replays=MemoryReplays(), clock=lambda: NOW)))
    answers = [await door.send(sent, path=path) for path in paths]
    assert {answer.status for answer in answers} == {200}, answers
    return [answer.body == b'"handled"' for answer in answers]


@pytest.mark.parametrize(("scheme", "sent"), SHOWING, ids=names)
async def test_a_caller_may_use_one_id_at_several_paths(app: Any, scheme: Any, sent: Sent) -> None:
    paths = ("/a", "/b", "/run/train", "/run/evaluate", "/mounted/in/train")
    assert await handled_at(app, scheme, sent, *paths) == [True] * 5
    assert await handled_at(app, scheme, sent, "/run/train", "/run/train") == [True, False]


@pytest.mark.parametrize(("scheme", "sent"), SIGNING, ids=names)
async def test_what_is_sent_to_two_routes_counts_at_each(app: Any, scheme: Any, sent: Sent) -> None:
    paths = ("/a", "/b", "/run/x", "/end/x")
    assert await handled_at(app, scheme, sent, *paths, *paths) == [True] * 4 + [False] * 4


@pytest.mark.parametrize(("scheme", "sent"), SIGNING, ids=names)
@pytest.mark.parametrize(
    "paths",
    [
        ("/run/train", "/run/evaluate", "/run/run"),
        ("/number/4", "/number/04", "/number/5"),
        ("/file/a", "/file/a/b", "/file/file/a"),
        ("/tenants/one/in/x", "/tenants/two/in/y", "/tenants/in/in/in"),
    ],
)
async def test_another_value_in_the_path_makes_no_other_delivery(
    app: Any, scheme: Any, sent: Sent, paths: tuple[str, ...]
) -> None:
    assert await handled_at(app, scheme, sent, *paths) == [True, False, False]


async def test_a_router_that_is_there_twice_is_two_places() -> None:
    scheme, sent = SIGNING[0]
    paths = ("/v1/in/x", "/v2/in/x", "/mounted/in/x", "/v1/in/v2", "/v2/in/v1", "/mounted/in/in")
    assert await handled_at(fastapi_app, scheme, sent, *paths) == [True] * 3 + [False] * 3
    assert await handled_at(fastapi_app, scheme, sent, "/of/me/in/x", "/of/you/in/y") == [True, False]


@pytest.mark.parametrize(("scheme", "sent"), SIGNING + SHOWING, ids=names)
@pytest.mark.parametrize("path", ["/a", "/run/train", "/mounted/in/train", "/tenants/one/in/train"])
async def test_the_address_with_a_proxys_prefix_is_the_same_place(app: Any, scheme: Any, sent: Sent, path: str) -> None:
    prefix = "/apps/p/d/n"
    door = Door(Prefix(app(Webhook(scheme, replays=MemoryReplays(), clock=lambda: NOW)), prefix))
    by_path = sent.having(b"x-forwarded-prefix", prefix.encode())
    bodies = [(await door.send(each, path=path)).body for each in (by_path, sent, by_path)]
    assert [body == b'"handled"' for body in bodies] == [True, False, False]


async def test_two_hooks_with_the_default_name_and_store_do_not_meet(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    app = FastAPI()
    for path in ("/a", "/b"):
        app.post(path)(answering(Webhook(GitHub(KEY))))
    door = Door(app)
    bodies = [(await door.send(senders.github(BODY, delivery=path), path=path)).body for path in ("/a", "/b")]
    assert bodies == [b'"handled"'] * 2


@pytest.mark.parametrize(
    ("scope", "place"),
    [
        ({"path": "/hook"}, "/hook"),
        ({"path": "/hook", "path_params": {}, "route": Mount("/", routes=[])}, "/hook"),
        ({"path": "/run/x", "path_params": {"task": "x"}}, "{task}"),  # a Starlette that does not say which route
        ({"path": "/run/x", "path_params": {"task": "x"}, "route": Mount("/run", routes=[])}, "{task}"),
        ({"path": "/p/run/x", "path_params": {"task": "x"}, "route": Route("/run/{task}", print)}, "/p/run/{task}"),
        ({"path": "/m/x", "path_params": {"m": "m"}, "route": Route("/x", print)}, "/x"),
    ],
)
def test_the_place_by_what_the_scope_says(scope: dict[str, Any], place: str) -> None:
    assert route_of(scope) == place
