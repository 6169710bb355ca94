"""Only the declared callers may call an app, on the real engine."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.harness import Stack
from tests.e2e.programs import ANSWER
from tests.security.test_leaks import contents, forms

HEADER = "Flyte-Caller-Token"
APPS = ("a", "b", "c", "d", "e")
PAIRS = tuple((source, target) for target, source in itertools.combinations(APPS, 2))
# Every app calls every app with each credential that it has, with none, and with what it can make of them.
NODE = """\
import base64, json, os
import httpx
import flyte_runtime as rt
from answer import reply

PREFIX = "FLYTE_CREDENTIAL_TO_"

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    caller = scope["state"]["caller"]
    if path.startswith("/wired/"):
        response = await rt.app(path.removeprefix("/wired/")).get("/whoami")
        await reply(send, response.status_code, response.json())
    elif path == "/attempts":
        await reply(send, 200, await attempts())
    else:
        await reply(send, 200, {"caller": caller and f"{caller.kind} {caller.name}"})

async def attempts():
    credentials = {name[len(PREFIX):].lower(): value for name, value in os.environ.items() if name.startswith(PREFIX)}
    answers = []
    async with httpx.AsyncClient(timeout=60) as client:
        for target in "abcde":
            url = os.environ["INTERNAL_APP_ENDPOINT_PATTERN"].replace("{app_fqdn}", "node-" + target) + "/whoami"
            for label, token in tokens(credentials):
                headers = {} if token is None else {"Flyte-Caller-Token": token}
                response = await client.get(url, headers=headers)
                answers.append([target, label, response.status_code, response.json().get("caller")])
    return answers

def tokens(credentials):
    yield "nothing", None
    for alias, token in credentials.items():
        head, body, signature = token.split(".")
        yield alias, token
        yield "forged", f"{head}.{body}.{signature[::-1]}"
        yield "unsigned", encoded({"alg": "none"}) + f".{body}."
        yield "renamed", ".".join((head, encoded({"sub": "shop/development/app/x"}), signature))

def encoded(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
"""


def program(edges: set[tuple[str, str]], rotation: str | None = None) -> dict[str, str]:
    """Five apps, each edge to one that was declared before."""
    lines = ["from pulumi_flyte import App, Environment, Link", 'shop = Environment("shop")']
    rotated = "" if rotation is None else f", auth_rotation={rotation!r}"
    for app in APPS:
        to = [f"'to_{target}': Link({target}, timeout=60)" for source, target in sorted(edges) if source == app]
        lines.append(
            f"{app} = App('node-{app}', environment=shop, source='node.py:app', requires_auth=True{rotated},"
            f" inputs={{{', '.join(to)}}})"
        )
    return {"__main__.py": "\n".join(lines), "answer.py": ANSWER, "node.py": NODE}


class Browser:
    """A person's browser that was let into an app by `flyte-local open`."""

    def __init__(self, stack: Stack, app: str) -> None:
        address = urlsplit(stack.run("flyte-local", "open", f"node-{app}").text.strip())
        self._base = f"http://127.0.0.1:{stack.port}"
        self._host = address.netloc
        entered = httpx.get(f"{self._base}/?{address.query}", headers={"Host": self._host}, timeout=60)
        assert entered.status_code == 303, entered.text
        self._cookie = entered.headers["set-cookie"].split(";")[0]

    def get(self, path: str) -> httpx.Response:
        headers = {"Host": self._host, "Cookie": self._cookie}
        return httpx.get(self._base + path, headers=headers, timeout=120)


def call(stack: Stack, app: str, token: str) -> int:
    url = f"http://127.0.0.1:{stack.port}/apps/shop/development/node-{app}/"
    return httpx.get(url, headers={HEADER: token}, timeout=60).status_code


def minted(stack: Stack) -> dict[str, str]:
    """`source>target` -> the edge's credential, and `target` -> its private key."""
    state = json.loads(stack.pulumi("stack", "export", "--show-secrets", check=True).text)
    credentials = {}
    for resource in state["deployment"]["resources"]:
        name = resource["urn"].rpartition("::")[2].replace("node-", "")
        if resource["type"] == "flyte:api:EdgeCredential":
            credentials[name.replace("-calls-", ">")] = _plain(resource["outputs"]["credential"])
        elif resource["type"] == "flyte:api:AuthKey":
            credentials[name] = _plain(resource["outputs"]["privateKey"])
    return credentials


def _plain(secret: Any) -> str:
    assert secret["4dabf18193072939515e22adb298388d"] == "1b47061264138c4ac30d75fd1eb44270", "it is a secret in state"
    return str(json.loads(secret["plaintext"]))


@pytest.fixture(scope="module")
def edges() -> set[tuple[str, str]]:
    """Random ones; a failure names them."""
    chosen = {pair for pair in PAIRS if random.random() < 0.5}
    return chosen or {PAIRS[0]}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, edges: set[tuple[str, str]]) -> Iterator[Stack]:
    made = Stack(tmp_path_factory.mktemp("auth") / "stack")
    made.write(program(edges))
    made.init()
    made.deployed()
    yield made
    made.close()


