"""No name of an app, an upload, a log or a page is a way out of the home."""

from __future__ import annotations

import random
from pathlib import Path

import httpx
import pytest
from connectrpc.errors import ConnectError
from flyte_local.home import Home
from flyte_local.web.store_files import local_path
from flyteidl2.app import app_payload_pb2 as payload
from flyteidl2.app.app_definition_pb2 import Identifier
from flyteidl2.app.app_logs_payload_pb2 import TailLogsRequest
from flyteidl2.app.app_logs_service_connect import AppLogsServiceClientSync
from flyteidl2.dataproxy.dataproxy_service_connect import DataProxyServiceClientSync
from flyteidl2.dataproxy.dataproxy_service_pb2 import CreateUploadLocationRequest

from tests.local.apps.conftest import DOMAIN, PROJECT, Plane, declaration

from .cases import Answer, Case, problem
from .doors import OverHttp

_WAYS = (
    "../vault.key",
    "..%2fvault.key",
    "%2e%2e/vault.key",
    "%2e%2e%2fvault.key",
    "%252e%252e%252fvault.key",
    "..%5cvault.key",
    "....//vault.key",
    "./../vault.key",
    "%c0%ae%c0%ae/vault.key",
    "..;/vault.key",
    "%00/../vault.key",
    "/etc/passwd",
    "..%00/vault.key",
    "\u2025/vault.key",
)


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize(
    "start", ["/store/", "/store/uploads/", "/v2/domain/", "/local/v1/", "/apps/", "/apps/shop/", "/"]
)
def test_no_address_is_a_way_out(plane: Plane, start: str, way: str) -> None:
    key = plane.home.vault_key.read_bytes() if plane.home.vault_key.exists() else b"root:"
    target = start + "".join(c if ord(c) < 128 else "%E2%80%A5" for c in way)
    answer = OverHttp(plane.port).send(Case("GET", target, (), b""))
    assert answer.status in (400, 403, 404)
    assert key not in answer.body
    assert b"root:" not in answer.body


@pytest.mark.parametrize("way", ["../x", "..", "a/b", "%2e%2e", "%2e%2e%2fx", "a\x00b", "A", "", "x" * 64, "."])
def test_no_app_is_named_like_a_path(plane: Plane, way: str) -> None:
    for field in ("name", "project", "domain"):
        identifier = Identifier(**{"org": "local", "project": PROJECT, "domain": DOMAIN, "name": "a", field: way})
        if field != "name" and way == "A":
            continue
        app = declaration("a", ["true"])
        app.metadata.id.CopyFrom(identifier)
        logs = TailLogsRequest(app_id=identifier)
        with pytest.raises(ConnectError):
            plane.apps.create(payload.CreateRequest(app=app))
        with pytest.raises(ConnectError):
            list(plane.client(AppLogsServiceClientSync).tail_logs(logs))
    assert not (plane.home.path / "apps" / "x").exists()


def test_links_that_a_task_leaves_lead_nowhere(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    (home.runs / "out").symlink_to("/etc")
    (home.runs / "up").symlink_to("../..")
    (home.runs / "loop").symlink_to("loop")
    (home.runs / "in").symlink_to(home.store)
    for relative in ("runs/out/passwd", "runs/up/vault.key", "runs/loop", "runs/loop/x", "runs/in/x"):
        assert local_path(home, relative) is None, relative


def test_uploads_of_any_name_end_in_a_sentence_and_in_the_store(plane: Plane) -> None:
    rng = random.Random(5)
    parts = (
        "a",
        "b",
        "..",
        ".",
        "",
        "é" * 120,
        "💥" * 60,
        "x" * 200,
        "x" * 201,
        "a\nb",
        "%2e%2e",
        "a b",
        "\\",
        "~",
        ".upload-x",
    )
    client = plane.client(DataProxyServiceClientSync)
    http = httpx.Client(timeout=60)
    before = {path for path in plane.home.path.parent.rglob("*") if plane.home.store not in path.parents}
    stored = 0
    for _ in range(250):
        name = "/".join(rng.choice(parts) for _ in range(rng.choice((1, 1, 2, 3, 20))))
        request = CreateUploadLocationRequest(
            project=PROJECT, domain=DOMAIN, filename=name, filename_root=rng.choice("ab")
        )
        request.content_length = rng.choice((0, 3, 100))
        try:
            url = client.create_upload_location(request).signed_url
        except ConnectError:
            continue
        answer = http.put(url, content=b"x" * rng.choice((0, 1, 3, 200)))
        # 409: a file is where a folder is needed, or the other way round.
        assert answer.status_code in (200, 409, 413), f"{name[:100]!r}: {answer.status_code} {answer.text}"
        assert problem(Case("PUT", url, (), b""), _answer(answer)) is None
        stored += answer.status_code == 200
    http.close()
    assert stored > 20
    after = {path for path in plane.home.path.parent.rglob("*") if plane.home.store not in path.parents}
    assert not [path for path in after - before if plane.home.path not in path.parents]
    plane.close_clients()


def _answer(answer: httpx.Response) -> Answer:
    return Answer(answer.status_code, dict(answer.headers), answer.content)
