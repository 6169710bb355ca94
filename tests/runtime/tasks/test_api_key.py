"""The key that a container shows to Flyte's endpoint, and what is said where it is missing or refused."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import flyte_runtime as rt
import pytest
from flyte_runtime.contract import API_KEY_VARIABLE, WIRING_VARIABLE, Identity, TaskInput, Wiring
from flyte_runtime.errors import NotConfigured, TaskError
from flyte_runtime.tasks import api_key

from tests.runtime.flyte_internals import forget_connection

KEY = base64.b64encode(b"flyte.example.com:client:s3cret:acme").decode()
VARIABLES = (API_KEY_VARIABLE, "EAGER_API_KEY", "FLYTE_AUTH_TYPE", "FLYTE_ADMIN_AUTHTYPE", "UCTL_CONFIG")


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, "")  # restored also where the library sets it


def test_a_key_of_flytes_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("", KEY):
        monkeypatch.setenv(API_KEY_VARIABLE, key)
        assert api_key.problem() is None
    monkeypatch.setenv(API_KEY_VARIABLE, "")
    monkeypatch.setenv("EAGER_API_KEY", KEY)
    assert api_key.shown_key() == "EAGER_API_KEY"


@pytest.mark.parametrize("key", ["s3cret-token", "czNjcmV0", base64.b64encode(b":a:b:c").decode(), "\xb5"])
def test_another_text_is_said_without_being_shown(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(API_KEY_VARIABLE, key)
    problem = api_key.problem()
    assert problem is not None
    assert "base64 of endpoint:client_id:client_secret:org" in problem
    assert key not in problem


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_container_with_a_credential_of_any_kind_keeps_its_way_to_log_in(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api_key.without_login() == {"FLYTE_AUTH_TYPE": "Passthrough"}
    monkeypatch.setenv(variable, "set")
    assert api_key.without_login() == {}


@pytest.fixture
def refusing() -> Iterator[str]:
    """The address of a control plane that wants a credential."""

    class Refusal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            body = b'{"code":"unauthenticated","message":"no token"}'
            self.send_response(401)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusal) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def _in_a_pod(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    task = TaskInput(project="p", domain="d", name="train", version="v1")
    identity = Identity(kind="app", project="p", domain="d", name="hook")
    wiring = Wiring(platform="kubernetes", identity=identity, inputs={"train": task})
    monkeypatch.setenv(WIRING_VARIABLE, wiring.to_json())
    monkeypatch.setenv("FLYTE_INTERNAL_EXECUTION_PROJECT", "p")
    monkeypatch.setenv("FLYTE_INTERNAL_EXECUTION_DOMAIN", "d")
    forget_connection()
    yield
    forget_connection()


@pytest.mark.usefixtures("_in_a_pod")
async def test_an_endpoint_that_wants_a_key_says_how_to_give_one(
    refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_U_EP_OVERRIDE", refusing)
    monkeypatch.setenv("_U_INSECURE", "true")
    with pytest.raises(TaskError, match=r"UNAUTHENTICATED: no token: this container has no API key; `pulumi config"):
        await rt.task("train").start(x=1)


@pytest.mark.usefixtures("_in_a_pod")
async def test_a_key_that_the_sdk_cannot_read_is_said_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(API_KEY_VARIABLE, "s3cret-token")
    with pytest.raises(NotConfigured, match="is not an API key of Flyte") as caught:
        await rt.task("train").start(x=1)
    assert "s3cret" not in str(caught.value)
