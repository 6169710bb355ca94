"""The API of a FastAPI application, as a description of its source has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from pulumi_flyte.source.reader.openapi import api_of, reduced_api

from tests.components.source.loaded import load

CODE = '''
from typing import Annotated
from fastapi import Depends, FastAPI, Query
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

class Item(BaseModel):
    """An item of the shop."""
    name: Annotated[str, Field(max_length=20, description="as people say it", examples=["lamp"])]
    parts: list[str]

app = FastAPI()

@app.get("/items/{item_id}")
def item(item_id: int, limit: Annotated[int, Query(ge=1)] = 10) -> Item: ...

@app.post("/items", status_code=201, dependencies=[Depends(HTTPBearer())])
def add(item: Item) -> None: ...

@app.get("/files/{path:path}")
def file(path: str) -> None: ...

inner = FastAPI()

@inner.get("/health")
def health() -> bool: ...

app.mount("/inner", inner)
'''
ITEM = {"$ref": "Item"}


def test_an_api_is_read_and_reduced(write: Callable[[Mapping[str, str]], Path]) -> None:
    api = load(write({"app.py": CODE})).description.api
    assert api == {
        "operations": {
            "GET /items/{item_id}": {
                "parameters": {
                    "path item_id!": {"type": "integer"},
                    "query limit": {"type": "integer", "minimum": 1, "default": 10},
                },
                "responses": {"200": {"json": ITEM}, "422": {}},
            },
            "POST /items": {
                "parameters": {"header authorization!": {}},
                "body!": {"json": ITEM},
                "responses": {"201": {"json": {}}, "422": {}},
            },
            "GET /files/{path:path}": {
                "parameters": {"path path!": {"type": "string"}},
                "responses": {"200": {"json": {}}, "422": {}},
            },
            "GET /inner/health": {"responses": {"200": {"json": {"type": "boolean"}}}},
        },
        "schemas": {
            "Item": {
                "type": "object",
                "required": ["name", "parts"],
                "properties": {
                    "name": {"type": "string", "maxLength": 20},
                    "parts": {"type": "array", "items": {"type": "string"}},
                },
            }
        },
    }


def test_calls_are_read_with_the_source(write: Callable[[Mapping[str, str]], Path]) -> None:
    caller = "import flyte_runtime as rt\nfrom clients import backend\nasync def app(scope, receive, send):\n"
    program = write(
        {
            "app.py": f'{caller}    await backend.get("/x")\n',
            "clients.py": 'import flyte_runtime as rt\nbackend = rt.app("backend")\n',
        }
    )
    description = load(program).description
    assert description.api is None
    assert list(description.calls) == [{"at": "app.py:4", "app": "backend", "method": "GET", "path": "/x"}]


def test_an_application_that_fails_to_write_its_document_has_no_api() -> None:
    from fastapi import FastAPI

    class Broken(FastAPI):
        def openapi(self) -> dict[str, Any]:
            raise RuntimeError

    assert api_of(Broken()) is None


def test_defaults_that_may_be_paths_of_this_machine_are_left_out() -> None:
    parameter = {"in": "query", "name": "to", "schema": {"type": "string", "default": "/home/me"}}
    api = reduced_api({"paths": {"/x": {"get": {"parameters": [parameter]}}}}, "", {})
    assert "/home/me" not in json.dumps(api)


@pytest.mark.parametrize(
    "operation",
    [
        {"parameters": [{"$ref": "#/components/parameters/Page"}]},
        {"responses": {200: {}, "default": {}}},
        {"requestBody": {"content": {"application/json": {"schema": {"enum": [{1, 2}]}}}}},
    ],
)
def test_a_document_of_the_programs_own_that_cannot_be_read_is_none(operation: dict[str, Any]) -> None:
    application = FastAPI()
    application.openapi = lambda: {"paths": {"/": {"get": operation}}}  # type: ignore[method-assign]
    assert api_of(application) is None
