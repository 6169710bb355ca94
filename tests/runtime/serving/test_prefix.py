"""The prefix of a proxy: which requests have it, and which applications are told."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from flyte_runtime.serving.prefix import Prefix, strips_root_path
from flyte_runtime.serving.serve import _prefixed
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

PREFIX = "/apps/p/d/n"


async def exact(scope: Any, receive: Any, send: Any) -> None:
    """Compares the whole path, as Socket.IO does."""
    await JSONResponse({"root_path": scope.get("root_path")}, 200 if scope["path"] == "/hello" else 404)(
        scope, receive, send
    )


class Around:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


def links(**options: Any) -> FastAPI:
    app = FastAPI(**options)

    @app.get("/hello", name="hello")
    async def hello(request: Request) -> dict[str, str]:
        return {"link": request.url_for("hello").path, "url": request.url.path}

    return app


async def sent(app: Any, path: str = "/hello", *, prefix: str | None = PREFIX) -> httpx.Response:
    headers = {} if prefix is None else {"x-forwarded-prefix": prefix}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://a") as client:
        return await client.get(path, headers=headers)


@pytest.fixture(autouse=True)
def _prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_ROOT_PATH", f"{PREFIX}/")


@pytest.mark.parametrize(
    "app", [links(), CORSMiddleware(links()), Around(Around(links())), Starlette(routes=[Mount("/", app=links())])]
)
async def test_links_have_the_prefix_if_the_request_came_with_it(app: Any) -> None:
    served = _prefixed(app, None)
    assert (await sent(served)).json() == {"link": f"{PREFIX}/hello", "url": f"{PREFIX}/hello"}
    for other in (None, "/apps/p/d/other", "", PREFIX + "/"):
        assert (await sent(served, prefix=other)).json() == {"link": "/hello", "url": "/hello"}


async def mounted(request: Request) -> JSONResponse:
    return JSONResponse(request.url_for("page").path)


@pytest.mark.parametrize("prefix", [PREFIX, None])
async def test_what_is_mounted_finds_its_own_path(prefix: str | None, tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_text("text")
    app = FastAPI()
    app.mount("/files", StaticFiles(directory=tmp_path))
    app.mount("/sub", Starlette(routes=[Route("/page", mounted, name="page")]))
    served = _prefixed(app, None)
    assert (await sent(served, "/files/a.txt", prefix=prefix)).text == "text"
    assert (await sent(served, "/sub/page", prefix=prefix)).json() == f"{prefix or ''}/sub/page"


@pytest.mark.parametrize("app", [exact, Around(exact), CORSMiddleware(exact), Starlette(routes=[Mount("", app=exact)])])
@pytest.mark.parametrize("prefix", [PREFIX, None])
async def test_an_application_that_compares_the_whole_path_is_told_of_no_prefix(app: Any, prefix: str | None) -> None:
    answer = await sent(_prefixed(app, None), prefix=prefix)
    assert answer.status_code == 200
    assert (await sent(_prefixed(app, None), "/other", prefix=prefix)).status_code == 404


async def test_one_mounted_application_that_compares_the_whole_path_is_enough() -> None:
    app = Starlette(routes=[Mount("/sub", app=links()), Mount("", app=exact)])
    assert (await sent(_prefixed(app, None))).status_code == 200
    assert (await sent(_prefixed(app, None), "/sub/hello")).json()["link"] == "/sub/hello"


@pytest.mark.parametrize("prefix", [PREFIX, None])
async def test_an_application_with_a_root_path_of_its_own_keeps_it(prefix: str | None) -> None:
    app = FastAPI()
    app.root_path = "/api/v1"  # as FastAPI(root_path=…), which warns

    @app.get("/hello")
    def hello(request: Request) -> str:
        return str(request.scope["root_path"])

    for path in ("/hello", "/api/v1/hello"):
        answer = await sent(_prefixed(app, None), path, prefix=prefix)
        assert (answer.status_code, answer.text) == (200, '"/api/v1"')


@pytest.mark.parametrize("prefix", [PREFIX, None])
async def test_a_root_path_in_code_counts_for_every_request_and_application(prefix: str | None) -> None:
    assert (await sent(_prefixed(links(), "/mine/"), prefix=prefix)).json()["link"] == "/mine/hello"
    assert (await sent(_prefixed(exact, "/mine"), prefix=prefix)).status_code == 404
    assert _prefixed(exact, "") is exact


async def test_the_prefix_reaches_websockets_and_raw_paths() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    header = (b"x-forwarded-prefix", PREFIX.encode())
    for kind, headers in (("websocket", [header]), ("websocket", []), ("lifespan", [])):
        scope = {"type": kind, "path": "/a b", "raw_path": b"/a%20b", "root_path": "", "headers": headers}
        await Prefix(app, PREFIX)(scope, None, None)  # type: ignore[arg-type]
    told, untold, _ = seen
    assert (told["root_path"], told["path"]) == (PREFIX, f"{PREFIX}/a b")
    assert told["raw_path"] == f"{PREFIX}/a%20b".encode()
    assert (untold["root_path"], untold["path"], untold["raw_path"]) == ("", "/a b", b"/a%20b")


def test_an_object_that_is_around_itself_is_no_riddle() -> None:
    around = Around(None)
    around.app = around
    assert not strips_root_path(around)
