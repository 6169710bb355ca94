"""Bad inputs of the platform `kubernetes`: one clear message each, and nothing is declared."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pulumi_flyte import App, Environment, Secret
from pulumi_flyte.platforms import extra

from tests.components.mocks.registrations import check_problems, problems_of, run

CLUSTER = {"flyte:platform": "kubernetes", "flyte:registry": "registry.example.com/shop"}


def configured(**settings: str) -> dict[str, str]:
    return {**CLUSTER, **{f"flyte:{key}": value for key, value in settings.items()}}


ENVIRONMENTS: list[tuple[Mapping[str, Any], Mapping[str, str], Mapping[str, str]]] = [
    ({}, configured(platform="kubernets"), {"platform": "did you mean 'kubernetes'? (got 'kubernets')"}),
    ({}, configured(registry="https://ghcr.io/acme"), {"registry": "a registry has no scheme: leave out https://"}),
    ({}, configured(registry="ghcr.io/Acme"), {"registry": "the path of a registry is lower-case letters"}),
    ({}, configured(registry="ghcr.io/acme:latest"), {"registry": "leave out :latest"}),
    ({}, configured(registry="me:secret@ghcr.io"), {"registry": "use flyte:registryUsername and"}),
    ({"registry": "ghcr .io"}, {}, {"registry": "a registry is a host and a path, such as ghcr.io/acme"}),
    ({"namespace": "Shop_Apps"}, CLUSTER, {"namespace": "lower-case letters, digits and inner dashes"}),
    ({"namespace": "n" * 64}, CLUSTER, {"namespace": "at most 63 characters, this one has 64"}),
    ({"namespace": "kube-system"}, CLUSTER, {"namespace": "Kubernetes keeps this namespace for itself"}),
    ({}, configured(endpoint="http://localhost:8090"), {"in_cluster_endpoint": "flyte:inClusterEndpoint"}),
    ({}, configured(endpoint="https://"), {"endpoint": "an endpoint is a URL"}),
    ({"in_cluster_endpoint": "http://"}, CLUSTER, {"in_cluster_endpoint": "an endpoint is a URL"}),
    ({}, configured(consoleUrl="flyte.example.com"), {"console_url": "a URL such as https://flyte.example.com"}),
    ({}, configured(ingressHost="example.com"), {"flyte:ingressHost": "put {app} into it"}),
    ({}, configured(ingressHost="{ap}.example.com"), {"flyte:ingressHost": "there is no placeholder {ap}: use {app}"}),
    ({}, configured(ingressHost="https://{app}.example.com"), {"flyte:ingressHost": "without scheme, port and path"}),
    ({"cluster": {"ingress_host": "{app.example.com"}}, CLUSTER, {"cluster.ingress_host": "its braces do not match"}),
    ({"cluster": {"ingress_host": "{app}"}}, CLUSTER, {"cluster.ingress_host": "a pattern is a host name with"}),
    ({}, configured(gateway="public"), {"flyte:gateway": "its namespace and name, such as gateways/public"}),
    ({"cluster": {"gateway": "Gate ways/public"}}, CLUSTER, {"cluster.gateway": "its namespace and name"}),
    ({}, configured(egress="closed"), {"flyte:egress": "open (public addresses may be called) or declared"}),
    ({"cluster": {"egress_cidrs": ["10.0.0.0"]}}, {}, {"cluster.egress_cidrs.0": "10.0.0.0/32 is one address"}),
    ({"cluster": {"egress_cidrs": ["10.1.2.3/16"]}}, {}, {"cluster.egress_cidrs.0": "did you mean 10.1.0.0/16?"}),
    ({"cluster": {"egress_cidrs": ["db.example.com"]}}, {}, {"cluster.egress_cidrs.0": "a CIDR such as 10.20.0.0/16"}),
    ({"cluster": {"pod_security": "strict"}}, {}, {"cluster.pod_security": "restricted, baseline, privileged"}),
    ({"cluster": {"task_namespace": "flyte/tasks"}}, {}, {"cluster.task_namespace": "lower-case letters"}),
    ({"cluster": {"ingress_namespaces": "nginx"}}, {}, {"cluster.ingress_namespaces": "a list of names"}),
    ({"cluster": {"ingressHosts": "x"}}, {}, {"cluster.ingressHosts": "did you mean 'ingress_host'?"}),
    ({"kubernetes": {"run_as_user": 0}}, {}, {"kubernetes.run_as_user": "0 is root, which Pod Security 'restricted'"}),
    ({"kubernetes": {"seccomp": "Unconfined"}}, {}, {"kubernetes.seccomp": "lower pod_security of the Environment's"}),
    (
        {"kubernetes": {"seccomp": "Unconfined"}, "cluster": {"pod_security": "baseline"}},
        {},
        {"kubernetes.seccomp": "which Pod Security 'baseline' forbids"},
    ),
]


@pytest.mark.parametrize(("arguments", "config", "expected"), ENVIRONMENTS)
def test_an_environment_names_the_setting_and_the_way_out(
    arguments: Mapping[str, Any], config: Mapping[str, str], expected: Mapping[str, str]
) -> None:
    check_problems(problems_of(lambda: Environment("env", **arguments), config), expected)


APPS: list[tuple[Mapping[str, Any], Mapping[str, str]]] = [
    ({"public": "yes"}, {"public": "True or False (got 'yes')"}),
    ({"kubernetes": {"run_as_user": 0}}, {"kubernetes.run_as_user": "0 is root"}),
    ({"kubernetes": {"run_as_user": -1}}, {"kubernetes.run_as_user": "between 0 and 2147483647 (got -1)"}),
    ({"kubernetes": {"privilege_escalation": True}}, {"kubernetes.privilege_escalation": "could gain privileges"}),
    ({"kubernetes": {"capabilities": ["SYS_ADMIN"]}}, {"kubernetes.capabilities.0": "'restricted' forbids"}),
    ({"kubernetes": {"capabilities": ["CAP_CHOWN"]}}, {"kubernetes.capabilities.0": "without CAP_, such as"}),
    ({"kubernetes": {"grace_period": 5}}, {"kubernetes.grace_period": "after the pre_stop_delay of 5 seconds"}),
    ({"kubernetes": {"pre_stop_delay": 60}}, {"kubernetes.grace_period": "of 60 seconds: give it more than that"}),
    ({"kubernetes": {"pre_stop_delay": -1}}, {"kubernetes.pre_stop_delay": "between 0 and 3600 (got -1)"}),
    ({"kubernetes": {"max_surge": "25"}}, {"kubernetes.max_surge": 'a share of them such as "25%"'}),
    ({"kubernetes": {"max_unavailable": "120%"}}, {"kubernetes.max_unavailable": "at most 100%"}),
    ({"kubernetes": {"max_surge": 0}}, {"kubernetes.max_surge": "no pod could be replaced"}),
    (
        {"kubernetes": {"disruption_budget": False, "min_available": 1}},
        {"kubernetes.min_available": "there is no budget with disruption_budget=False"},
    ),
    (
        {"kubernetes": {"labels": {"app.kubernetes.io/name": "x"}}},
        {"kubernetes.labels.app.kubernetes.io/name": "itself"},
    ),
    ({"kubernetes": {"labels": {"team": "a b"}}}, {"kubernetes.labels.team": "the value of a label is letters"}),
    ({"kubernetes": {"labels": {"team ": "a"}}}, {"kubernetes.labels.team ": "the key of a label: letters"}),
    ({"kubernetes": {"annotations": {"/x": "a"}}}, {"kubernetes.annotations./x": "there is a domain name"}),
    ({"kubernetes": {"writable": ["tmp"]}}, {"kubernetes.writable.0": "such as /tmp (got 'tmp')"}),
    ({"kubernetes": {"writable": ["/"]}}, {"kubernetes.writable.0": "the absolute path of a folder"}),
    ({"kubernetes": {"tolerations": [{}]}}, {"kubernetes.tolerations.0.key": "which taint?"}),
    (
        {"kubernetes": {"tolerations": [{"key": "gpu", "operator": "Exists", "value": "a"}]}},
        {"kubernetes.tolerations.0.value": "Exists takes any value"},
    ),
    (
        {"kubernetes": {"image_pull_secrets": ["My Secret"]}},
        {"kubernetes.image_pull_secrets.0": "the name of an object"},
    ),
    ({"kubernetes": {"cpu_target": 0}}, {"kubernetes.cpu_target": "a whole number of percent between 1 and 1000"}),
    ({"kubernetes": {"revision_history": 1000}}, {"kubernetes.revision_history": "a whole number between 0 and 100"}),
    ({"image": {"base": "https://x"}, "command": ["go"]}, {"image.base": "the URI of an image that has Python"}),
    ({"image": {"apt": ["a"], "platforms": ["amd64"]}, "command": ["go"]}, {"image.platforms.0": "linux/amd64 or"}),
]
PLATFORMS = pytest.mark.parametrize("config", [{}], ids=["local"])


@PLATFORMS
@pytest.mark.parametrize(("arguments", "expected"), APPS)
def test_an_app_is_checked_the_same_on_every_platform(
    config: Mapping[str, str], arguments: Mapping[str, Any], expected: Mapping[str, str]
) -> None:
    def declare() -> None:
        App("web", environment=Environment("env"), **{"image": "web:1", **arguments})

    check_problems(problems_of(declare, config), expected)


def test_what_an_app_adds_to_its_environment_is_checked_together() -> None:
    def declare() -> None:
        env = Environment("env", kubernetes={"pre_stop_delay": 30})
        App("web", environment=env, image="web:1", kubernetes={"grace_period": 20})

    check_problems(problems_of(declare), {"kubernetes.grace_period": "the pre_stop_delay of 30 seconds"})


def test_a_lower_standard_allows_what_the_restricted_one_forbids() -> None:
    def declare() -> None:
        env = Environment("env", cluster={"pod_security": "baseline"}, kubernetes={"run_as_user": 0})
        App("web", environment=env, image="web:1", kubernetes={"capabilities": ["CHOWN"]})

    assert "api:App web" in run(declare).names


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"existing": True, "entry": "a/b"}, {"entry": "letters, digits, '-', '_' and '.'"}),
        ({"value": "v", "entry": "password"}, {"entry": "only an existing secret has entries of other names"}),
    ],
)
def test_an_entry_is_of_an_existing_secret(arguments: Mapping[str, Any], expected: Mapping[str, str]) -> None:
    check_problems(problems_of(lambda: Secret("db", environment=Environment("env"), **arguments)), expected)


@pytest.fixture
def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An interpreter that has neither of the extra's packages."""
    for module in ("pulumi_kubernetes", "pulumi_docker_build"):
        monkeypatch.setitem(sys.modules, module, None)
    extra.missing_extra.cache_clear()
    yield
    extra.missing_extra.cache_clear()


@pytest.mark.usefixtures("without_the_extra")
def test_without_the_extra_an_environment_says_how_to_install_it() -> None:
    (problem,) = problems_of(lambda: Environment("env"), CLUSTER)
    missing = "pulumi-kubernetes and pulumi-docker-build"
    way_out = "pip install 'pulumi-flyte[kubernetes]'"
    assert problem == f"platform: this Python lacks {missing}, which that needs: {way_out} (got 'kubernetes')"


@pytest.mark.usefixtures("without_the_extra")
def test_local_needs_no_extra() -> None:
    assert "local:Server env" in run(lambda: Environment("env", cluster={"egress": "declared"})).names
