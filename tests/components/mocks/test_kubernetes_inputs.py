"""Bad inputs of the platform `kubernetes`: one clear message each, and nothing is declared."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi_flyte import App, Environment, Secret, Task
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
    ({}, configured(baseImage="python 3"), {"base_image": "the URI of an image that has Python"}),
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
        {"kubernetes.min_available": "it is part of the disruption budget"},
    ),
    (
        {"kubernetes": {"user_from_cluster": True, "run_as_user": 7}},
        {"kubernetes.run_as_user": "the cluster chooses the user"},
    ),
    ({"image": ""}, {"image": "the URI of an image"}),
    ({"image": {"packages": ["fastapi=1"]}, "command": ["go"]}, {"image.packages.0": "(got 'fastapi=1')"}),
    (
        {"kubernetes": {"labels": {"app.kubernetes.io/name": "x"}}},
        {"kubernetes.labels.app.kubernetes.io/name": "itself"},
    ),
    ({"kubernetes": {"labels": {"team": "a b"}}}, {"kubernetes.labels.team": "the value of a label is letters"}),
    ({"kubernetes": {"labels": {"team ": "a"}}}, {"kubernetes.labels.team ": "the key of a label: letters"}),
    ({"kubernetes": {"annotations": {"/x": "a"}}}, {"kubernetes.annotations./x": "there is a domain name"}),
    ({"kubernetes": {"writable": ["tmp"]}}, {"kubernetes.writable.0": "such as /tmp (got 'tmp')"}),
    ({"kubernetes": {"writable": ["/"]}}, {"kubernetes.writable.0": "the absolute path of a folder"}),
    ({"kubernetes": {"tolerations": [{}]}}, {"kubernetes.tolerations.0.key": "it names no taint"}),
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
PLATFORMS = pytest.mark.parametrize("config", [{}, CLUSTER], ids=["local", "kubernetes"])


@PLATFORMS
@pytest.mark.parametrize(("arguments", "expected"), APPS)
def test_an_app_is_checked_the_same_on_every_platform(
    config: Mapping[str, str], arguments: Mapping[str, Any], expected: Mapping[str, str]
) -> None:
    def declare() -> None:
        App("web", environment=Environment("env"), **{"image": "web:1", **arguments})

    check_problems(problems_of(declare, config), expected)


LONG = {"project": "p" * 40, "cluster": {"ingress_host": "{app}-{project}.example.com"}}
PUBLIC = {"cluster": {"ingress_host": "{app}.example.com"}}
# Of the environment, of the app, and what is said of the app.
ON_A_CLUSTER: list[tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, str]]] = [
    ({}, {"name": "1web"}, {"name": "a Service of Kubernetes begins with a letter: pass name=, such as 'a1web'"}),
    ({}, {"scaling": {"replicas": (0, 3)}}, {"scaling.replicas": "keep one replica with replicas=(1, 3)"}),
    ({}, {"scaling": {"scaledown_after": 7200}}, {"scaling.scaledown_after": "at most 3600 seconds on `kubernetes`"}),
    ({}, {"public": True}, {"public": "pulumi config set flyte:ingressHost '{app}.example.com'"}),
    (LONG, {"name": "w" * 30, "public": True}, {"public": "has 71 characters, and DNS takes 63: shorten the name"}),
    (PUBLIC, {"public": True, "domain": {"custom_domain": "my shop"}}, {"domain": "it would not be a host name"}),
    (PUBLIC, {"public": True, "domain": {"subdomain": "a_b"}}, {"domain": "it would not be a host name"}),
    ({}, {"service_account": "Robot A"}, {"service_account": "the name of a ServiceAccount is lower-case letters"}),
    ({}, {"image": None}, {"source": "nothing to run is declared"}),
    ({}, {"image": None, "source": "web.py:app"}, {"image": "pulumi config set flyte:registry"}),
    ({}, {"image": None, "source": "no.py:app"}, {"source": "there is no file 'no.py'"}),
    ({}, {"image": None, "command": ["nginx"]}, {"image": "no installed package provides this command: pass image="}),
    ({}, {"image": {"packages": ["x"]}, "command": ["x"]}, {"image": "there is no registry to push it to"}),
]


@pytest.mark.parametrize(("environment", "arguments", "expected"), ON_A_CLUSTER)
def test_an_app_on_a_cluster_names_the_argument_and_the_way_out(
    program_folder: Path,
    environment: Mapping[str, Any],
    arguments: Mapping[str, Any],
    expected: Mapping[str, str],
) -> None:
    (program_folder / "web.py").write_text("async def app(scope, receive, send): ...\n")

    def declare() -> None:
        App("web", environment=Environment("env", **environment), **{"image": "web:1", **arguments})

    check_problems(problems_of(declare, {"flyte:platform": "kubernetes"}), expected)


def test_a_task_without_a_flyte_api_says_both_ways_out() -> None:
    def declare() -> None:
        Task("job", environment=Environment("env"), image="job:1", command=["go"], interface={"inputs": {}})

    (problem,) = problems_of(declare, CLUSTER)
    assert "pulumi config set flyte:endpoint dns:///flyte.example.com" in problem
    assert 'Environment("tasks", platform="flyte", endpoint=' in problem


def test_an_existing_secret_has_a_name_of_kubernetes() -> None:
    def declare(**arguments: Any) -> None:
        Secret("DB_URL", environment=Environment("env"), **arguments)

    expected = {"name": "the name of a Secret of Kubernetes is lower-case letters, digits, inner dashes and dots"}
    check_problems(problems_of(lambda: declare(existing=True), CLUSTER), expected)
    assert "index:Secret DB_URL" in run(lambda: declare(value="v"), CLUSTER).names


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
