"""The network policies that programs register on `kubernetes`, and what they let through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_flyte import App, AppEndpoint, Environment, Task

from tests.components.mocks.manifests import IMAGE, KUBERNETES, WITH_FLYTE, declared, manifest_of, objects_of
from tests.components.mocks.registrations import Program, error_of, problems_in, problems_of, run
from tests.components.platforms.kubernetes.network.evaluator import Cluster, Pod, Port

NEAR, FAR, FLYTE = "shop-development", "shop-staging", "flyte"
PORTS = (Port(8080, "http"), Port(9000))
CONTAINER: Any = {"image": IMAGE, "command": ["x"], "interface": {}}


def policies_of(program: Program) -> dict[str, dict[str, Any]]:
    """The policies by their Pulumi names."""
    return {
        each.name: manifest_of(each) for each in objects_of(program) if manifest_of(each)["kind"] == "NetworkPolicy"
    }


def pod(namespace: str, app: str) -> Pod:
    labels = {"app.kubernetes.io/name": app, "app.kubernetes.io/managed-by": "pulumi-flyte"}
    return Pod(namespace, app, f"10.1.0.{sum(map(ord, namespace + app)) % 250}", labels, PORTS)


def task_pod(name: str) -> Pod:
    labels = {"project": "shop", "domain": "development", "task-name": name}
    return Pod(FLYTE, name, "10.2.0.1", labels)


def reaches(program: Program, source: Pod, destination: Pod, port: int = 8080) -> bool:
    namespaces = {name: {"kubernetes.io/metadata.name": name} for name in (NEAR, FAR, FLYTE)}
    return Cluster(namespaces, list(policies_of(program).values())).allows(source, destination, port)


def two_environments() -> None:
    near, far = Environment("near"), Environment("far", domain="staging")
    api = App("api", environment=far, image=IMAGE)
    web = App("web", environment=near, image=IMAGE, inputs={"api": api, "again": api, "back": AppEndpoint("back")})
    App("back", environment=near, image=IMAGE, inputs={"web": web, "far_web": AppEndpoint("other", domain="staging")})
    Task("train", environment=near, **CONTAINER, inputs={"web": web})


def test_a_program_lets_through_what_it_wires_and_nothing_else() -> None:
    program = declared(two_environments, WITH_FLYTE)
    web, back, api, other = pod(NEAR, "web"), pod(NEAR, "back"), pod(FAR, "api"), pod(FAR, "other")
    pods = (web, back, api, other, task_pod("train"), task_pod("else"))
    allowed = {
        (source.name, target.name, port)
        for source in pods
        for target in (web, back, api, other)
        for port in (8080, 9000)
        if source != target and reaches(program, source, target, port)
    }
    edges = [("web", "api"), ("web", "back"), ("back", "web"), ("back", "other"), ("train", "web")]
    assert allowed == {(*edge, 8080) for edge in edges}


def test_pods_of_others_in_a_shared_namespace_are_not_cut_off() -> None:
    def declare() -> None:
        App("web", environment=Environment("env", cluster={"create_namespace": False}), image=IMAGE)

    program = declared(declare, KUBERNETES)
    assert set(policies_of(program)) == {"web"}
    others = replace(pod(NEAR, "other"), labels={})
    assert reaches(program, others, replace(others, name="else"))
    assert not reaches(program, others, pod(NEAR, "web"))


def test_each_edge_has_objects_of_its_own_with_names_that_tell_it() -> None:
    program = declared(two_environments, WITH_FLYTE)
    names = {
        name: (each["metadata"]["namespace"], each["metadata"]["name"]) for name, each in policies_of(program).items()
    }
    assert names == {
        "near-default-deny": (NEAR, "default-deny"),
        "far-default-deny": (FAR, "default-deny"),
        "api": (FAR, "api.app"),
        "web": (NEAR, "web.app"),
        "back": (NEAR, "back.app"),
        "web.calls.api.shop-staging": (FAR, "web.shop-development.calls.api"),
        "web.to.api.shop-staging": (NEAR, "web.to.api.shop-staging"),
        "web.calls.back": (NEAR, "web.calls.back"),
        "web.to.back": (NEAR, "web.to.back"),
        "back.calls.web": (NEAR, "back.calls.web"),
        "back.to.web": (NEAR, "back.to.web"),
        "back.to.other.shop-staging": (NEAR, "back.to.other.shop-staging"),
        "back.calls.other.shop-staging": (FAR, "back.shop-development.calls.other"),
        "train.calls.web": (NEAR, "train-e7a1c628.task-calls.web"),
    }
    assert policies_of(program)["train.calls.web"]["metadata"]["labels"] == {
        "app.kubernetes.io/name": "train",
        "app.kubernetes.io/part-of": "shop",
        "app.kubernetes.io/managed-by": "pulumi-flyte",
        "app.kubernetes.io/component": "task",
    }


def test_a_policy_waits_for_the_namespace_that_it_goes_into() -> None:
    program = declared(two_environments, WITH_FLYTE)
    kind = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
    assert "kubernetes:core/v1:Namespace far" in program.awaited_by(f"{kind} back.calls.other.shop-staging")
    awaited = program.awaited_by("kubernetes:apps/v1:Deployment web")
    assert {f"{kind} web.calls.back", f"{kind} web.to.back"} < awaited


def late(value: Callable[[App], object], *, preview: bool = False) -> Program:
    """A program with an edge through an Output."""

    def declare() -> None:
        environment = Environment("near")
        api = App("api", environment=environment, image=IMAGE)
        App("web", environment=environment, image=IMAGE, inputs={"api": value(api)})  # type: ignore[dict-item]

    return declared(declare, KUBERNETES, preview=preview)


@pytest.mark.parametrize("preview", [False, True])
def test_an_edge_through_an_output_is_let_through(preview: bool) -> None:
    program = late(lambda app: pulumi.Output.from_input(app.link_value.as_dict()), preview=preview)
    assert reaches(program, pod(NEAR, "web"), pod(NEAR, "api"))
    assert not reaches(program, pod(NEAR, "web"), pod(NEAR, "api"), 9000)
    assert not reaches(program, pod(NEAR, "api"), pod(NEAR, "web"))


def test_an_output_that_is_no_app_opens_nothing() -> None:
    program = late(lambda _: pulumi.Output.from_input("https://example.com"))
    assert "web.calls-input.api" in policies_of(program)
    assert not reaches(program, pod(NEAR, "web"), pod(NEAR, "api"))


def test_what_is_not_known_in_a_preview_has_its_objects() -> None:
    preview = late(lambda _: pulumi.Output(*_unknown()), preview=True)
    late_policies = {"web.calls-input.api", "web.to-input.api"}
    assert set(policies_of(preview)) == {"near-default-deny", "api", "web", *late_policies}


def _unknown() -> tuple[Any, ...]:
    futures: list[Any] = [pulumi.Output.from_input("x").future() for _ in range(2)]
    return set(), futures[0], futures[1]


def test_a_public_app_lets_its_controller_in_and_no_other() -> None:
    def declare() -> None:
        cluster: Any = {"ingress_namespaces": [FLYTE], "ingress_cidrs": ["198.51.100.0/24"]}
        environment = Environment("near", cluster=cluster)
        App("web", environment=environment, image=IMAGE, public=True)
        App("api", environment=environment, image=IMAGE)

    program = declared(declare)
    controller = Pod(FLYTE, "controller", "10.3.0.1")
    assert reaches(program, controller, pod(NEAR, "web"))
    assert reaches(program, replace(controller, namespace=FAR, ip="198.51.100.7"), pod(NEAR, "web"))
    assert not reaches(program, replace(controller, namespace=FAR), pod(NEAR, "web"))
    assert not reaches(program, controller, pod(NEAR, "web"), 9000)
    assert not reaches(program, controller, pod(NEAR, "api"))


@pytest.mark.parametrize("calling", ["first", "second"])
def test_two_tasks_with_pods_that_look_alike_are_a_problem_where_one_calls_apps(calling: str) -> None:
    long = "t" * 63

    def declare() -> None:
        environment = Environment("near")
        api = App("api", environment=environment, image=IMAGE)
        for name, order in ((f"{long}-a", "first"), (f"{long}-b", "second")):
            Task(name, environment=environment, **CONTAINER, inputs={"api": api} if order == calling else {})

    [problem] = problems_in(error_of(declare, WITH_FLYTE))
    assert problem.startswith(
        f"name: Flyte gives the pods of this task and of '{long}-a' the same label, task-name={long}"
    )


LONG = "t" * 70
IN_CODE = f"""
import flyte
from fastapi import FastAPI
from flyte.app.extras import FastAPIAppEnvironment

