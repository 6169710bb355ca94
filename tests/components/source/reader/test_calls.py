"""The operations of wired apps and tasks that code uses, read from its syntax."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from pulumi_flyte.source.reader.calls import calls_of
from pulumi_flyte.source.reader.syntax import File

ROOT = Path("/program")
HANDLE = 'import flyte_runtime as rt\nbackend = rt.app("backend")\n'


def calls(code: str, **modules: str) -> list[dict[str, Any]]:
    """Return the calls without their places."""
    sources = {**modules, "main": code}
    files = [File(ROOT / f"{name}.py", ast.parse(dedent(text)), name) for name, text in sources.items()]
    return [{key: value for key, value in call.items() if key != "at"} for call in calls_of(files, ROOT)]


def only(code: str, **modules: str) -> dict[str, Any]:
    [call] = calls(code, **modules)
    return call


def test_a_call_has_its_file_and_line() -> None:
    file = File(ROOT / "shop" / "page.py", ast.parse(f'{HANDLE}\nbackend.sync.get("/x")\n'), "shop.page")
    assert [call["at"] for call in calls_of([file], ROOT)] == ["shop/page.py:4"]


@pytest.mark.parametrize(
    "code",
    [
        f'{HANDLE}backend.get("/items")',
        f'{HANDLE}backend.get("items")',
        f'{HANDLE}backend.sync.get(path="/items")',
        f'{HANDLE}backend.request("GET", "/items")',
        f'{HANDLE}backend.stream("get", "/items")',
        f'{HANDLE}PATH = "/items"\nbackend.get(PATH)',
        f'{HANDLE}backend.get("/it" + "ems")',
        'from flyte_runtime import app\napp("backend").get("/items")',
        'from flyte_runtime import app as wired\nNAME = "backend"\nwired(NAME).get("/items")',
        'import flyte_runtime\nasync def f():\n    api = flyte_runtime.app("backend")\n    await api.get("/items")',
        f'{HANDLE}def handle():\n    return backend\nasync def f():\n    await handle().get("/items")',
        f"{HANDLE}from fastapi import Depends\ndef handle():\n    return backend\n"
        'async def f(api=Depends(handle)):\n    await api.get("/items")',
        f"{HANDLE}from typing import Annotated\nfrom fastapi import Depends\ndef handle():\n    yield backend\n"
        'async def f(api: Annotated[object, Depends(handle)]):\n    await api.get("/items")',
    ],
)
def test_a_handle_is_followed(code: str) -> None:
    assert only(code) == {"app": "backend", "method": "GET", "path": "/items"}


def test_a_handle_of_an_object_is_followed() -> None:
    code = """
        import flyte_runtime as rt
        class Shop:
            def __init__(self):
                self.api = rt.app("backend")
            async def drop(self):
                await self.api.delete("/items")
    """
    assert only(code) == {"app": "backend", "method": "DELETE", "path": "/items"}


@pytest.mark.parametrize(
    "statement",
    ["from clients import backend", "import clients\nbackend = clients.backend", "from clients import *"][:2],
)
def test_a_handle_of_another_module_is_followed(statement: str) -> None:
    call = only(f'{statement}\nbackend.get("/items")', clients=HANDLE)
    assert call == {"app": "backend", "method": "GET", "path": "/items"}


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ('f"/greeting/{name}"', "/greeting/{}"),
        ('f"/files/{name}.json"', "/files/{}.json"),
        ('f"/{kind}/x"', "/{}/x"),
        ('"/greeting/" + name', "/greeting/{}"),
        ('"/greeting/%s" % name', "/greeting/{}"),
        ('"/greeting/{}".format(name)', "/greeting/{}"),
        ('"/greeting/{name}/x".format(name=name)', "/greeting/{}/x"),
        ('f"/v{VERSION}/x"', "/v2/x"),
        ('f"{PREFIX}/x"', "/v2/x"),
        ('""', "/"),
    ],
)
def test_a_part_that_is_not_known_is_a_hole(path: str, template: str) -> None:
    assert only(f'{HANDLE}VERSION = 2\nPREFIX = "/v2"\ndef f(name, kind):\n    backend.get({path})')["path"] == template


@pytest.mark.parametrize("path", ["compute()", "name", 'f"{name}/x"', "paths[0]", "name + '/x'"])
def test_a_computed_path_is_left_out(path: str) -> None:
    assert only(f"{HANDLE}def f(name, paths):\n    backend.get({path})") == {"app": "backend", "method": "GET"}


def test_a_computed_method_is_left_out() -> None:
    assert only(f'{HANDLE}def f(m):\n    backend.request(m, "/x")') == {"app": "backend", "path": "/x"}


def test_each_of_two_paths_is_a_call() -> None:
    both = calls(f'{HANDLE}def f(flag):\n    backend.get("/a" if flag else "/b")')
    assert [call["path"] for call in both] == ["/a", "/b"]


@pytest.mark.parametrize(
    "code",
    [
        'import httpx, os\nhttpx.get(os.environ["STOCK_URL"] + "/level/" + name)',
        'import httpx, os\nclient = httpx.Client(base_url=os.environ["STOCK_URL"])\nclient.get(f"/level/{name}")',
        "import httpx, os\nasync def f():\n    async with httpx.AsyncClient(base_url=os.getenv('STOCK_URL')) as http:\n"
        '        await http.get(f"/level/{name}")',
        'import requests, os\nURL = os.environ.get("STOCK_URL", "http://localhost")\nrequests.get(f"{URL}/level/{name}")',
        "import aiohttp, os\nasync def f(session: aiohttp.ClientSession):\n    url = os.environ['STOCK_URL'].strip()\n"
        '    async with session.get(f"{url}/level/{name}") as reply:\n        pass',
    ],
)
def test_a_client_with_the_url_of_a_variable_is_followed(code: str) -> None:
    assert only(code) == {"variable": "STOCK_URL", "method": "GET", "path": "/level/{}"}


def test_the_url_of_a_handle_is_followed() -> None:
    code = f'{HANDLE}import httpx\nhttpx.post(f"{{backend.url}}/items")'
    assert only(code) == {"app": "backend", "method": "POST", "path": "/items"}


def test_a_call_of_another_host_is_no_call() -> None:
    assert (
        calls('import httpx\nhttpx.get("https://example.com/items")\nhttpx.Client().get("/x")\n{}.get("/items")') == []
    )


def test_query_headers_and_body_are_shapes() -> None:
    code = f"""{HANDLE}
