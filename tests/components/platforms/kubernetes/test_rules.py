"""The defaults of a cluster's objects, and what programs say differently."""

from __future__ import annotations

from dataclasses import fields

from pulumi_flyte import Cluster, Kubernetes, Toleration
from pulumi_flyte.arguments.declaration import fields_of
from pulumi_flyte.platforms.kubernetes.cluster_rules import ClusterRules, GatewayName
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.settings import Settings


def rules(cluster: Cluster) -> ClusterRules:
    return ClusterRules.of(Settings(platform="kubernetes", project="shop", cluster=cluster))


def test_every_field_of_the_arguments_has_a_rule() -> None:
    assert {field.name for field in fields(PodRules)} == set(fields_of(Kubernetes))
    assert {field.name for field in fields(ClusterRules)} == {*fields_of(Cluster), "namespace"} - {"ingress_host"}


def test_the_defaults_that_the_reference_names_are_those_of_the_rules() -> None:
    default = PodRules.of(None, None)
    documented = {name: field.about.default for name, field in fields_of(Kubernetes).items()}
    assert {name: getattr(default, name) for name, value in documented.items() if value is not None} == {
        name: value for name, value in documented.items() if value is not None
    }


def test_an_app_wins_over_its_environment_and_mappings_are_merged() -> None:
    environment = Kubernetes(run_as_user=1000, spread=False, labels={"team": "search", "tier": "a"})
    app = Kubernetes(
        run_as_user=2000, labels={"tier": "b"}, writable=["/tmp", "/cache"], max_surge=0, max_unavailable=1
    )
    combined = PodRules.of(app, environment)
    assert (combined.run_as_user, combined.spread) == (2000, False)
    assert combined.labels == {"team": "search", "tier": "b"}
    assert combined.writable == ("/tmp", "/cache")
    assert (combined.max_surge, combined.max_unavailable) == (0, 1)


def test_tolerations_are_values() -> None:
    toleration = Toleration(key="gpu", operator="Exists")
    assert PodRules.of(Kubernetes(tolerations=[toleration]), None).tolerations == (toleration,)


def test_requests_from_outside_come_from_the_gateways_namespace_or_from_ingress_nginx() -> None:
    assert rules(Cluster()).ingress_namespaces == ("ingress-nginx",)
    assert rules(Cluster(gateway="gateways/public")).gateway == GatewayName("gateways", "public")
    assert rules(Cluster(gateway="gateways/public")).ingress_namespaces == ("gateways",)
    assert rules(Cluster(ingress_namespaces=["traefik"])).ingress_namespaces == ("traefik",)


def test_tasks_run_in_flytes_namespace_unless_it_is_said() -> None:
    assert rules(Cluster()).task_namespace == "flyte"
    assert rules(Cluster(task_namespace="shop-development")).task_namespace == "shop-development"


def test_a_longer_grace_period_reaches_the_process() -> None:
    assert PodRules.of(None, None).variables == {}
    assert PodRules.of(Kubernetes(grace_period=600), None).variables == {"FLYTE_DRAIN": "590"}
    assert PodRules.of(Kubernetes(pre_stop_delay=0), None).variables == {"FLYTE_DRAIN": "30"}
