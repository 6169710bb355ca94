"""App to task: webhooks, a run over a WebSocket, Flyte's ready-made webhook app, and the older spellings of a run."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.local.patterns.conftest import Patterns
from tests.local.tasks.conftest import DOMAIN, PROJECT

KEY = "a-key-of-these-tests"
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def hooks(deployed: Callable[..., Patterns], patterns: Patterns) -> Patterns:
    patterns.flyte("create", "secret", "hook-key", "--value", KEY, "--project", PROJECT, "--domain", DOMAIN)
    return deployed("webhooks.py")


def spoken(patterns: Patterns, app: str, inputs: dict[str, Any]) -> list[Any]:
    """Return all messages of the app about a run, until it closes the connection."""
    with connect(patterns.endpoint(app, "ws") + "/runs", open_timeout=60) as websocket:
        websocket.send(json.dumps(inputs))
        return [json.loads(message) for message in websocket]


def test_a_webhook_starts_a_run_for_who_has_the_key(hooks: Patterns) -> None:
    hooks.up("hooks", "/docs")
    answer = hooks.post("hooks", "/start/jobs.resize", headers=AUTHORIZED, json={"image": "cat.png"})
    assert answer.json()["url"].endswith("/runs/" + answer.json()["name"])
    assert hooks.phase(answer.json()["name"]) == "succeeded"


def test_a_webhook_refuses_a_wrong_key_and_wrong_inputs(hooks: Patterns) -> None:
    wrong = {"Authorization": "Bearer guess"}
    assert hooks.post("hooks", "/start/jobs.resize", headers=wrong, json={"image": "cat.png"}).status_code == 403
    assert hooks.post("hooks", "/start/jobs.resize", headers=AUTHORIZED, json={"width": 1}).status_code == 422


def test_a_webhook_waits_for_the_result_and_for_the_failure(hooks: Patterns) -> None:
    good = hooks.post("hooks", "/finish/jobs.resize", headers=AUTHORIZED, json={"image": "cat.png", "width": 7})
    assert good.json() == {"phase": "succeeded", "outputs": ["cat.png@7"], "error": ""}
    bad = hooks.post("hooks", "/finish/jobs.broken", headers=AUTHORIZED, json={"image": "dog.png"}).json()
    assert bad["phase"] == "failed"
    assert "no such image: dog.png" in bad["error"]


def test_a_signed_delivery_starts_a_run(hooks: Patterns) -> None:
    body = b'{"after": "c0ffee"}'
    signature = "sha256=" + hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": signature, "X-GitHub-Event": "push"}
    run = hooks.post("hooks", "/github", headers=headers, content=body).json()["run"]
    assert hooks.phase(run) == "succeeded"
    assert hooks.post("hooks", "/github", headers=headers, content=body + b" ").status_code == 403
    ping = {**headers, "X-GitHub-Event": "ping"}
    assert hooks.post("hooks", "/github", headers=ping, content=body).json() == {"status": "ignored"}


def test_a_run_is_started_and_followed_over_a_websocket(hooks: Patterns) -> None:
    messages = spoken(hooks, "hooks", {"image": "cat.png"})
    assert messages[0]["name"]
    assert messages[-1] == {"phase": "succeeded"}


def test_the_ready_made_webhook_answers_for_itself(hooks: Patterns) -> None:
    assert hooks.up("ready-made", "/health").json() == {"status": "healthy"}
    path = f"/run-task/{DOMAIN}/{PROJECT}"
    assert hooks.post("ready-made", f"{path}/jobs.resize", json={"image": "a"}).status_code == 401
    refused = hooks.post("ready-made", f"{path}/jobs.broken", headers=AUTHORIZED, json={"image": "a"})
    assert (refused.status_code, "allowlist" in refused.text) == (403, True)
    assert hooks.get("ready-made", "/app/hooks", headers=AUTHORIZED).status_code == 404, "not one of its groups"


def test_the_ready_made_webhook_needs_a_control_plane_with_tls(hooks: Patterns) -> None:
    """Its `flyte.init_passthrough` takes no `_U_INSECURE`. Once that changes, docs/fidelity.md has a line less."""
    path = f"/run-task/{DOMAIN}/{PROJECT}/jobs.resize"
    answer = hooks.post("ready-made", path, headers=AUTHORIZED, json={"image": "a"})
    assert (answer.status_code, "https://127.0.0.1" in answer.text) == (500, True)


def test_an_app_in_the_older_spellings_runs_as_it_is(hooks: Patterns) -> None:
    hooks.flyte("deploy", "older.py", "env")
    hooks.up("older", "/docs")
    messages = spoken(hooks, "older", {"image": "cat.png"})
    assert messages[0]["run_id"]
    assert messages[-2:] == [{"status": "succeeded", "message": ""}, {"status": "succeeded"}]
    log = (hooks.world.home.app(PROJECT, DOMAIN, "older") / "logs").glob("*")
    assert "run.id is an older spelling of run.name" in "".join(file.read_text() for file in log)
