"""Uploads and downloads: only what was announced, only where it belongs."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from connectrpc.errors import ConnectError
from flyte_local.home import Home
from flyte_local.state.context import Context
from flyte_local.state.store import Store
from flyte_local.web.store_files import Signer, StoreFiles, local_path
from flyteidl2.dataproxy.dataproxy_service_pb2 import CreateUploadLocationRequest, CreateUploadLocationResponse
from hypothesis import given
from hypothesis import strategies as st

from .conftest import DOMAIN, PROJECT, World

DATA = b"some bundle" * 1000


def announce(world: World, data: bytes = DATA, **more: object) -> CreateUploadLocationResponse:
    request = CreateUploadLocationRequest(
        **{
            "project": PROJECT,
            "domain": DOMAIN,
            "filename": "code.tgz",
            "content_md5": hashlib.md5(data).digest(),
            **more,
        }
    )
    return world.data.create_upload_location(request)


def test_an_announced_upload_is_stored_where_its_native_url_says(world: World) -> None:
    location = announce(world)
    assert location.native_url.startswith(f"{world.home.store}/uploads/{PROJECT}/{DOMAIN}/")
    for _ in range(2):  # the same content again is fine
        assert httpx.put(location.signed_url, content=DATA).status_code == 200
    with open(location.native_url, "rb") as file:
        assert file.read() == DATA


def test_a_filename_root_is_the_folder(world: World) -> None:
    assert announce(world, filename_root="abc123").native_url.endswith(f"/{PROJECT}/{DOMAIN}/abc123/code.tgz")


@pytest.mark.parametrize("change", ["no signature", "other path", "other limit", "other expiry", "get", "post"])
def test_what_was_not_announced_is_refused(world: World, change: str) -> None:
    url = announce(world, filename_root=change.replace(" ", "-")).signed_url
    method = {"get": "GET", "post": "POST"}.get(change, "PUT")
    url = {
        "no signature": url.partition("?")[0],
        "other path": url.replace("code.tgz", "cod2.tgz"),
        "other limit": url.replace("size=0", "size=9"),
        "other expiry": url.replace("expires=1", "expires=2"),
    }.get(change, url)
    assert httpx.request(method, url, content=DATA if method == "PUT" else None).status_code in {403, 405}
    assert not list((world.home.store / "uploads").rglob(f"{change.replace(' ', '-')}/*"))


def test_other_content_than_announced_is_refused_and_leaves_nothing(world: World) -> None:
    location = announce(world, filename_root="wrong")
    assert httpx.put(location.signed_url, content=b"evil").status_code == 400
    header = {"Content-MD5": base64.b64encode(hashlib.md5(b"x").digest()).decode()}
    assert httpx.put(location.signed_url, content=DATA, headers=header).status_code == 400
    assert not list((world.home.store / "uploads").rglob("wrong/*"))


def test_the_announced_size_is_a_limit(world: World) -> None:
    location = announce(world, content_length=len(DATA) - 1, filename_root="large")
    assert httpx.put(location.signed_url, content=DATA).status_code == 413
    chunks = (DATA[n : n + 100] for n in range(0, len(DATA), 100))
    assert httpx.put(location.signed_url, content=chunks).status_code == 413
    assert not list((world.home.store / "uploads").rglob("large/*"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"filename": "../../state.sqlite"},
        {"filename": "a//b"},
        {"filename": "x\n"},
        {"filename_root": "../.."},
        {"filename_root": "/etc/.."},
        {"content_md5": b"short"},
        {"project": "../x"},
        {"domain": ""},
        {"filename": "x" * 300},
    ],
)
def test_names_that_lead_elsewhere_are_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConnectError):
        announce(world, **wrong)


@given(
    st.lists(st.sampled_from(["store", "runs", "..", ".", "", "a", "vault.key", "%2e%2e", "\0", "a\\b"]), max_size=6)
)
def test_no_path_leaves_the_store(parts: list[str]) -> None:
    home = Home("/nowhere/home")
    path = local_path(home, "/".join(parts))
    assert path is None or path.is_relative_to(home.store) or path.is_relative_to(home.runs)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"filename": "a//b"}, r"filename or filename_root has the part '': use printable text"),
        (
            {"filename": "x" * 300},
            r"filename or filename_root has the part 'x+…' of 300 bytes: shorten it to at most 200",
        ),
        ({"filename": "a/" * 1200 + "b"}, r"filename_root and filename have \d+ bytes together: shorten filename"),
        ({"content_md5": b"short"}, r"content_md5 has 5 bytes: send an MD5"),
    ],
)
def test_a_refusal_names_the_field_and_the_value(world: World, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConnectError, match=message):
        announce(world, **wrong)


def test_a_link_out_of_the_store_is_not_followed(tmp_path: object) -> None:
    home = Home(str(tmp_path))
    home.prepare()
    (home.runs / "out").symlink_to("/etc")
    assert local_path(home, "runs/out/passwd") is None


async def test_a_refused_upload_is_removed_before_the_refusal_is_sent(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    store = Store(home.database)
    context = Context(home, 1, store)
    signer = Signer(context)
    files = StoreFiles(home, signer)
    url = urlsplit(signer.upload("store/refused/code.tgz", time.time() + 60, md5=hashlib.md5(b"other").digest()))
    left: list[Path] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": DATA}

    async def send(message: MutableMapping[str, Any]) -> None:
        assert message.get("status", 400) == 400
        left.extend((home.store / "refused").iterdir())

    scope = {"type": "http", "method": "PUT", "path": url.path, "query_string": url.query.encode(), "headers": []}
    await files(scope, receive, send)
    store.close()
    assert not left
