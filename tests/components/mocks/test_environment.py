"""An Environment registers resources from its arguments and from the stack configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest
from pulumi_flyte import Environment, Image
from pulumi_flyte.testing import UNKNOWN, SecretValue

from tests.components.mocks.registrations import FLYTE, check_problems, problems_of, run


def settings_of(config: Mapping[str, str], stack: str, **arguments: Any) -> dict[str, Any]:
    program = run(lambda: {"settings": Environment("env", **arguments).settings}, config, stack=stack)
    settings: dict[str, Any] = program.outputs["settings"]
    return settings


def test_local_declares_its_control_plane_and_needs_no_provider() -> None:
    program = run(lambda: Environment("env"))
    assert program.names == {"index:Environment env", "local:Server env"}
    server = program["local:Server env"]
    assert (server.parent, server.provider) == ("index:Environment env", "")
    assert server.inputs == {}, "the default port is left out, so that a diff shows what the program says"
    assert server.version == "0.1.0"


def test_flyte_declares_nothing_besides_the_component() -> None:
    assert run(lambda: Environment("env"), FLYTE).names == {"index:Environment env"}


def test_the_component_has_the_arguments_under_the_names_of_the_schema() -> None:
    def declare() -> None:
        Environment(
            "env",
            platform="local",
            project="p",
            domain="staging",
            org="acme",
            insecure=True,
            local_port=9000,
            python="/usr/bin/python3",
            image=Image(packages=["httpx"], python="3.12"),
            env={"A": "1", "B": pulumi.Output.secret("two")},
            resources={"cpu": ("500m", 2), "gpu": "T4:1"},
            service_account="runner",
        )

    inputs = run(declare)["index:Environment env"].inputs
    assert inputs == {
        "platform": "local",
        "project": "p",
        "domain": "staging",
        "org": "acme",
        "insecure": True,
        "localPort": 9000,
        "python": "/usr/bin/python3",
        "image": {"packages": ["httpx"], "python": "3.12"},
        "env": SecretValue({"A": "1", "B": "two"}),
        "resources": {"cpu": ["500m", "2"], "gpu": "T4:1"},
        "serviceAccount": "runner",
    }


@pytest.mark.parametrize(
    ("stack", "project", "domain"),
    [
        ("dev", "shop", "development"),
        ("development", "shop", "development"),
        ("staging", "shop", "staging"),
        ("prod", "shop", "production"),
        ("review-7", "shop-review-7", "development"),
    ],
)
def test_project_and_domain_follow_the_stack(stack: str, project: str, domain: str) -> None:
    settings = settings_of({}, stack)
    assert (settings["project"], settings["domain"]) == (project, domain)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("project", "p", "p"),
        ("domain", "staging", "staging"),
        ("org", "acme", "acme"),
        ("endpoint", "dns:///other.example.com", "dns:///other.example.com"),
        ("insecure", "true", True),
        ("localPort", "9000", 9000),
        ("python", "/usr/bin/python3", "/usr/bin/python3"),
        ("baseDomain", "example.com", "example.com"),
        ("scheme", "http", "http"),
        ("namespace", "apps", "apps"),
        ("inClusterEndpoint", "flyte:8089", "flyte:8089"),
        ("consoleUrl", "https://console.example.com", "https://console.example.com"),
        ("registry", "ghcr.io/acme", "ghcr.io/acme"),
        ("baseImage", "python:3.13-slim", "python:3.13-slim"),
        ("builder", "remote", "remote"),
        ("platformAuth", "true", True),
    ],
)
def test_what_is_no_argument_comes_from_the_configuration(key: str, text: str, value: object) -> None:
    assert settings_of({**FLYTE, f"flyte:{key}": text}, "dev")[key] == value


@pytest.mark.parametrize(
    ("argument", "value", "key", "configured"),
    [
        ("platform", "local", "platform", "flyte"),
        ("project", "p", "project", "configured"),
        ("domain", "staging", "domain", "production"),
        ("org", "acme", "org", "configured"),
        ("endpoint", "dns:///mine.example.com", "endpoint", "dns:///other.example.com"),
        ("insecure", False, "insecure", "true"),
        ("local_port", 9001, "localPort", "9000"),
        ("python", "/usr/bin/python3", "python", "/usr/bin/python2"),
        ("in_cluster_endpoint", "flyte:8089", "inClusterEndpoint", "other:8089"),
        ("namespace", "mine", "namespace", "apps"),
        ("registry", "ghcr.io/mine", "registry", "ghcr.io/acme"),
        ("base_image", "python:3.14-slim", "baseImage", "python:3.13-slim"),
        ("builder", "mine", "builder", "remote"),
    ],
)
def test_an_argument_wins_over_the_configuration(argument: str, value: object, key: str, configured: str) -> None:
    assert settings_of({**FLYTE, f"flyte:{key}": configured}, "dev", **{argument: value})[key] == value


def test_another_platform_takes_over_nothing_that_describes_the_configured_control_plane() -> None:
    config = {
        **FLYTE,
        "flyte:inClusterEndpoint": "flyte.flyte:8089",
        "flyte:namespace": "apps",
        "flyte:consoleUrl": "https://console.example.com",
        "flyte:insecure": "true",
        "flyte:org": "acme",
        "flyte:scheme": "http",
        "flyte:platformAuth": "true",
        "flyte:registry": "ghcr.io/acme",
    }
    assert settings_of(config, "dev", platform="local") == settings_of(
        {"flyte:registry": "ghcr.io/acme"}, "dev", platform="local"
    )


def test_another_endpoint_takes_over_no_other_address_of_the_configured_one() -> None:
    config = {
        **FLYTE,
        "flyte:inClusterEndpoint": "flyte.flyte:8089",
        "flyte:consoleUrl": "https://console.example.com",
        "flyte:namespace": "apps",
    }
    settings = settings_of(config, "dev", endpoint="dns:///other.example.com")
    assert not {"inClusterEndpoint", "consoleUrl"} & settings.keys()
    assert settings["namespace"] == "apps"
    assert settings_of(config, "dev", endpoint=FLYTE["flyte:endpoint"]) == settings_of(config, "dev")


def test_a_cluster_argument_wins_over_the_configuration_setting_by_setting() -> None:
    config = {**FLYTE, "flyte:ingressHost": "{app}.example.com", "flyte:egress": "open", "flyte:gateway": "a/b"}
    settings = settings_of(config, "dev", cluster={"egress": "declared", "egress_cidrs": ["10.0.0.0/8"]})
    assert settings["cluster"] == {
        "ingressHost": "{app}.example.com",
        "gateway": "a/b",
        "egress": "declared",
        "egressCidrs": ["10.0.0.0/8"],
    }


def test_a_namespace_is_by_default_that_of_flyte_or_one_of_the_project_and_domain() -> None:
    assert settings_of(FLYTE, "dev")["namespace"] == "flyte"
    assert settings_of({"flyte:platform": "kubernetes"}, "prod")["namespace"] == "shop-production"
    assert settings_of({"flyte:platform": "kubernetes", "flyte:namespace": "mine"}, "prod")["namespace"] == "mine"


def test_settings_are_known_in_a_preview_but_for_the_instance_of_the_server() -> None:
    def declare() -> Mapping[str, pulumi.Input[Any]]:
        settings = Environment("env", project="p").settings
        return {key: settings[key] for key in ("platform", "project", "domain", "localPort", "instance")}

    values = {"platform": "local", "project": "p", "domain": "development", "localPort": 8480}
    assert run(declare, preview=True).outputs == {**values, "instance": UNKNOWN}
    assert run(declare, computed={"local:Server": {"epoch": 3}}).outputs == {**values, "instance": 3}


PROBLEMS: list[tuple[Mapping[str, Any], Mapping[str, str], Mapping[str, str]]] = [
    ({"platfrom": "local"}, {}, {"platfrom": "did you mean 'platform'?"}),
    ({"platform": "flite"}, {}, {"platform": "unknown platform: did you mean 'flyte'?"}),
    ({"platform": "flyte"}, {}, {"endpoint": "needs an endpoint: pulumi config set flyte:endpoint"}),
    ({"project": 3}, {}, {"project": "a plain string, which is known when the program runs (got 3)"}),
    ({"project": "A B"}, {}, {"project": "lower-case letters, digits and inner dashes (got 'A B')"}),
    ({"domain": "dev"}, {}, {"domain": ""}),
    ({"domain": "A B"}, FLYTE, {"domain": "lower-case letters, digits and inner dashes"}),
    ({"org": 3}, {}, {"org": "a plain string"}),
    ({"endpoint": 3}, FLYTE, {"endpoint": "a plain string"}),
    ({"insecure": "yes"}, {}, {"insecure": "True or False (got 'yes')"}),
    ({"local_port": 80}, {}, {"local_port": "between 1024 and 65535 (got 80)"}),
    ({"local_port": "8480"}, {}, {"local_port": "between 1024 and 65535 (got '8480')"}),
    ({"python": 3}, {}, {"python": "a plain string"}),
    ({"image": 3}, {}, {"image": "the URI of an image, or Image(packages="}),
    ({"image": {"package": ["x"], "python": "3.12"}}, {}, {"image.package": "did you mean 'packages'?"}),
    ({"env": ["A=1"]}, {}, {"env": "a mapping, such as"}),
    ({"env": {"A": 1, "PORT": "80"}}, {}, {"env.A": "a variable's value is a string", "env.PORT": "use port="}),
    ({"resources": {"cpus": "1"}}, {}, {"resources.cpus": "did you mean 'cpu'?"}),
    ({"resources": "2"}, {}, {"resources": "a mapping such as"}),
    ({"service_account": 3}, {}, {"service_account": "a plain string"}),
    ({"project": 3, "insecure": 1, "org": 2}, {}, {"project": "", "insecure": "", "org": ""}),
    ({}, {"flyte:localPort": "many"}, {"local_port": "the stack configuration flyte:localPort cannot be read"}),
    ({}, {"flyte:scheme": "ftp"}, {"scheme": "http or https"}),
]


@pytest.mark.parametrize(("arguments", "config", "expected"), PROBLEMS)
def test_every_problem_is_reported_under_its_argument(
    arguments: Mapping[str, Any], config: Mapping[str, str], expected: Mapping[str, str]
) -> None:
    check_problems(problems_of(lambda: Environment("env", **arguments), config), expected)


@pytest.mark.parametrize(
    "argument",
    [
        "platform",
        "project",
        "domain",
        "org",
        "endpoint",
        "insecure",
        "local_port",
        "python",
        "service_account",
        "in_cluster_endpoint",
        "namespace",
        "registry",
        "base_image",
        "builder",
    ],
)
def test_an_output_is_refused_where_names_are_computed(argument: str) -> None:
    def declare() -> None:
        options: dict[str, Any] = {argument: pulumi.Output.from_input("x")}
        Environment("env", **options)

    check_problems(problems_of(declare), {argument: "this is an Output, and a plain value is needed"})