def assert_matrix(stack: Stack, edges: set[tuple[str, str]]) -> None:
    """Allowed pairs are the declared ones, and a caller is who it says."""
    for source in APPS:
        for target, label, status, caller in Browser(stack, source).get("/attempts").json():
            allowed = label == target and (source, target) in edges
            expected = (200, f"app node-{source}") if allowed else (401, None)
            assert (status, caller) == expected, f"{source} calls {target} with {label}; declared: {sorted(edges)}"
        for _, target in (edge for edge in edges if edge[0] == source):
            answer = Browser(stack, source).get(f"/wired/to_{target}").json()
            assert answer == {"caller": f"app node-{source}"}


def test_allowed_calls_are_exactly_the_declared_ones(stack: Stack, edges: set[tuple[str, str]]) -> None:
    assert_matrix(stack, edges)
    assert stack.preview().changed == set()


def test_credentials_are_written_down_nowhere(stack: Stack, edges: set[tuple[str, str]]) -> None:
    secrets = minted(stack)
    assert set(secrets) == {f"{source}>{target}" for source, target in edges} | set(APPS)
    page = f"http://127.0.0.1:{stack.port}/v2/domain/development/project/shop/apps/node-e"
    texts = {
        "the state": stack.pulumi("stack", "export", check=True).text.encode(),
        "a preview": stack.preview("--diff").text.encode(),
        "preview --json": stack.pulumi("preview", "--json", "--stack", stack.name).text.encode(),
        "the console": httpx.get(page, timeout=60).content,
        "ps": subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, check=True).stdout,
    }
    texts |= {str(path.relative_to(stack.base)): content for path, content in contents(stack.base)}
    for where, content in texts.items():
        for name, secret in secrets.items():
            leaks = [form for form, written in forms(secret).items() if written in content]
            assert not leaks, f"the secret of {name} is in {where} ({leaks})"


def test_a_rotation_refuses_no_declared_caller(stack: Stack, edges: set[tuple[str, str]]) -> None:
    before = minted(stack)
    refused, calls = [], itertools.count()
    stop = threading.Event()

    def traffic(source: str, target: str) -> None:
        browser = Browser(stack, source)
        while not stop.is_set():
            response = browser.get(f"/wired/to_{target}")
            next(calls)
            if response.status_code != 200:
                refused.append((source, target, response.status_code, response.text))
            stop.wait(0.1)

    threads = [threading.Thread(target=traffic, args=edge) for edge in sorted(edges)[:4]]
    for thread in threads:
        thread.start()
    stack.write(program(edges, "2026-11"))
    try:
        stack.deployed()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not refused
    assert next(calls) > len(threads)
    between = minted(stack)
    assert not set(before.values()) & set(between.values()), "everything is new"
    for source, target in edges:
        assert call(stack, target, before[f"{source}>{target}"]) == 200, "the former credential still counts"
        assert call(stack, target, between[f"{source}>{target}"]) == 200
    assert_matrix(stack, edges)
    assert stack.preview().changed == set()
    stack.write(program(edges, "2026-12"))
    stack.deployed()
    for source, target in edges:
        assert call(stack, target, before[f"{source}>{target}"]) == 401, "two rotations ago"
        assert call(stack, target, between[f"{source}>{target}"]) == 200


