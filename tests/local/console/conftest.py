"""One server with a small shop on it: apps wired to each other and to tasks, runs, a trigger, secrets."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from flyte_runtime.contract import AppInput, Auth, Identity, TaskInput, Wiring
from flyteidl2.secret.definition_pb2 import SecretIdentifier, SecretSpec
from flyteidl2.secret.payload_pb2 import CreateSecretRequest

from tests.browser import browser  # noqa: F401
from tests.local.apps.conftest import Plane
from tests.local.tasks.conftest import DOMAIN, PROJECT, World, _world

PROGRAMS = Path(__file__).parent / "programs"
CHATTY = ["python", str(PROGRAMS / "chatty.py"), "8080"]
SCOPE = f"/v2/domain/{DOMAIN}/project/{PROJECT}"


@dataclass(frozen=True)
class Answer:
    """An answer of the console; redirects are not followed."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """The text of the page without its markup."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", self.text))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Shop:
    """The server, seen as a plain one, as one for apps and as one for tasks."""

    world: World

    @cached_property
    def plane(self) -> Plane:
        return Plane(self.world.home, self.world.port, self.world.pid, self.world.opened)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.world.port}"

    def get(self, path: str, method: str = "GET", data: bytes | None = None, /, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=data, headers=sent, method=method)
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=60) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def page(self, path: str, status: int = 200) -> Answer:
        """A page below the project's."""
        answer = self.get(SCOPE + path)
        assert answer.status == status, answer.words
        return answer

    def up(self, name: str, variables: Mapping[str, str] | None = None, **options: Any) -> None:
        """An app that writes a line at each request."""
        self.plane.up(name, CHATTY, env=dict(variables or {}), **options)

    def secret(self, name: str, value: str, project: str = PROJECT, domain: str = DOMAIN) -> None:
        identifier = SecretIdentifier(organization="local", project=project, domain=domain, name=name)
        request = CreateSecretRequest(id=identifier, secret_spec=SecretSpec(string_value=value))
        self.world.secrets.create_secret(request)


def wired(kind: str, name: str, auth: bool = False, **inputs: AppInput | TaskInput) -> dict[str, str]:
    """The variable that a Pulumi program puts into a workload."""
    wiring = Wiring(
        identity=Identity.model_validate({"kind": kind, "project": PROJECT, "domain": DOMAIN, "name": name}),
        inputs=dict(inputs),
        auth=Auth(audience=f"{PROJECT}/{DOMAIN}/{name}", enforced_by="platform") if auth else None,
    )
    return {"FLYTE_WIRING": wiring.to_json(), **({"FLYTE_REQUIRES_AUTH": "true"} if auth else {})}


def app(name: str) -> AppInput:
    return AppInput(project=PROJECT, domain=DOMAIN, name=name, url=f"http://{name}.test")


def task(name: str) -> TaskInput:
    return TaskInput(project=PROJECT, domain=DOMAIN, name=name)


@pytest.fixture(scope="session")
def shared_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    for world in _world(tmp_path_factory.mktemp("shop")):
        shop = Shop(world)
        shop.secret("database-password", "canary-of-the-shop")
        shop.secret("telemetry-key", "canary-of-everybody", project="", domain="")
        world.flyte("deploy", str(PROGRAMS / "shop.py"), "env", cwd=PROGRAMS)
        shop.up("stock", wired("app", "stock"))
        shop.up("orders", wired("app", "orders", stock=app("stock"), billing=task("shop.bill"), mail=app("mail")))
        shop.up("storefront", wired("app", "storefront", orders=app("orders"), stock=app("stock")))
        shop.up("back-office", wired("app", "back-office", auth=True, orders=app("orders")))
        recount = world.shell("echo recounted", env=wired("task", "shop.recount", stock=app("stock")))
        world.deploy("shop.recount", recount)
        yield shop


@pytest.fixture
def shop(shared_shop: Shop) -> Iterator[Shop]:
    """The shop that all tests of a session share. A test that stops an app makes a shop of its own."""
    yield shared_shop
    shared_shop.world.close_clients()
