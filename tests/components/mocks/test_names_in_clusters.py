"""Two components that ask for one name in a cluster: an error of the preview, before anything is made."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi_flyte import App, Environment
from pulumi_flyte.errors import ArgumentsError

from tests.components.mocks.manifests import IMAGE, KUBERNETES, declared, manifest_of, objects_of
from tests.components.mocks.registrations import run


def place(name: str, provider: pulumi.ProviderResource | None = None, **arguments: object) -> Environment:
    opts = None if provider is None else pulumi.ResourceOptions(providers=[provider])
    return Environment(name, namespace="shop", opts=opts, **arguments)  # type: ignore[arg-type]


def test_two_apps_of_one_name_in_one_namespace_are_a_problem_that_names_both() -> None:
    def declare() -> None:
        env = place("env")
        App("first", environment=env, image=IMAGE, name="web")
        with pytest.raises(ArgumentsError, match="the App 'first' has this name in the namespace 'shop' already"):
            App("second", environment=env, image=IMAGE, name="web")

    run(declare, KUBERNETES)


def test_two_environments_that_make_one_namespace_are_a_problem_that_names_both() -> None:
    def declare() -> None:
        place("first")
        with pytest.raises(ArgumentsError, match="the Environment 'first' makes this namespace already"):
            place("second")

    run(declare, KUBERNETES)


def test_an_environment_shares_the_namespace_that_another_one_makes() -> None:
    def declare() -> None:
        place("first")
        App("web", environment=place("second", cluster={"create_namespace": False}), image=IMAGE)

    manifests = [manifest_of(each) for each in objects_of(declared(declare, KUBERNETES))]
    kinds = [each["kind"] for each in manifests]
    assert kinds.count("Namespace") == 1
    assert {each["metadata"]["namespace"] for each in manifests if each["kind"] == "Deployment"} == {"shop"}


def test_two_clusters_may_have_one_namespace_and_app() -> None:
    def declare() -> None:
        for name in ("east", "west"):
            env = place(name, k8s.Provider(name, kubeconfig="{}"))
            App(f"{name}-web", environment=env, image=IMAGE, name="web")

    kinds = [manifest_of(each)["kind"] for each in objects_of(declared(declare, KUBERNETES))]
    assert kinds.count("Deployment") == kinds.count("Namespace") == 2
