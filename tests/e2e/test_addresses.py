"""The two addresses of an app on the local platform, for applications of every kind."""

from __future__ import annotations

import httpx

from tests.e2e.harness import Stack

FILES = {
    "__main__.py": """\
from pulumi_flyte import App, Environment

shop = Environment("shop")
for name in ("exact", "linked", "gate"):
    App(name, environment=shop, source=f"{name}.py:app")
""",
    "exact.py": """\
async def app(scope, receive, send):
    if scope["type"] == "http":
        status = 200 if scope["path"] == "/hello" else 405
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})
""",
    "linked.py": """\
from fastapi import FastAPI, Request

app = FastAPI()

@app.get("/hello", name="hello")
async def hello(request: Request) -> str:
    return str(request.url_for("hello"))
""",
    "gate.py": """\
from fastapi import Depends, FastAPI, HTTPException

def key() -> None:
    raise HTTPException(401)

app = FastAPI()

@app.get("/{path:path}", dependencies=[Depends(key)])
async def proxied(path: str) -> str:
    return path
""",
}


def test_an_app_that_looks_at_the_whole_path_answers_at_both_and_links_lead_back(stack: Stack) -> None:
    stack.write(FILES)
    stack.init()
    stack.deployed()  # each is healthy without a route for it
    base = f"http://127.0.0.1:{stack.port}"

    def answer(name: str, *, by_path: bool) -> tuple[int, str]:
        if by_path:
            response = httpx.get(f"{base}/apps/shop/development/{name}/hello", timeout=60)
        else:
            host = {"host": f"{name}-shop-development.localhost:{stack.port}"}
            response = httpx.get(f"{base}/hello", headers=host, timeout=60)
        return response.status_code, response.text.strip('"')

    assert answer("exact", by_path=True) == (200, "/hello")
    assert answer("exact", by_path=False) == (200, "/hello")
    assert answer("linked", by_path=True) == (200, f"{base}/apps/shop/development/linked/hello")
    assert answer("linked", by_path=False) == (200, f"http://linked-shop-development.localhost:{stack.port}/hello")
    assert [answer("gate", by_path=by_path)[0] for by_path in (True, False)] == [401, 401]
    assert stack.destroy().code == 0
    assert not stack.remaining()