def f(size, token, more):
    payload = {{"size": size, "colour": "red"}}
    payload["count"] = 3
    backend.post("/items?dry=1", params={{"limit": 5, "q": size}}, headers={{"X-Token": token}}, json=payload)
    backend.post("/more", json={{**more, "lines": [{{"id": size}}]}})
"""
    assert calls(code) == [
        {
            "app": "backend",
            "method": "POST",
            "path": "/items",
            "query": {"dry": ["=", "1"], "limit": ["=", 5], "q": None},
            "headers": ["x-token"],
            "json": {"size": None, "colour": ["=", "red"], "count": None},
        },
        {"app": "backend", "method": "POST", "path": "/more", "json": {"**": None, "lines": [{"id": None}]}},
    ]


def test_what_cannot_be_told_of_a_request_is_none() -> None:
    code = f'{HANDLE}def f(options, query):\n    backend.post("/a", params=query)\n    backend.post("/b", **options)'
    assert calls(code) == [
        {"app": "backend", "method": "POST", "path": "/a", "query": None},
        {"app": "backend", "method": "POST", "path": "/b", "query": None, "headers": None, "body": None},
    ]


MODELS = """
from typing import Annotated, Optional
from pydantic import BaseModel, Field
class Address(BaseModel):
    city: str
class Order(BaseModel):
    id: int
    name: str = Field(alias="fullName")
    note: str | None = None
    address: Optional[Address]
    lines: list[Address] = []