def test_an_edge_that_goes_takes_its_credential_along(stack: Stack, edges: set[tuple[str, str]]) -> None:
    source, target = removed = min(edges)
    remaining = edges - {removed}
    stack.write(program(edges, "2026-12"))
    assert stack.up().code == 0
    stack.write(program(remaining, "2026-12"))
    name = f"node-{source}-calls-node-{target}"
    assert stack.deployed().changed == {
        f"flyte:api:EdgeCredential::{name}",
        f"flyte:api:Secret::{name}",
        f"flyte:api:App::node-{source}",
    }
    assert f"{source}>{target}" not in minted(stack)
    assert_matrix(stack, remaining)
    assert stack.destroy().code == 0
    assert not stack.remaining()


UNSIGNED = """\
from pulumi_flyte import App, AppEndpoint, Environment

shop = Environment("shop")
guarded = App("guarded", environment=shop, source="node.py:app", requires_auth=True)
App("by-name", environment=shop, source="node.py:app", inputs={"g": AppEndpoint("guarded")})
App("by-output", environment=shop, source="node.py:app", inputs={"g": guarded.link})
App("early", environment=shop, source="node.py:app", inputs={"l": AppEndpoint("later")})
App("later", environment=shop, source="node.py:app", requires_auth=True)
App("open", environment=shop, source="node.py:app", inputs={"e": AppEndpoint("early")})
"""


def test_an_edge_that_can_carry_no_credential_is_said_in_preview(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack()
    stack.write({"__main__.py": UNSIGNED, "answer.py": ANSWER, "node.py": NODE})
    stack.init()
    preview = stack.preview()
    assert preview.code == 0, preview.text
    # The diagnostics at the end; the lines of progress say the same before.
    warnings = [line for line in map(str.strip, preview.text.splitlines()) if line.startswith("warning: ")]
    assert len(warnings) == 3, preview.text
    assert any("'by-name' calls 'guarded' by name" in line and "AppEndpoint('guarded')" in line for line in warnings)
    assert any("'early' calls 'later' by name" in line for line in warnings), "also where the app comes second"
    assert any("inputs.g: the app 'guarded' requires credentials" in line for line in warnings)


REMOTE = """\
import pulumi

class Remote(pulumi.ComponentResource):
    def __init__(self, kind, name, props, outputs):
        declared = {**props, **{key: None for key in outputs if key not in props}}
        super().__init__(f"flyte:index:{kind}", name, declared, pulumi.ResourceOptions(version="0.1.0"), remote=True)

shop = Remote("Environment", "shop", {}, ["settings"])
node = {"environment": shop.settings, "source": "node.py:app", "requiresAuth": True, ROTATION}
a = Remote("App", "node-a", node, ["link"])
b = Remote("App", "node-b", {**node, "inputs": {"to_a": {"to": a.link, "timeout": 60}}}, ["link"])
c = Remote("App", "node-c", {**node, "inputs": {"to_b": b}}, ["link"])
"""


def test_components_of_other_languages_carry_credentials_too(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack()
    files = {"answer.py": ANSWER, "node.py": NODE}
    stack.write({**files, "__main__.py": REMOTE.replace("ROTATION", "")})
    stack.init()
    for rotation in ("", "'authRotation': '2026-11'"):
        stack.write({"__main__.py": REMOTE.replace("ROTATION", rotation)})
        stack.deployed()
        assert Browser(stack, "b").get("/wired/to_a").json() == {"caller": "app node-b"}
        assert Browser(stack, "c").get("/wired/to_b").json() == {"caller": "app node-c"}
        assert stack.preview().changed == set()
    secrets = minted(stack)
    exported = stack.pulumi("stack", "export", check=True).text
    assert not [name for name, secret in secrets.items() if secret in exported]
    assert stack.destroy().code == 0
