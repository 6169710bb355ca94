"""An app that requires credentials: its key, and a credential for each caller, in the order that refuses no call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from pulumi_flyte import App, AppEndpoint, Environment, Link, Task
from pulumi_flyte.testing import UNKNOWN, SecretValue

from tests.components.mocks.registrations import FLYTE, Program, run

PLATFORMS = pytest.mark.parametrize("config", [{}, FLYTE], ids=["local", "flyte"])
CONTAINER: dict[str, Any] = {"image": "job:1", "command": ["go"], "interface": {"inputs": {}}}
KEY = {"kid": "k1", "kty": "OKP", "crv": "Ed25519", "x": "AAAA"}
COMPUTED: dict[str, dict[str, Any]] = {
    "api:AuthKey": {"privateKey": "pem", "keys": [KEY], "createdAt": 1700000000},
    "api:EdgeCredential": {"credential": "token"},
    "api:Secret": {"version": "v1"},
}


def shop(rotation: str | None = None) -> Mapping[str, pulumi.Input[Any]]:
    environment = Environment("env", project="p")
    back = App("back", environment=environment, image="back:1", requires_auth=True, auth_rotation=rotation)
    web = App("web", environment=environment, image="web:1", inputs={"back": back})
    Task("job", environment=environment, inputs={"b": Link(back, timeout=3)}, **CONTAINER)
    return {"link": back.link, "version": back.version, "caller": web.version}


def wiring(program: Program, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(program[name].inputs["env"]["FLYTE_WIRING"])
    return document


@PLATFORMS
def test_a_guarded_app_has_a_key_and_each_caller_a_credential(config: Mapping[str, str]) -> None:
    program = run(shop, config, computed=COMPUTED)
    api = {name for name in program.names if name.startswith("api:")}
    assert api == {
        "api:App back",
        "api:AuthKey back",
        *("api:App web", "api:EdgeCredential web-calls-back", "api:Secret web-calls-back"),
        *("api:Task job", "api:EdgeCredential job-calls-back", "api:Secret job-calls-back"),
    }
    assert program["api:AuthKey back"].inputs == {"audience": "p/development/back"}
    assert program["api:App back"].inputs["requiresAuth"] is True


@PLATFORMS
@pytest.mark.parametrize(("caller", "alias", "identity"), [("web", "back", "app/web"), ("job", "b", "task/job")])
def test_a_credential_is_signed_stored_and_read_by_the_caller(
    config: Mapping[str, str], caller: str, alias: str, identity: str
) -> None:
    program = run(shop, config, computed=COMPUTED)
    assert program[f"api:EdgeCredential {caller}-calls-back"].inputs == {
        "privateKey": SecretValue("pem"),
        "caller": f"p/development/{identity}",
        "audience": "p/development/back",
        "issuedAt": 1700000000,
    }
    stored = program[f"api:Secret {caller}-calls-back"].inputs
    assert stored["value"] == SecretValue("token")
    assert (stored["project"], stored["domain"]) == ("p", "development")
    consumer = "api:App web" if caller == "web" else "api:Task job"
    variable = f"FLYTE_CREDENTIAL_{alias.upper()}"
    assert program[consumer].inputs["secrets"] == [{"key": stored["name"], "envVar": variable}]
    assert wiring(program, consumer)["inputs"][alias]["credential_variable"] == variable


@PLATFORMS
def test_a_credential_is_stored_after_the_app_accepts_its_key_and_before_its_caller_starts(
    config: Mapping[str, str],
) -> None:
    program = run(shop, config, computed=COMPUTED)
    assert "api:AuthKey back" in program.awaited_by("api:App back")
    for caller, consumer in (("web", "api:App web"), ("job", "api:Task job")):
        assert program.awaited_by(f"api:EdgeCredential {caller}-calls-back") == {"api:AuthKey back"}
        stored = f"api:Secret {caller}-calls-back"
        assert program.awaited_by(stored) == {f"api:EdgeCredential {caller}-calls-back", "api:App back"}
        assert program.awaited_by(consumer) >= {stored, "api:App back"}
    assert program["api:App web"].inputs["secretVersions"] == {"FLYTE_CREDENTIAL_BACK": "v1"}


@pytest.mark.parametrize(
    ("config", "enforced_by"),
    [({}, "platform"), (FLYTE, "app"), ({**FLYTE, "flyte:platformAuth": "true"}, "platform")],
)
def test_the_app_knows_the_public_keys_and_who_enforces_them(config: Mapping[str, str], enforced_by: str) -> None:
    document = wiring(run(shop, config, computed=COMPUTED), "api:App back")
    assert document["auth"] == {"audience": "p/development/back", "keys": [KEY], "enforced_by": enforced_by}
    assert "pem" not in json.dumps(document)


def test_no_key_is_in_a_caller() -> None:
    program = run(shop, computed=COMPUTED)
    holders = {str(each) for each in program.resources if "pem" in each.in_clear.replace("Demp", "")}
    assert holders == {"api:EdgeCredential web-calls-back", "api:EdgeCredential job-calls-back"}


def test_a_rotation_is_the_keys_and_not_a_part_of_the_app() -> None:
    program = run(lambda: shop("2026-01"), computed=COMPUTED)
    assert program["api:AuthKey back"].inputs == {"audience": "p/development/back", "rotation": "2026-01"}
    assert "2026-01" not in program["api:App back"].in_clear


def test_a_new_key_changes_the_app_and_only_the_secret_of_its_callers() -> None:
    other = {**COMPUTED, "api:AuthKey": {**COMPUTED["api:AuthKey"], "keys": [{**KEY, "kid": "k2"}, KEY]}}
    before, after = run(shop, computed=COMPUTED), run(shop, computed=other)
    assert before.outputs["version"] != after.outputs["version"]
    assert before.outputs["caller"] == after.outputs["caller"]


def test_in_a_preview_the_address_is_known_and_the_version_is_not() -> None:
    program = run(shop, preview=True)
    back = program["api:App back"].inputs
    assert back["endpoint"] == "http://127.0.0.1:8480/apps/p/development/back"
    assert back["version"] == UNKNOWN
    assert program["api:App web"].inputs["env"]["BACK"] == back["endpoint"]
    assert program["api:App web"].inputs["version"] != UNKNOWN


def test_two_aliases_of_one_app_share_a_credential() -> None:
    def declare() -> None:
        environment = Environment("env", project="p")
        back = App("back", environment=environment, image="back:1", requires_auth=True)
        App("web", environment=environment, image="web:1", inputs={"a": back, "b": Link(back, retries=2)})

    program = run(declare, computed=COMPUTED)
    assert len([name for name in program.names if name.startswith("api:EdgeCredential")]) == 1
    requests = program["api:App web"].inputs["secrets"]
    assert {each["envVar"] for each in requests} == {"FLYTE_CREDENTIAL_A", "FLYTE_CREDENTIAL_B"}
    assert len({each["key"] for each in requests}) == 1


def test_a_caller_of_another_project_is_named_by_all_of_its_callee() -> None:
    def declare() -> None:
        there, here = Environment("there", project="q"), Environment("here", project="p")
        back = App("back", environment=there, image="back:1", requires_auth=True)
        App("web", environment=here, image="web:1", inputs={"back": back})

    program = run(declare, computed=COMPUTED)
    credential = program["api:EdgeCredential web-calls-q-development-back"]
    assert (credential.inputs["caller"], credential.inputs["audience"]) == (
        "p/development/app/web",
        "q/development/back",
    )
    assert program["api:Secret web-calls-q-development-back"].inputs["project"] == "p"


def test_an_open_app_has_no_key_and_its_callers_no_credential() -> None:
    def declare() -> None:
        environment = Environment("env", project="p")
        for name, guarded in (("unset", None), ("open", False)):
            back = App(name, environment=environment, image="back:1", requires_auth=guarded)
            App(f"calls-{name}", environment=environment, image="web:1", inputs={"back": back})

    names = run(declare).names
    assert not [name for name in names if "AuthKey" in name or "EdgeCredential" in name]


@pytest.mark.parametrize("first", ["caller", "callee"])
def test_a_call_by_name_carries_no_credential_and_says_so(first: str) -> None:
    def declare() -> None:
        environment = Environment("env", project="p")

        def caller() -> None:
            App("web", environment=environment, image="web:1", inputs={"back": AppEndpoint("back")})

        if first == "caller":
            caller()
        App("back", environment=environment, image="back:1", requires_auth=True)
        if first == "callee":
            caller()

    warnings = run(declare, computed=COMPUTED).warnings
    assert [text for text in warnings if "'web' calls 'back' by name, which carries no credential" in text], warnings


def test_a_link_in_an_output_carries_no_credential_and_says_so() -> None:
    def declare() -> None:
        environment = Environment("env", project="p")
        back = App("back", environment=environment, image="back:1", requires_auth=True)
        App("web", environment=environment, image="web:1", inputs={"back": back.link})

    warnings = run(declare, computed=COMPUTED).warnings
    assert [text for text in warnings if "inputs.back: the app 'back' requires credentials" in text], warnings


def test_the_link_names_the_key() -> None:
    link = run(shop, computed=COMPUTED).outputs["link"]
    assert link["authKey"].endswith("flyte:api:AuthKey::back")
    assert (link["kind"], link["name"], link["url"]) == (
        "app",
        "back",
        "http://127.0.0.1:8480/apps/p/development/back",
    )