"""


def test_a_long_constant_is_left_out() -> None:
    """It may be a key that the code spells, and no enumeration has such values."""
    code = f'{HANDLE}backend.get("/x?a=0123456789012345678901234", params={{"key": "0123456789012345678901234"}})'
    assert only(code)["query"] == {"a": None, "key": None}


def test_a_model_that_is_sent_is_a_shape() -> None:
    code = f'{HANDLE}{MODELS}def f(order: Order):\n    backend.post("/x", json=order.model_dump(by_alias=True))'
    assert only(code)["json"] == {
        "id": None,
        "fullName": None,
        "note": None,
        "address": {"city": None},
        "lines": [{"city": None}],
    }


ORDER = {"address": {"city": 1}, "fullName": 1, "id": 1, "lines?": {"*": {"city": 1}}, "note?": 1}


@pytest.mark.parametrize(
    ("use", "reads"),
    [
        ('reply.json()["x"]', {"x": 1}),
        ('reply.raise_for_status().json()["x"]["y"]', {"x": {"y": 1}}),
        ('body = reply.json()\n    print(body["x"], body.get("z"))', {"x": 1, "z?": 1}),
        ('for row in reply.json()["rows"]:\n        print(row["id"])', {"rows": {"*": {"id": 1}}}),
        ('[row["id"] for row in reply.json()]', {"*": {"id": 1}}),
        ('reply.json()[0]["id"]', {"*": {"id": 1}}),
        ("return reply.json()", 1),
        ("return reply", 1),
        ("return reply.text", 1),
        ("send(reply.json())", 1),
        ('send(reply.json())\n    reply.json()["x"]', {"": 1, "x": 1}),
        ("Order.model_validate(reply.json())", ORDER),
        ("Order(**reply.json())", ORDER),
        ("Order.model_validate_json(reply.content)", ORDER),
        ('[Order.model_validate(row) for row in reply.json()["rows"]]', {"rows": {"*": ORDER}}),
        ("from pydantic import TypeAdapter\n    TypeAdapter(list[Order]).validate_python(reply.json())", {"*": ORDER}),
        ("import json\n    json.loads(reply.text)['x']", {"x": 1}),
        ("reply.raise_for_status()", None),
        ('"x" in reply.json()', {"x?": 1}),
    ],
)
def test_fields_that_are_read(use: str, reads: Any) -> None:
    code = f'{HANDLE}{MODELS}async def f():\n    reply = await backend.get("/x")\n    {use}'
    assert only(code).get("reads") == reads


def test_a_function_that_returns_a_body_is_followed() -> None:
    code = f"""{HANDLE}
async def fetch():
    return (await backend.get("/x")).json()
async def page():
    return (await fetch())["title"]
"""
    assert only(code)["reads"] == {"title": 1}


def test_the_responses_of_gather_are_told_apart() -> None:
    code = f"""{HANDLE}
import asyncio
async def f():
    a, b = await asyncio.gather(backend.get("/a"), backend.get("/b"))
    return a.json()["x"], b.json()["y"]
"""
    assert [(call["path"], call["reads"]) for call in calls(code)] == [("/a", {"x": 1}), ("/b", {"y": 1})]


def test_statuses_that_are_compared() -> None:
    code = f"""{HANDLE}
import httpx
from fastapi import status
def f():
    reply = backend.sync.get("/x")
    if reply.status_code == 404 or reply.status_code in (410, httpx.codes.GONE, status.HTTP_409_CONFLICT):
        return None
    if reply.status_code >= 500:
        return None
"""
    assert only(code)["statuses"] == [404, 409, 410]


def test_starts_of_tasks() -> None:
    code = """
        import flyte_runtime as rt
        resize = rt.task("resize")
        async def f(width, more):
            await resize.start(image="a.png", width=width, idempotency_key="k")
            resize.sync.run_and_wait({"width": 3}, timeout=5)
            await resize.start(more)
    """
    assert calls(code) == [
        {"task": "resize", "inputs": {"image": ["=", "a.png"], "width": None}},
        {"task": "resize", "inputs": {"width": ["=", 3]}},
        {"task": "resize", "inputs": {"**": None}},
    ]


def test_code_that_no_container_runs_has_no_calls() -> None:
    assert calls(f'{HANDLE}if __name__ == "__main__":\n    backend.sync.get("/x")\n') == []


def test_recursion_ends() -> None:
    code = f"{HANDLE}def f(n):\n    return f(n) or g(n)\ndef g(n):\n    return f(n)\nx = x\nf(1).get('/x')"
    assert calls(code) == []


@pytest.mark.parametrize("text", ['"a"' + ' + "a"' * 600, "q" + ".a()" * 600])
def test_code_that_is_nested_deeply_fails_nothing(text: str) -> None:
    assert calls(f"{HANDLE}x = {text}\nbackend.get('/items')") == []


@pytest.mark.parametrize("arguments", ["[1], x=2", "'text', x=2, **more"])
def test_inputs_of_a_start_that_are_no_mapping_are_not_known(arguments: str) -> None:
    code = f"from flyte_runtime import task\ntask('resize').start({arguments})"
    assert only(code) == {"task": "resize", "inputs": {"**": None, "x": ["=", 2]}}
