"""The package schema is valid, complete, and equal to what the classes take."""

from __future__ import annotations

import inspect
import json
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import pulumi_flyte
import pytest
from pulumi_flyte import api, local
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.version import VERSION
from pulumi_flyte_provider.plugin import catalogue, component_schema
from pulumi_flyte_provider.plugin.schema import package_schema, package_schema_json

ROOT = Path(__file__).parents[3]
SCHEMA = package_schema()


def keywords(cls: type) -> set[str]:
    """A class's keywords as properties."""
    parameters = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    return {camel(k) for k, p in parameters.items() if p.kind is p.KEYWORD_ONLY} - {"opts"}


@pytest.mark.parametrize("token", component_schema.TOKENS)
def test_a_component_has_the_keywords_of_its_class(token: str) -> None:
    cls = getattr(pulumi_flyte, token.rsplit(":", 1)[-1])
    assert keywords(cls) == set(SCHEMA["resources"][token]["inputProperties"])
    for key in component_schema.outputs(token):
        annotated = {name for base in cls.__mro__ for name in getattr(base, "__annotations__", {})}
        assert key in annotated or isinstance(getattr(cls, key, None), property), key


@pytest.mark.parametrize("token", catalogue.TOKENS)
def test_a_resource_class_has_the_properties_of_its_resource(token: str) -> None:
    name = token.rsplit(":", 1)[-1]
    cls = getattr(local if token.startswith("flyte:local:") else api, name)
    assert keywords(cls) == set(SCHEMA["resources"][token]["inputProperties"])


def test_everything_has_a_description() -> None:
    bare = [
        f"{token}.{key}"
        for token, resource in {**SCHEMA["resources"], **SCHEMA["types"]}.items()
        for key, entry in {**resource.get("inputProperties", {}), **resource.get("properties", {})}.items()
        if not entry.get("description")
    ]
    assert bare == []


# Protobuf JSON, and plain values that a task's interface types.
WITHOUT_A_SHAPE = {
    "flyte:api:App.pod",
    "flyte:api:App.extra",
    "flyte:api:Task.template",
    "flyte:api:Trigger.inputs",
    "flyte:index:Trigger.inputs",
}


def test_everything_with_a_shape_is_typed() -> None:
    untyped = {
        f"{token}.{key}"
        for token, entry in {**SCHEMA["resources"], **SCHEMA["types"]}.items()
        for key, schema in {**entry.get("inputProperties", {}), **entry.get("properties", {})}.items()
        if "pulumi.json#/Any" in json.dumps(schema)
    }
    assert untyped == WITHOUT_A_SHAPE


def test_a_value_of_a_few_is_an_enum() -> None:
    platform = SCHEMA["resources"]["flyte:index:Environment"]["inputProperties"]["platform"]
    assert platform["$ref"] == "#/types/flyte:index:Platform"
    assert {each["value"] for each in SCHEMA["types"]["flyte:index:Platform"]["enum"]} == {
        "local",
        "flyte",
        "kubernetes",
    }


def test_a_reference_is_a_component_or_its_link() -> None:
    inputs = SCHEMA["resources"]["flyte:index:App"]["inputProperties"]["inputs"]["additionalProperties"]["oneOf"]
    places = {each["$ref"].rpartition(":")[2] for each in inputs if "$ref" in each}
    assert {"type": "string"} in inputs
    assert places == {"App", "Task", "AppLink", "TaskLink", "AppEndpoint", "TaskRef", "Link", "StackLink"}


def test_a_link_is_of_the_same_type_where_it_comes_from_and_where_it_goes() -> None:
    resources = SCHEMA["resources"]
    for kind in ("App", "Task"):
        link = resources[f"flyte:index:{kind}"]["properties"]["link"]["$ref"]
        assert {"$ref": link} in resources["flyte:index:App"]["inputProperties"]["inputs"]["additionalProperties"][
            "oneOf"
        ]
    settings = resources["flyte:index:Environment"]["properties"]["settings"]["$ref"]
    assert {"$ref": settings} in resources["flyte:index:Task"]["inputProperties"]["environment"]["oneOf"]


def test_the_provider_has_the_keywords_of_its_class() -> None:
    assert keywords(pulumi_flyte.Provider) == set(SCHEMA["provider"]["inputProperties"])


def test_secrets_are_declared_secret() -> None:
    resources = SCHEMA["resources"]
    assert resources["flyte:api:Secret"]["inputProperties"]["value"]["secret"]
    assert resources["flyte:api:Secret"]["properties"]["versionKey"]["secret"]
    assert resources["flyte:index:Secret"]["inputProperties"]["value"]["secret"]
    assert SCHEMA["config"]["variables"]["apiKey"]["secret"]


def test_every_reference_leads_somewhere() -> None:
    text = package_schema_json()
    wanted = {part.split('"')[0] for part in text.split("#/types/")[1:]}
    assert wanted <= set(SCHEMA["types"])


def test_it_says_who_publishes_it_and_where_the_plugin_is() -> None:
    assert SCHEMA["publisher"]
    assert SCHEMA["license"] == "Apache-2.0"
    assert SCHEMA["homepage"] == SCHEMA["repository"]
    repository = SCHEMA["repository"].removeprefix("https://github.com/")
    assert SCHEMA["pluginDownloadURL"] == f"github://api.github.com/{repository}"
    assert not repository.startswith("pulumi/"), "the engine would ask Pulumi's own organisation"
    assert not any("@pulumi/" in str(language) for language in SCHEMA["language"].values())


def test_one_version_everywhere() -> None:
    assert SCHEMA["version"] == VERSION == version("pulumi-flyte")


def test_the_engine_accepts_the_schema(tmp_path: Path) -> None:
    pulumi = shutil.which("pulumi") or shutil.which("pulumi", path=str(ROOT / ".tools/bin"))
    if pulumi is None:
        pytest.skip("needs the Pulumi CLI: make tools")
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(SCHEMA))
    done = subprocess.run(
        [pulumi, "schema", "check", str(file)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