api = FastAPIAppEnvironment(name="api", app=FastAPI(), image="{IMAGE}")
words = flyte.TaskEnvironment(name="words", image="{IMAGE}", depends_on=[api])

@words.task
def {LONG}_a() -> int:
    return 1

@words.task
def {LONG}_b() -> int:
    return 1
"""


@pytest.mark.parametrize("tasks", ["a", "ab"])
def test_a_task_that_names_an_app_by_depends_on_calls_it(tasks: str, program_folder: Path) -> None:
    (program_folder / "calling.py").write_text(IN_CODE)
    config = {**WITH_FLYTE, "flyte:registry": "ghcr.io/acme"}

    def declare() -> None:
        near = Environment("near")
        App("api", environment=near, source="calling.py:api")
        for name in tasks:
            Task(f"words.{name}", environment=near, source=f"calling.py:{LONG}_{name}")

    if tasks == "ab":
        [problem] = problems_in(error_of(declare, config))
        assert "the same label, task-name=words.ttt" in problem
    else:
        assert reaches(run(declare, config), task_pod(f"words.{LONG}"[:63]), pod(NEAR, "api"))


def test_tasks_that_look_alike_and_call_nothing_are_none() -> None:
    def declare() -> None:
        environment = Environment("near")
        for name in ("a", "b"):
            Task(f"{'t' * 63}{name}", environment=environment, **CONTAINER)

    assert run(declare, WITH_FLYTE).resources


def test_a_metadata_address_cannot_be_listed() -> None:
    cluster: Any = {"egress_cidrs": ["169.254.169.254/32", "169.254.0.0/16"]}
    [problem] = problems_of(lambda: Environment("near", cluster=cluster), KUBERNETES)
    assert problem.startswith(
        "cluster.egress_cidrs.0: the address where a machine of a cloud hands out its credentials"
    )


def test_a_preview_names_what_will_be_blocked() -> None:
    def declare() -> None:
        environment = Environment("near", cluster={"egress": "declared"})
        env = {"DATABASE_URL": "postgres://db.databases.svc.cluster.local:5432/shop"}
        inputs: Any = {"search": "https://search.example.com", "stock": AppEndpoint("stock", project="stock")}
        App("web", environment=environment, image=IMAGE, env=env, inputs=inputs)

    warnings = run(declare, KUBERNETES).warnings
    assert [warning.partition(":")[0] for warning in warnings] == ["inputs.stock", "env.DATABASE_URL", "inputs.search"]
