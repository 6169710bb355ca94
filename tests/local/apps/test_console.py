"""The console, and secrets as apps see them."""

from __future__ import annotations

import pytest
from flyteidl2.app.app_payload_pb2 import CreateRequest
from flyteidl2.core.security_pb2 import Secret
from flyteidl2.secret.definition_pb2 import SecretIdentifier, SecretSpec
from flyteidl2.secret.payload_pb2 import CreateSecretRequest
from flyteidl2.secret.secret_connect import SecretServiceClientSync

from .conftest import DOMAIN, PLAIN, PROJECT, Plane, declaration, status_of


def test_the_console_shows_apps_their_logs_and_escapes_everything(plane: Plane) -> None:
    plane.create("scripty", ["python", "-c", "print('<script>alert(1)</script>'); raise SystemExit(1)"])
    plane.wait("scripty", "failed")
    code, front = status_of(plane.url + "/")
    assert code == 200
    assert "scripty" in front
    code, page = status_of(f"{plane.url}/v2/domain/{DOMAIN}/project/{PROJECT}/apps/scripty")
    assert code == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page
    assert "exited with code 1" in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/domain/development/project/shop", 200),
        ("/v2/domain/development/project/shop/runs", 200),
        ("/v2/domain/development/project/shop/apps", 200),
        ("/v2/domain/development/project/shop/tasks", 200),
        ("/v2/domain/development/project/shop/secrets", 200),
        ("/v2", 200),
        ("/v2/domain/development/project/shop/runs/r1", 404),
        ("/v2/domain/development/project/shop/runs/%2e%2e", 404),
        ("/v2/domain/development/project/shop/tasks/none", 404),
        ("/v2/domain/development/project/shop/triggers/none/none", 404),
        ("/v2/domain/development/project/shop/other", 404),
        ("/v2/domain/%3Cb%3E/project/%3Cb%3E", 200),
        ("/v2/domain/%3Cb%3E/project/%3Cb%3E/tasks/%3Cb%3E", 404),
        ("/v2/domain/development/project/shop/apps/none", 404),
        ("/nothing", 404),
        ("/v2/domain/%3Cb%3E/project/%3Cb%3E/apps/%3Cb%3E", 404),
    ],
)
def test_pages(plane: Plane, path: str, status: int) -> None:
    code, page = status_of(plane.url + path)
    assert code == status
    assert "<b>" not in page


def test_the_console_cannot_be_written_to(plane: Plane) -> None:
    assert status_of(plane.url + "/", method="POST")[0] == 405


def test_only_the_app_that_declares_a_secret_sees_it_and_no_trace_of_it_is_left(plane: Plane) -> None:
    canary = "canary-5b1f0a3c"
    secrets = plane.client(SecretServiceClientSync)
    identifier = SecretIdentifier(organization="local", project=PROJECT, domain=DOMAIN, name="key")
    secrets.create_secret(CreateSecretRequest(id=identifier, secret_spec=SecretSpec(string_value=canary)))
    app = declaration("keyed", PLAIN)
    app.spec.security_context.secrets.append(Secret(key="key", env_var="KEY", mount_requirement=Secret.ENV_VAR))
    app.spec.security_context.secrets.append(Secret(key="key", env_var="KEY_FILE", mount_requirement=Secret.FILE))
    plane.apps.create(CreateRequest(app=app))
    plane.wait("keyed")
    plane.up("keyless")
    assert plane.fetch("keyed")["env"]["KEY"] == canary
    assert canary not in str(plane.fetch("keyless")["env"])
    assert canary not in str(plane.get("keyed"))
    project_page = f"{plane.url}/v2/domain/{DOMAIN}/project/{PROJECT}"
    assert canary not in status_of(f"{project_page}/apps/keyed")[1]
    names = status_of(f"{project_page}/secrets")[1]
    assert "<td>key</td>" in names
    assert canary not in names
    plane.delete("keyed")
    for path in plane.home.path.rglob("*"):
        assert not path.is_file() or canary.encode() not in path.read_bytes(), path
