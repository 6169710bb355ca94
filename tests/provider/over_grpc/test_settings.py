"""The provider's settings, and the credential that every call carries."""

from __future__ import annotations

import base64

import pytest
from pulumi_flyte_provider.properties.values import UNKNOWN, Secret

from tests.provider.over_grpc import oss_server
from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import Plugin, PluginError

API_KEY = Secret(base64.b64encode(b"flyte.example.com:client:s3cret:acme").decode())
HERE = {"platform": "flyte", "endpoint": "https://flyte.example.com"}


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"platform": "flyt"}, "flyte:platform: unknown platform: did you mean 'flyte'? (got 'flyt')"),
        ({"platform": "kubernets"}, "flyte:platform: unknown platform: did you mean 'kubernetes'?"),
        ({"endpont": "x"}, "flyte:endpont: unknown setting: did you mean 'endpoint'?"),
        ({"platform": "flyte"}, "pulumi config set flyte:endpoint"),
        ({**HERE, "endpoint": "https://"}, "an endpoint is a URL"),
        ({"localPort": "eighty"}, "flyte:localPort: expected a whole number (got 'eighty')"),
        ({"localPort": "99999"}, "between 1 and 65535"),
        ({"insecure": "maybe"}, "flyte:insecure: expected true or false (got 'maybe')"),
        ({"project": "No_Good"}, "flyte:project: a project or domain is"),
        ({"scheme": "ftp"}, "http or https"),
        ({"regsitry": "x"}, "flyte:regsitry: unknown setting: did you mean 'registry'?"),
    ],
)
def test_bad_settings_have_one_clear_message(unconfigured: Plugin, settings: dict[str, str], problem: str) -> None:
    problems = unconfigured.check_config(**settings)
    assert len(problems) == 1, problems
    assert problem in problems[0]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        HERE,
        {"localPort": "8481", "insecure": "true"},
        {"version": "0.1.0"},
        {"inClusterEndpoint": "flyte:8089", "python": ".venv/bin/python"},
        {"endpoint": UNKNOWN},
        {"platform": "kubernetes", "registry": "ghcr.io/acme", "containerApiKey": API_KEY, "egress": "open"},
    ],
)
def test_good_settings_pass(unconfigured: Plugin, settings: dict[str, object]) -> None:
    assert unconfigured.check_config(**settings) == []


def test_a_bearer_token_is_no_key_of_containers(unconfigured: Plugin) -> None:
    (problem,) = unconfigured.check_config(containerApiKey=Secret("t0ken"))
    assert (
        problem
        == "flyte:containerApiKey: expected an API key of Flyte for containers, as `flyte create api-key` prints it"
    )


def test_a_key_of_the_wrong_type_is_not_shown(unconfigured: Plugin) -> None:
    (problem,) = unconfigured.check_config(apiKey=Secret(12345678))
    assert "12345678" not in problem


@pytest.mark.parametrize(
    ("change", "replaces"),
    [
        ({"endpoint": "https://flyte.example.com:8443"}, ["endpoint"]),
        ({"org": "acme"}, ["org"]),
        ({"platform": "local"}, ["endpoint", "org", "platform"]),
        ({"apiKey": "another"}, []),
        ({"endpoint": "dns:///flyte.example.com"}, []),
        ({"baseDomain": "x.org"}, []),
    ],
)
def test_another_flyte_replaces_and_another_token_does_not(
    unconfigured: Plugin, change: dict[str, str], replaces: list[str]
) -> None:
    assert unconfigured.diff_config({**HERE, "apiKey": "one"}, {**HERE, "apiKey": "one", **change}).replaces == replaces


def test_an_unconfigured_plugin_says_so(unconfigured: Plugin) -> None:
    with pytest.raises(PluginError, match="not configured"):
        unconfigured.read("flyte:api:App", "web", "a/b/c")


def test_the_key_is_a_bearer_token_on_every_call(unconfigured: Plugin, server: object, world: World) -> None:
    unconfigured.configure(platform="flyte", endpoint=getattr(server, "url"), apiKey=Secret("t0ken"))  # noqa: B009
    unconfigured.read("flyte:api:App", "web", "shop/development/web")
    assert world.headers[0]["authorization"] == "Bearer t0ken"


def test_the_key_does_not_go_to_whoever_listens_on_the_local_port(
    unconfigured: Plugin, server: oss_server.Server, world: World
) -> None:
    for key in ("t0ken", base64.b64encode(b"flyte.example.com:client:s3cret:acme").decode()):
        unconfigured.configure(localPort=server.port, apiKey=Secret(key))
        unconfigured.read("flyte:api:App", "web", "shop/development/web")
    assert world.calls == ["App.Get", "App.Get"]
    assert not any("authorization" in headers for headers in world.headers)


def test_a_client_that_is_refused_says_so_without_its_secret(unconfigured: Plugin, server: object) -> None:
    key = base64.b64encode(b"flyte.example.com:client:s3cret:acme").decode()
    unconfigured.configure(platform="flyte", endpoint=getattr(server, "url"), apiKey=Secret(key))  # noqa: B009
    with pytest.raises(PluginError) as caught:
        unconfigured.read("flyte:api:App", "web", "shop/development/web")
    assert "its client 'client' got no token" in str(caught.value)
    assert "s3cret" not in str(caught.value)
