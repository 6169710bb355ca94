"""The health path belongs to the application if a route spells it out, and otherwise to rt.serve."""

from __future__ import annotations

from typing import Any, Literal

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from flyte_runtime.serving.middleware import Health, Readiness
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute


def refuse() -> None:
    raise HTTPException(401)


def raw(status: int) -> Any:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b"mine"})

    return application


async def always_503(request: Request) -> Response:
    return PlainTextResponse("loading", 503)


async def to_login(request: Request) -> Response:
    return RedirectResponse("/login")


async def socket(websocket: Any) -> None: ...


def fastapi(*routes: tuple[str, str], router: bool = False, prefix: str = "", **options: Any) -> FastAPI:
    """An application whose routes, given as method and path, raise 502."""

    async def unreachable(request: Request) -> None:
        raise HTTPException(502)

    app = FastAPI()
    target: Any = APIRouter(prefix=prefix) if router else app
    for method, path in routes:
        target.add_api_route(path, unreachable, methods=[method], **options)
    if router:
        app.include_router(target)
    return app


def typed() -> FastAPI:
    app = FastAPI()

    @app.get("/{item}")
    async def read(item: int) -> int:
        return item

    return app


def guarded() -> FastAPI:
    return fastapi(("GET", "/{path:path}"), dependencies=[Depends(refuse)])


NOT_ITS_OWN = {
    "another method of a parameter": fastapi(("POST", "/{name}")),
    "another method of the path itself": fastapi(("POST", "/healthz")),
    "a typed parameter": typed(),
    "a catch-all behind a key": guarded(),
    "a catch-all that fails": fastapi(("GET", "/{path:path}")),
    "a catch-all of an included router": fastapi(("GET", "/{path:path}"), router=True),
    "a router whose prefix is a parameter": fastapi(("GET", ""), router=True, prefix="/{tenant}"),
    "a catch-all in front of the path itself": fastapi(("GET", "/{path:path}"), ("GET", "/healthz")),
    "a catch-all of WebSockets": Starlette(routes=[WebSocketRoute("/{path:path}", socket)]),
    "a redirect": Starlette(routes=[Route("/{page}", to_login)]),
    "a mounted catch-all": Starlette(routes=[Mount("/", app=fastapi(("GET", "/{path:path}")))]),
    "a mounted guard": Starlette(routes=[Mount("/", app=raw(401))]),
    "a middleware around a guard": CORSMiddleware(guarded()),
    "a guard without visible routes": raw(401),
    "another method without visible routes": raw(405),
    "a redirect without visible routes": raw(302),
    "nothing there": raw(404),
}
OWN_ROUTE = Route("/healthz", always_503)
ITS_OWN = {
    "a route": Starlette(routes=[OWN_ROUTE]),
    "a route in front of a catch-all": Starlette(routes=[OWN_ROUTE, Route("/{path:path}", to_login)]),
    "a route of an included router": fastapi(("GET", "/healthz"), router=True),
    "a route of a router with a prefix": fastapi(("GET", "z"), router=True, prefix="/health"),
    "a route of a mounted application": Starlette(routes=[Mount("/", app=Starlette(routes=[OWN_ROUTE]))]),
    "a route of a host": Starlette(routes=[Host("{name}", Router([OWN_ROUTE]))]),
    "an answer without visible routes": raw(503),
    "an answer of a mounted application without visible routes": Starlette(routes=[Mount("/", app=raw(503))]),
}


async def asked(app: Any, method: str = "GET", readiness: Readiness | None = None, path: str = "/healthz") -> int:
    transport = httpx.ASGITransport(app=Health(app, readiness))
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        return (await client.request(method, path)).status_code


@pytest.mark.parametrize("name", NOT_ITS_OWN)
async def test_only_a_route_that_spells_the_path_is_the_applications_own(name: str) -> None:
    assert await asked(NOT_ITS_OWN[name]) == 200
    assert await asked(NOT_ITS_OWN[name], "HEAD") == 200


@pytest.mark.parametrize("name", ITS_OWN)
async def test_a_route_that_spells_the_path_answers_for_itself(name: str) -> None:
    assert await asked(ITS_OWN[name]) in {502, 503}
    assert await asked(ITS_OWN[name], "HEAD") != 200


async def test_an_own_route_may_say_404() -> None:
    async def absent(request: Request) -> Response:
        return Response(status_code=404)

    assert await asked(Starlette(routes=[Route("/healthz", absent)])) == 404


async def test_a_parameter_does_not_hide_that_the_process_drains() -> None:
    states: tuple[Literal["starting", "ready", "draining"], ...] = ("starting", "ready", "draining")
    answers = [await asked(guarded(), readiness=Readiness(state), path="/readyz") for state in states]
    assert answers == [503, 200, 503]
