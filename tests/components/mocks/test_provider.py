"""Resources use the provider of the stack, of an environment, or of the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_docker_build as docker_build
import pulumi_kubernetes as kubernetes
import pytest
from pulumi_flyte import App, Environment, Provider, Secret, Task, TaskInterfaceDict
from pulumi_flyte.registration import Registration
from pulumi_flyte.testing import SecretValue

from tests.components.mocks.registrations import FLYTE, run

INTERFACE: TaskInterfaceDict = {"inputs": {"text": "str"}}


@pytest.mark.parametrize(
    ("config", "arguments", "properties"),
    [
        ({}, {"local_port": 9000}, {"platform": "local", "localPort": "9000"}),
        ({}, {"platform": "local"}, {"platform": "local", "localPort": "8480"}),
        (FLYTE, {"org": "acme"}, {"platform": "flyte", "org": "acme", "endpoint": "dns:///flyte.example.com"}),
        (FLYTE, {"insecure": True}, {"platform": "flyte", "insecure": "true"}),
        (FLYTE, {"endpoint": "dns:///b.example.com"}, {"platform": "flyte", "endpoint": "dns:///b.example.com"}),
        ({**FLYTE, "flyte:localHome": "/srv/x"}, {"platform": "local"}, {"platform": "local", "localHome": "/srv/x"}),
    ],
)
def test_an_environment_of_another_control_plane_makes_a_provider(
    config: Mapping[str, str], arguments: Mapping[str, Any], properties: Mapping[str, str]
) -> None:
    provider = run(lambda: Environment("env", **arguments), config)["pulumi:providers:flyte env-provider"]
    assert {key: provider.inputs.get(key) for key in properties} == properties
    assert (provider.parent, provider.version) == ("index:Environment env", "0.1.0")


@pytest.mark.parametrize("argument", [{"project": "p"}, {"domain": "staging"}, {"env": {"A": "1"}}, {"image": "x:1"}])
def test_an_environment_of_the_same_control_plane_makes_none(argument: Mapping[str, Any]) -> None:
    names = run(lambda: Environment("env", **argument)).names
    assert not [name for name in names if name.startswith("pulumi:providers")]


def test_the_configured_key_goes_to_the_configured_endpoint_only() -> None:
    config = {**FLYTE, "flyte:apiKey": "hunter2"}

    def declare() -> None:
        Environment("same", org="acme")
        Environment("other", endpoint="dns:///b.example.com")
        Environment("here", platform="local")

    program = run(declare, config)
    keys = {name: program[f"pulumi:providers:flyte {name}-provider"].inputs for name in ("same", "other", "here")}
    assert keys["same"]["apiKey"] == SecretValue("hunter2")
    assert "apiKey" not in keys["other"]
    assert "apiKey" not in keys["here"]


def everything(environment: Environment, opts: pulumi.ResourceOptions | None = None) -> None:
    key = Secret("key", environment=environment, value="v", opts=opts)
    back = App("back", environment=environment, image="back:1", requires_auth=True, opts=opts)
    job = Task(
        "job",
        environment=environment,
        image="job:1",
        command=["go"],
        interface={"inputs": {}},
        triggers={"nightly": "0 2 * * *"},
        opts=opts,
    )
    inputs = {"back": back, "job": job}
    App("web", environment=environment, image="web:1", inputs=inputs, secrets={"KEY": key}, opts=opts)


CHILDREN = {
    "api:Secret key",
    "api:AuthKey back",
    "api:App back",
    "api:Task job",
    "api:Trigger job-nightly",
    "api:App web",
    "api:EdgeCredential web-calls-back",
    "api:Secret web-calls-back",
}


def providers(declare: Callable[[], object], config: Mapping[str, str]) -> dict[str, str]:
    program = run(declare, config)
    return {str(each): each.provider for each in program.resources if each.type.startswith("api:")}


def test_every_child_goes_to_its_environments_provider() -> None:
    names = providers(lambda: everything(Environment("env", local_port=9000)), {})
    assert names == dict.fromkeys(CHILDREN, "pulumi:providers:flyte env-provider")


@pytest.mark.parametrize("config", [{}, FLYTE])
def test_without_one_every_child_goes_to_the_stacks(config: Mapping[str, str]) -> None:
    assert providers(lambda: everything(Environment("env")), config) == dict.fromkeys(CHILDREN, "")


@pytest.mark.parametrize("as_list", [True, False])
def test_the_callers_provider_wins_over_the_environments(as_list: bool) -> None:
    def declare() -> None:
        mine = Provider("mine", platform="local", local_port=9000)
        options = pulumi.ResourceOptions(providers=[mine]) if as_list else pulumi.ResourceOptions(provider=mine)
        everything(Environment("env", local_port=9000), options)

    assert providers(declare, {}) == dict.fromkeys(CHILDREN, "pulumi:providers:flyte mine")


def test_workloads_get_their_environments_providers_of_other_packages() -> None:
    def declare() -> None:
        cluster, builder = kubernetes.Provider("cluster"), docker_build.Provider("builder")
        options = pulumi.ResourceOptions(providers=[cluster, builder])
        environment = Environment("env", local_port=9000, opts=options)
        mine = pulumi.ResourceOptions(provider=kubernetes.Provider("mine"))
        for name, opts in (("web", None), ("own", mine)):
            app = App(name, environment=environment, image="web:1", opts=opts)
            child = Registration("App", name, environment, opts).owner(app, environment.values).child_options()
            kubernetes.core.v1.ConfigMap(name, opts=child)
            docker_build.Image(name, push=False, opts=child)

    program = run(declare)
    assert program["kubernetes:core/v1:ConfigMap web"].provider == "pulumi:providers:kubernetes cluster"
    assert program["kubernetes:core/v1:ConfigMap own"].provider == "pulumi:providers:kubernetes mine"
    for name in ("web", "own"):
        assert program[f"docker-build:index:Image {name}"].provider == "pulumi:providers:docker-build builder"
        assert program[f"api:App {name}"].provider == "pulumi:providers:flyte env-provider"


def test_an_environment_hands_on_what_it_has_from_its_parent() -> None:
    def declare() -> None:
        team = pulumi.ComponentResource(
            "team:index:Team", "team", None, pulumi.ResourceOptions(providers=[kubernetes.Provider("cluster")])
        )
        environment = Environment("env", opts=pulumi.ResourceOptions(parent=team))
        app = App("web", environment=environment, image="web:1")
        kubernetes.core.v1.ConfigMap(
            "web", opts=Registration("App", "web", environment, None).owner(app, environment.values).child_options()
        )

    assert run(declare)["kubernetes:core/v1:ConfigMap web"].provider == "pulumi:providers:kubernetes cluster"


def test_every_child_is_below_its_component_and_names_the_plugins_version() -> None:
    program = run(lambda: everything(Environment("env", local_port=9000)))
    parents = {
        "api:Secret key": "index:Secret key",
        "api:AuthKey back": "index:App back",
        "api:App back": "index:App back",
        "api:Task job": "index:Task job",
        "api:Trigger job-nightly": "index:Task job",
    }
    parents |= {name: "index:App web" for name in CHILDREN if " web" in name}
    assert {name: program[name].parent for name in CHILDREN} == parents
    assert {program[name].version for name in CHILDREN} == {"0.1.0"}


def test_children_have_the_time_limits_of_their_component() -> None:
    opts = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="7m"))
    program = run(lambda: everything(Environment("env"), opts))
    assert {program[name].create_timeout for name in CHILDREN} == {"7m"}


def test_children_wait_for_what_their_component_waits_for() -> None:
    def declare() -> None:
        environment = Environment("env")
        first = Secret("first", environment=environment, value="v")
        for number, opts in enumerate(
            (pulumi.ResourceOptions(depends_on=[first]), pulumi.ResourceOptions(depends_on=first))
        ):
            App(f"web-{number}", environment=environment, image="web:1", requires_auth=True, opts=opts)
            Task(f"job-{number}", environment=environment, image="j:1", command=["go"], interface=INTERFACE, opts=opts)

    program = run(declare)
    for name in ("api:App web", "api:AuthKey web", "api:Task job"):
        for number in range(2):
            assert "api:Secret first" in program.awaited_by(f"{name}-{number}")


def test_a_provider_has_its_settings_as_strings_and_its_key_as_a_secret() -> None:
    def declare() -> None:
        Provider(
            "mine",
            platform="flyte",
            endpoint="dns:///b.example.com",
            insecure=True,
            project="p",
            domain="staging",
            org="acme",
            api_key=pulumi.Output.from_input("hunter2"),
            base_domain="example.com",
            scheme="https",
            namespace="apps",
            local_port=9000,
            local_home="/srv/x",
        )

    assert run(declare)["pulumi:providers:flyte mine"].inputs == {
        "platform": "flyte",
        "endpoint": "dns:///b.example.com",
        "insecure": "true",
        "project": "p",
        "domain": "staging",
        "org": "acme",
        "apiKey": SecretValue("hunter2"),
        "baseDomain": "example.com",
        "scheme": "https",
        "namespace": "apps",
        "localPort": "9000",
        "localHome": "/srv/x",
    }
