"""Bundles and placeholders: uploaded by content, filled in on the way out, restored on the way in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pulumi_flyte.source import staging
from pulumi_flyte_provider.properties.placeholders import restore

from tests.provider.over_grpc.oss_server import Server, World
from tests.provider.over_grpc.plugin import Plugin, PluginError

APP, TASK = "flyte:api:App", "flyte:api:Task"
ARCHIVE = b"a bundle"
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()
INPUTS = {
    "name": "web",
    "image": "py:1",
    "version": "v1",
    "bundle": DIGEST,
    "command": ["fserve", "--version", "{{version}}", "--tgz", "{{bundle}}", "--raw", "{{.rawOutputDataPrefix}}"],
    "env": {"WHERE": "{{bundle}}", "LABEL": "web-{{version}}"},
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of our own."""
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path))
    return tmp_path


def test_the_bundle_is_uploaded_under_its_hash_and_placeholders_are_filled_in(flyte: Plugin, world: World) -> None:
    staging.put_bundle(DIGEST, lambda: ARCHIVE)
    checked = flyte.check(APP, "web", INPUTS)
    id, outputs = flyte.create(APP, "web", INPUTS)
    assert world.uploads == {f"shop/development/{DIGEST}/{DIGEST}.tgz": ARCHIVE}
    app = world.app("web")
    assert app is not None
    url = f"s3://bucket/shop/development/{DIGEST}/{DIGEST}.tgz"
    assert list(app.spec.container.command) == [
        "fserve",
        "--version",
        "v1",
        "--tgz",
        url,
        "--raw",
        "{{.rawOutputDataPrefix}}",
    ]
    assert outputs["command"] == INPUTS["command"], "state holds the placeholders: an upload elsewhere is no change"
    assert flyte.read(APP, "web", id, checked, outputs)[1] == checked


def test_an_import_restores_the_bundle_and_whole_versions(flyte: Plugin) -> None:
    staging.put_bundle(DIGEST, lambda: ARCHIVE)
    id, _ = flyte.create(APP, "web", INPUTS)
    _, imported, _ = flyte.read(APP, "web", id)
    assert imported["command"] == INPUTS["command"]
    assert imported["env"] == {"WHERE": "{{bundle}}", "LABEL": "web-v1"}


def test_the_same_bundle_is_uploaded_once(flyte: Plugin, world: World) -> None:
    staging.put_bundle(DIGEST, lambda: ARCHIVE)
    flyte.create(APP, "web", INPUTS)
    flyte.create(
        TASK, "t", {"name": "env.t", "version": "v1", "image": "py:1", "bundle": DIGEST, "args": ["{{bundle}}"]}
    )
    assert world.calls.count("Data.CreateUploadLocation") == 1


def test_a_bundle_that_is_not_here_is_an_error_before_anything_is_made(flyte: Plugin, world: World) -> None:
    with pytest.raises(PluginError, match="not staged on this machine"):
        flyte.create(APP, "web", INPUTS)
    assert world.mutations() == []


def test_a_busy_store_is_asked_again(flyte: Plugin, world: World) -> None:
    staging.put_bundle(DIGEST, lambda: ARCHIVE)
    world.store_refuses = [503, 500]
    flyte.create(APP, "web", INPUTS)
    assert list(world.uploads.values()) == [ARCHIVE]


@pytest.mark.parametrize(("refusals", "status"), [([503] * 3, 503), ([403], 403)])
def test_a_store_that_refuses_is_an_error_before_anything_is_made(
    flyte: Plugin, world: World, refusals: list[int], status: int
) -> None:
    staging.put_bundle(DIGEST, lambda: ARCHIVE)
    world.store_refuses = list(refusals)
    with pytest.raises(PluginError, match=f"bundle {DIGEST[:12]} failed: the store answered HTTP {status}"):
        flyte.create(APP, "web", INPUTS)
    assert (world.store_refuses, world.uploads, world.app("web")) == ([], {}, None)


def test_the_interpreter_travels_in_a_header_on_local_only(
    server: Server, unconfigured: Plugin, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pulumi_flyte_provider.flyte_api.config import ProviderConfig

    staging.put_interpreter("app", "shop", "development", "web", "/opt/python")
    unconfigured.configure(platform="local", localPort=server.port)
    assert ProviderConfig(endpoint="x").platform == "local"
    unconfigured.create(APP, "web", {"name": "web", "image": "local/python"})
    sent = world.headers[world.calls.index("App.Create")]
    assert sent["x-flyte-local-python"] == "/opt/python"
    app = world.app("web")
    assert app is not None
    assert "/opt/python" not in str(app.spec)


@pytest.mark.parametrize("place", ["file:///store/{0}/{0}.tgz", "/store/shop/{0}/{0}.tgz", "s3://bucket/{0}/{0}.tgz"])
def test_wherever_a_bundle_was_uploaded_its_placeholder_comes_back(place: str) -> None:
    live = ["--tgz", place.format(DIGEST), "--dest", "."]
    assert restore(live, None, bundle=DIGEST, version=None) == ["--tgz", "{{bundle}}", "--dest", "."]


def test_other_bytes_of_the_same_files_are_another_object(flyte: Plugin, world: World) -> None:
    """Another machine's compressor packs a bundle differently, and Flyte OSS overwrites nothing."""
    packed_there = f"shop/development/{DIGEST}/{DIGEST}.tgz"
    world.uploads[packed_there] = b"a bundle, packed elsewhere"
    staging.put_bundle(DIGEST, lambda: ARCHIVE)
    checked = flyte.check(APP, "web", INPUTS)
    id, outputs = flyte.create(APP, "web", INPUTS)
    beside = f"shop/development/{DIGEST}-{hashlib.md5(ARCHIVE).hexdigest()}/{DIGEST}.tgz"
    assert world.uploads == {packed_there: b"a bundle, packed elsewhere", beside: ARCHIVE}
    app = world.app("web")
    assert app is not None
    assert f"s3://bucket/{beside}" in app.spec.container.command
    assert flyte.read(APP, "web", id, checked, outputs)[1] == checked
