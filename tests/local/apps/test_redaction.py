"""The server removes an app's secrets from its log."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flyte_local.home import Home
from flyte_local.secrets.redaction import Mask, mask_of, mask_urls
from flyte_local.secrets.vault import Vault
from flyte_local.state.store import Store
from flyteidl2.app.app_payload_pb2 import CreateRequest
from flyteidl2.core.security_pb2 import Secret
from flyteidl2.secret.definition_pb2 import SecretIdentifier, SecretSpec
from flyteidl2.secret.payload_pb2 import CreateSecretRequest, UpdateSecretRequest
from flyteidl2.secret.secret_connect import SecretServiceClientSync
from hypothesis import given
from hypothesis import strategies as st

from .conftest import DOMAIN, PROJECT, Plane, declaration, message, status_of, until

OLD, NEW = "canary-of-yesterday", "canary-of-today"
PRINTER = "import os; print('the key is', os.environ['KEY']); print(open(os.environ['PEM']).read()); raise SystemExit"
PEM = "-----BEGIN KEY-----\nc2VjcmV0LWxpbmUtb25l\nc2VjcmV0LWxpbmUtdHdv\nend\n"


def test_an_app_that_prints_its_secrets_leaks_them_nowhere(plane: Plane) -> None:
    secrets = plane.client(SecretServiceClientSync)
    names = {"printed": OLD, "pem": PEM, "another": "of-another-app"}
    for name, value in names.items():
        identifier = SecretIdentifier(organization="local", project=PROJECT, domain=DOMAIN, name=name)
        secrets.create_secret(CreateSecretRequest(id=identifier, secret_spec=SecretSpec(string_value=value)))
    app = declaration("printer", ["python", "-c", f"print('of-another-app', flush=True); {PRINTER}"])
    app.spec.security_context.secrets.append(Secret(key="printed", env_var="KEY"))
    app.spec.security_context.secrets.append(Secret(key="pem", env_var="PEM", mount_requirement=Secret.FILE))
    plane.apps.create(CreateRequest(app=app))
    app = plane.wait("printer", "failed")
    identifier.name = "printed"
    secrets.update_secret(UpdateSecretRequest(id=identifier, secret_spec=SecretSpec(string_value=NEW)))
    file = plane.home.app(PROJECT, DOMAIN, "printer") / "logs" / "1.log"
    until(lambda: NEW in file.read_text())
    assert OLD in file.read_text(), "the test is about values that are there, a rotated one too"
    tail = plane.log("printer")
    page = status_of(f"{plane.url}/v2/domain/{DOMAIN}/project/{PROJECT}/apps/printer")[1]
    command = [sys.executable, "-m", "flyte_local", "logs", "printer", "--home", str(plane.home.path)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    for text in ("\n".join(tail), page, shown, message(app), str(plane.events("printer"))):
        for value in (OLD, NEW, "c2VjcmV0LWxpbmUtb25l", "c2VjcmV0LWxpbmUtdHdv", "BEGIN KEY"):
            assert value not in text
    assert tail[:2] == ["of-another-app", "the key is ***"]
    assert "the key is ***" in shown
    assert "the key is ***" in page


def test_short_values_and_short_lines_stay_readable() -> None:
    mask = Mask.of([b"abc", b"long enough line\nshort\n", b"dev-token\n"])
    assert mask("abc short long enough line dev-token") == "abc short *** ***"


def test_of_a_value_that_begins_with_another_one_nothing_stays() -> None:
    assert Mask.of([b"secret", b"secret-longer"])("x secret-longer y secret z") == "x *** y *** z"


@given(st.text(min_size=4).filter(lambda text: len(text.strip()) >= 4), st.text(), st.text())
def test_no_value_survives(value: str, before: str, after: str) -> None:
    data = value.encode("utf-8", "replace")
    masked = Mask.of([data])(before + data.decode() + after)
    assert data.decode() not in masked or data.decode() in "***"


def test_what_cannot_be_decrypted_any_more_masks_everything(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    store = Store(home.database)
    first = Vault(home, store)
    identifier = SecretIdentifier(project=PROJECT, domain=DOMAIN, name="k")
    first.put(identifier, SecretSpec(string_value=OLD))
    first.environment([Secret(key="k")], PROJECT, DOMAIN, tmp_path, workload="app/a")
    assert mask_of(first, "app/a")(f"x {OLD}") == "x ***"
    home.vault_key.unlink()
    second = Vault(home, store)
    assert mask_of(second, "app/a")(f"x {OLD}") == "***"
    assert mask_of(second, "app/b")("nothing given") == "nothing given"
    second.put(identifier, SecretSpec(string_value=NEW))
    second.environment([Secret(key="k")], PROJECT, DOMAIN, tmp_path, workload="app/a")
    assert mask_of(second, "app/a")(f"x {NEW}") == "x ***"
    second.forget("app/a")
    assert mask_of(second, "app/a")(f"x {NEW}") == f"x {NEW}"
    store.close()


@pytest.mark.parametrize("value", [b"", b"   ", b"\n\n\n", b"  a  "])
def test_next_to_nothing_masks_nothing(value: bytes) -> None:
    assert Mask.of([value])("a    b") == "a    b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at https://me:pa55@index.example/simple now", "at https://***@index.example/simple now"),
        ("https://token@index.example", "https://***@index.example"),
        ("https://u:p@ss/w@h/simple", "https://***@h/simple"),
        ("git+https://example.com/a/b@v1", "git+https://example.com/a/b@v1"),
    ],
)
def test_credentials_of_urls_are_masked(text: str, shown: str) -> None:
    assert mask_urls(text) == shown
