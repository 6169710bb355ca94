"""The objects that an App registers on `kubernetes`: the sixteen defaults, each override, and what is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from pulumi.resource import DependencyProviderResource
from pulumi_flyte import App, Environment
from pulumi_flyte.testing import UNKNOWN

from tests.components.mocks.manifests import (
    IMAGE,
    KUBERNETES,
    app_objects,
    container_of,
    declared,
    manifest_of,
    outputs_of,
    pod_of,
    variables_of,
)
from tests.components.mocks.registrations import check_problems, problems_of, run
from tests.components.platforms.kubernetes.pod_security import violations

LABELS = {
    "app.kubernetes.io/name": "web",
    "app.kubernetes.io/part-of": "shop",
    "app.kubernetes.io/managed-by": "pulumi-flyte",
    "app.kubernetes.io/component": "app",
}


def app(**arguments: Any) -> Callable[[], App]:
    return lambda: App("web", environment=Environment("env"), **{"image": IMAGE, **arguments})


def warnings_of(**arguments: Any) -> list[str]:
    return run(app(**arguments), KUBERNETES).warnings


def test_an_app_is_a_deployment_and_a_service_with_an_account_of_their_own() -> None:
    objects = app_objects()
    assert set(objects) == {"Deployment", "NetworkPolicy", "Service", "ServiceAccount"}
    assert objects.pop("NetworkPolicy")["metadata"]["name"] == "web.app"
    for manifest in objects.values():
        assert manifest["metadata"]["name"] == "web"
        assert manifest["metadata"]["namespace"] == "shop-development"
        assert manifest["metadata"]["labels"].items() >= LABELS.items()


def test_everything_that_others_need_is_known_in_a_preview() -> None:
    preview = declared(lambda: outputs_of(app()()), preview=True)
    assert preview.outputs == declared(lambda: outputs_of(app()())).outputs
    assert UNKNOWN not in preview.outputs.values()
    assert preview.outputs["endpoint"] == "http://web.shop-development.svc.cluster.local"
    assert preview.outputs["public"] == preview.outputs["endpoint"]


@pytest.mark.parametrize("health", [None, "/healthz"], ids=["port", "path"])
def test_one_check_answers_all_probes(health: str | None) -> None:
    container = container_of(app_objects(health=health))
    check = {"tcpSocket": {"port": "http"}} if health is None else {"httpGet": {"path": health, "port": "http"}}
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[name].items() >= check.items()


def test_an_app_that_loads_for_long_may_take_its_time() -> None:
    objects = app_objects(health={"path": "/healthz", "timeout": 600})
    startup = container_of(objects)["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] == 600
    assert objects["Deployment"]["spec"]["progressDeadlineSeconds"] > 600


def test_a_rollout_takes_no_pod_away_before_another_one_is_ready() -> None:
    strategy = app_objects()["Deployment"]["spec"]["strategy"]["rollingUpdate"]
    assert strategy == {"maxSurge": 1, "maxUnavailable": 0}


def test_the_standard_restricted_lets_pods_in() -> None:
    pod = pod_of(app_objects(resources={"shm": "64Mi"}))
    assert violations(pod) == []
    assert container_of(app_objects())["securityContext"]["readOnlyRootFilesystem"] is True


def test_a_variable_holds_its_value_whatever_kubernetes_would_read_in_it() -> None:
    variables = variables_of(container_of(app_objects(env={"PRICE": "$(PORT) or $$5"})))
    assert variables["PRICE"] == "$$(PORT) or $$$$5"


def test_replicas_that_range_are_the_autoscalers() -> None:
    objects = app_objects(scaling={"replicas": (2, 6), "scaledown_after": 120})
    assert objects["Deployment"]["spec"]["replicas"] == 2
    autoscaler = objects["HorizontalPodAutoscaler"]["spec"]
    assert (autoscaler["minReplicas"], autoscaler["maxReplicas"]) == (2, 6)
    assert autoscaler["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 120
    assert autoscaler["metrics"][0]["resource"]["target"]["averageUtilization"] == 70


@pytest.mark.parametrize(
    ("scaling", "budgets"),
    [(None, False), ({"replicas": 1}, False), ({"replicas": (1, 5)}, False), ({"replicas": 2}, True)],
)
def test_a_budget_never_keeps_a_node_from_being_drained(scaling: Any, *, budgets: bool) -> None:
    assert ("PodDisruptionBudget" in app_objects(scaling=scaling)) is budgets


@pytest.mark.parametrize(("replicas", "ignored"), [(3, ()), ((1, 1), ()), ((2, 6), ("spec.replicas",))])
def test_a_number_of_replicas_is_left_to_the_autoscaler_and_to_nobody_else(replicas: Any, ignored: Any) -> None:
    program = declared(app(scaling={"replicas": replicas}))
    ignoring = {each.name: each.ignore_changes for each in program.resources if each.type.endswith(":Deployment")}
    assert ignoring == {"web": ignored}


@pytest.mark.parametrize("replicas", [1, 3, (2, 4)])
def test_a_stopped_app_keeps_its_address_and_has_no_pods(replicas: Any) -> None:
    objects = app_objects(active=False, scaling={"replicas": replicas})
    assert set(objects) == {"NetworkPolicy", "Service", "ServiceAccount"}


def test_only_a_public_app_has_a_route() -> None:
    assert "Ingress" not in app_objects()
    (rule,) = app_objects(public=True)["Ingress"]["spec"]["rules"]
    assert rule["host"] == "web.example.com"
    assert run(lambda: outputs_of(app(public=True)()), KUBERNETES).outputs["public"] == "https://web.example.com"


def test_a_gateway_gets_an_http_route() -> None:
    route = app_objects(environment={"cluster": {"gateway": "edge/public"}}, public=True)["HTTPRoute"]
    assert route["spec"]["parentRefs"] == [{"name": "public", "namespace": "edge"}]
    assert route["spec"]["hostnames"] == ["web.example.com"]


def test_a_domain_of_its_own_is_the_host() -> None:
    for domain, host in (({"subdomain": "shop"}, "shop.example.com"), ({"custom_domain": "a.org"}, "a.org")):
        (rule,) = app_objects(public=True, domain=domain)["Ingress"]["spec"]["rules"]
        assert rule["host"] == host


def test_an_ingress_says_what_the_cluster_asks_for() -> None:
    cluster = {"ingress_class": "nginx", "tls_secret": "wildcard", "route_annotations": {"example.com/a": "b"}}
    ingress = app_objects(environment={"cluster": cluster}, public=True)["Ingress"]
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["spec"]["tls"] == [{"hosts": ["web.example.com"], "secretName": "wildcard"}]
    assert ingress["metadata"]["annotations"]["example.com/a"] == "b"


def test_fields_that_others_change_are_taken_back() -> None:
    for manifest in app_objects().values():
        assert manifest["metadata"]["annotations"]["pulumi.com/patchForce"] == "true"


def guest_with(provider: str | None, *, adopt: bool = False) -> dict[str, str]:
    """Return the annotations of an app in a namespace that others keep. The provider is a reference to one."""

    def declare() -> None:
        where = Environment("env", cluster={"create_namespace": False})
        listed: list[pulumi.ProviderResource] = []
        if provider is not None:
            listed.append(DependencyProviderResource(provider))
        App("web", environment=where, image=IMAGE, adopt=adopt, opts=pulumi.ResourceOptions(providers=listed))

    deployment = manifest_of(declared(declare)["kubernetes:apps/v1:Deployment web"])
    annotations: dict[str, str] = deployment["metadata"]["annotations"]
    return annotations


def test_no_field_of_a_stranger_is_taken_where_nothing_guards_its_object() -> None:
    """The plugin receives only the name of a provider from a program in another language."""
    named = "urn:pulumi:dev::shop::pulumi:providers:kubernetes::other::1f2e"
    assert "pulumi.com/patchForce" not in guest_with(named)
    assert guest_with(None)["pulumi.com/patchForce"] == "true"
    assert guest_with(named, adopt=True)["pulumi.com/patchForce"] == "true"


RESOURCES: list[tuple[Any, Mapping[str, str], Mapping[str, str]]] = [
    (
        None,
        {"cpu": "100m", "memory": "256Mi"},
        {"cpu": "1", "memory": "512Mi"},
    ),
    ({"memory": "2Gi"}, {"memory": "2Gi", "cpu": "100m"}, {"memory": "2Gi"}),
    ({"memory": "64Mi"}, {"memory": "64Mi"}, {"memory": "512Mi"}),
    ({"cpu": ("250m", "500m")}, {"cpu": "250m"}, {"cpu": "500m"}),
    ({"disk": ("1Gi", "2Gi")}, {"ephemeral-storage": "1Gi"}, {"ephemeral-storage": "2Gi"}),
    ({"gpu": 2}, {"nvidia.com/gpu": "2"}, {"nvidia.com/gpu": "2"}),
]


@pytest.mark.parametrize(("resources", "requests", "limits"), RESOURCES)
def test_every_container_has_requests_and_limits(
    resources: Any, requests: Mapping[str, str], limits: Mapping[str, str]
) -> None:
    quantities = container_of(app_objects(resources=resources))["resources"]
    assert quantities["requests"].items() >= requests.items()
    assert quantities["limits"].items() >= limits.items()


OVERRIDES: list[tuple[Mapping[str, Any], Callable[[Mapping[str, Any]], Any], Any]] = [
    ({"run_as_user": 1000}, lambda o: pod_of(o)["securityContext"]["runAsUser"], 1000),
    ({"run_as_user": 0}, lambda o: container_of(o)["securityContext"]["runAsNonRoot"], False),
    ({"read_only_root": False}, lambda o: container_of(o)["securityContext"]["readOnlyRootFilesystem"], False),
    (
        {"writable": ["/tmp", "/cache"]},
        lambda o: [mount["mountPath"] for mount in container_of(o)["volumeMounts"]],
        ["/tmp", "/cache"],
    ),
    ({"privilege_escalation": True}, lambda o: container_of(o)["securityContext"]["allowPrivilegeEscalation"], True),
    (
        {"capabilities": ["NET_BIND_SERVICE"]},
        lambda o: container_of(o)["securityContext"]["capabilities"],
        {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
    ),
    ({"user_from_cluster": True}, lambda o: container_of(o)["securityContext"].get("runAsUser"), None),
    (
        {"user_from_cluster": True},
        lambda o: pod_of(o)["securityContext"],
        {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    ),
    ({"seccomp": "Unconfined"}, lambda o: pod_of(o)["securityContext"]["seccompProfile"]["type"], "Unconfined"),
    ({"liveness": False}, lambda o: "livenessProbe" in container_of(o), False),
    ({"pre_stop_delay": 20}, lambda o: container_of(o)["lifecycle"]["preStop"]["sleep"]["seconds"], 20),
    ({"pre_stop_delay": 0}, lambda o: "lifecycle" in container_of(o), False),
    ({"grace_period": 300}, lambda o: pod_of(o)["terminationGracePeriodSeconds"], 300),
    ({"max_surge": "50%"}, lambda o: o["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxSurge"], "50%"),
    ({"max_unavailable": 1}, lambda o: o["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], 1),
    ({"disruption_budget": False}, lambda o: "PodDisruptionBudget" in o, False),
    ({"min_available": "50%"}, lambda o: o["PodDisruptionBudget"]["spec"]["minAvailable"], "50%"),
    ({"spread": False}, lambda o: "topologySpreadConstraints" in pod_of(o), False),
    ({"service_account_token": True}, lambda o: pod_of(o)["automountServiceAccountToken"], True),
    ({"service_links": True}, lambda o: pod_of(o)["enableServiceLinks"], True),
    ({"revision_history": 10}, lambda o: o["Deployment"]["spec"]["revisionHistoryLimit"], 10),
    ({"labels": {"team": "search"}}, lambda o: o["Service"]["metadata"]["labels"]["team"], "search"),
    (
        {"annotations": {"example.com/a": "b"}},
        lambda o: o["Deployment"]["spec"]["template"]["metadata"]["annotations"],
        {"example.com/a": "b"},
    ),
    ({"node_selector": {"disk": "ssd"}}, lambda o: pod_of(o)["nodeSelector"], {"disk": "ssd"}),
    (
        {"tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]},
        lambda o: pod_of(o)["tolerations"],
        [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
    ),
    ({"image_pull_secrets": ["ghcr"]}, lambda o: pod_of(o)["imagePullSecrets"], [{"name": "ghcr"}]),
    ({"priority_class": "high"}, lambda o: pod_of(o)["priorityClassName"], "high"),
]


@pytest.mark.parametrize(("override", "part", "expected"), OVERRIDES, ids=[next(iter(each[0])) for each in OVERRIDES])
def test_each_default_can_be_said_differently(
    override: Mapping[str, Any], part: Callable[[Mapping[str, Any]], Any], expected: Any
) -> None:
    scaling = {"replicas": 2}
    with contextlib.suppress(KeyError):
        assert part(app_objects(scaling=scaling)) != expected
    lenient = {"cluster": {"pod_security": "privileged"}}
    assert part(app_objects(environment=lenient, scaling=scaling, kubernetes=override)) == expected
    assert part(app_objects(environment={**lenient, "kubernetes": override}, scaling=scaling)) == expected


def test_the_apps_own_word_wins() -> None:
    objects = app_objects(
        environment={"kubernetes": {"run_as_user": 1, "grace_period": 99}}, kubernetes={"run_as_user": 2}
    )
    assert pod_of(objects)["securityContext"]["runAsUser"] == 2
    assert pod_of(objects)["terminationGracePeriodSeconds"] == 99


def test_the_cpu_target_is_the_autoscalers() -> None:
    objects = app_objects(scaling={"replicas": (1, 2)}, kubernetes={"cpu_target": 40})
    (metric,) = objects["HorizontalPodAutoscaler"]["spec"]["metrics"]
    assert metric["resource"]["target"]["averageUtilization"] == 40


def test_an_account_that_others_keep_is_not_made() -> None:
    objects = app_objects(service_account="shared")
    assert "ServiceAccount" not in objects
    assert pod_of(objects)["serviceAccountName"] == "shared"


def test_labels_that_select_pods_never_change() -> None:
    before, after = app_objects(), app_objects(kubernetes={"labels": {"team": "a"}}, env={"A": "b"}, port=9000)
    for objects in (before, after):
        assert objects["Deployment"]["spec"]["selector"]["matchLabels"] == {"app.kubernetes.io/name": "web"}
        assert objects["Service"]["spec"]["selector"] == {"app.kubernetes.io/name": "web"}


def test_a_change_of_scale_rolls_no_pod() -> None:
    before, after = app_objects(scaling={"replicas": 1}), app_objects(scaling={"replicas": 4})
    assert before["Deployment"]["spec"]["template"] == after["Deployment"]["spec"]["template"]


WRONG: list[tuple[Mapping[str, Any], Mapping[str, str]]] = [
    ({"scaling": {"replicas": (0, 3)}}, {"scaling.replicas": "replicas=(1, 3)"}),
    ({"scaling": {"replicas": (1, 3), "scaledown_after": 7200}}, {"scaling.scaledown_after": "at most 3600"}),
    ({"name": "3d"}, {"name": "begins with a letter"}),
]


@pytest.mark.parametrize(("arguments", "problems"), WRONG)
def test_what_a_cluster_cannot_do_is_refused(arguments: Mapping[str, Any], problems: Mapping[str, str]) -> None:
    check_problems(problems_of(app(**arguments), KUBERNETES), problems)


def test_a_public_app_without_a_host_name_is_refused() -> None:
    problems = problems_of(app(public=True), {"flyte:platform": "kubernetes"})
    check_problems(problems, {"public": "flyte:ingressHost"})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"scaling": {"replicas": (1, 3), "concurrency": 10}}, "scaling.concurrency: Kubernetes cannot count"),
        ({"scaling": {"replicas": (1, 3), "request_rate": 10}}, "scaling.request_rate: Kubernetes cannot count"),
        ({"command": ["serve", "--host=127.0.0.1"]}, "127.0.0.1"),
        ({"timeouts": 10}, "timeouts"),
        ({"console_links": [{"path": "/docs"}]}, "console_links"),
        ({"domain": {"subdomain": "a"}}, "public=True"),
        ({"resources": {"gpu": "T4:1"}}, "node_selector"),
        ({"requires_auth": True}, "open to every caller"),
    ],
)
def test_what_is_not_carried_out_is_said(arguments: Mapping[str, Any], words: str) -> None:
    (warning,) = warnings_of(**arguments)
    assert words in warning


def test_a_plain_app_is_worth_no_warning() -> None:
    assert warnings_of() == []
