"""The connections that an edit opens and closes are those that the local gate and the network policies tell apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flyte_local.proxy.gate import guard_of
from flyte_runtime.serving.credentials import Refusal
from flyteidl2.app.app_definition_pb2 import App as AppMessage
from google.protobuf.json_format import ParseDict
from pulumi_flyte.testing import SecretValue
from pulumi_flyte.workload.manifest import Manifest
from pulumi_flyte_review.model.names import Names
from pulumi_flyte_review.model.report import Connection, Reachability
from pulumi_flyte_review.model.workload import Stack
from pulumi_flyte_review.wiring.reachability import INTERNET, reachability_of

from tests.components.mocks.manifests import manifest_of, objects_of
from tests.components.mocks.registrations import Program
from tests.components.platforms.kubernetes.network.evaluator import Cluster, Pod, Port
from tests.review.report.previews import component, preview
from tests.review.wiring.programs import KUBERNETES, LOCAL, NAMES, TASKS, Shop, edits, stack_between

Matrix = set[tuple[str, str]]
NAMESPACE = "shop-development"


def of_stack(stack: Stack) -> Reachability:
    return reachability_of(stack, Names(stack.workloads))


def through_the_gate(program: Program, shop: Shop) -> Matrix:
    """Return who gets through the gate of the local proxy, with the credentials that the program made."""
    matrix: Matrix = set()
    for callee in shop.apps:
        guard = guard_of(_message(program, callee))
        if guard is None or _passes(guard, None):
            matrix.add((INTERNET, f"app {callee}"))
        for caller, kind in _workloads(shop):
            if caller != callee and (guard is None or _passes(guard, _token(program, caller, callee))):
                matrix.add((f"{kind} {caller}", f"app {callee}"))
    return matrix


def everybody(matrix: Matrix, shop: Shop) -> Matrix:
    """Return the connections of a report. Where everybody reaches an app on `local`, each workload does."""
    workloads = [f"{kind} {name}" for name, kind in _workloads(shop)]
    apps = [callee for caller, callee in matrix if caller == INTERNET]
    return matrix | {(caller, app) for app in apps for caller in workloads if caller != app}


def without_implied(matrix: Matrix, other: Matrix) -> Matrix:
    """Return the connections to apps that not everybody reaches on the other side."""
    return {(caller, callee) for caller, callee in matrix if (INTERNET, callee) not in other}


def _message(program: Program, app: str) -> AppMessage:
    """Return the app as the control plane has it."""
    declared = program[f"api:App {app}"].inputs
    env = {**declared["env"], **({"FLYTE_REQUIRES_AUTH": "true"} if declared.get("requiresAuth") else {})}
    pairs = [{"key": key, "value": value} for key, value in env.items()]
    return ParseDict({"spec": {"container": {"command": ["x"], "env": pairs}}}, AppMessage())


def _token(program: Program, caller: str, callee: str) -> str | None:
    secret = next((each for each in program.resources if str(each) == f"api:Secret {caller}-calls-{callee}"), None)
    if secret is None:
        return None
    value = secret.inputs["value"]
    return str(value.reveal() if isinstance(value, SecretValue) else value)


def _passes(guard: Any, token: str | None) -> bool:
    return guard.verifier is not None and not isinstance(guard.verifier.verify(token), Refusal)


def through_the_policies(program: Program, shop: Shop) -> Matrix:
    """Return who gets through the network policies, by the evaluator that agrees with real clusters."""
    policies = [manifest_of(each) for each in objects_of(program) if manifest_of(each)["kind"] == "NetworkPolicy"]
    namespaces = {name: {"kubernetes.io/metadata.name": name} for name in (NAMESPACE, "flyte", "ingress-nginx")}
    cluster = Cluster(namespaces, policies)
    ends = {f"{kind} {name}": _pod(kind, name) for name, kind in _workloads(shop)}
    ends[INTERNET] = Pod("ingress-nginx", "controller", "10.9.0.1", {"app": "ingress"})
    return {
        (caller, callee)
        for caller, source in ends.items()
        for callee, target in ends.items()
        if callee.startswith("app ") and caller != callee and cluster.allows(source, target, 8080)
    }


def _pod(kind: str, name: str) -> Pod:
    number = [*NAMES, *TASKS].index(name) + 1
    if kind == "task":
        return Pod("flyte", name, f"10.2.0.{number}", {"project": "shop", "domain": "development", "task-name": name})
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "pulumi-flyte"}
    return Pod(NAMESPACE, name, f"10.1.0.{number}", labels, (Port(8080, "http"),))


def _workloads(shop: Shop) -> list[tuple[str, str]]:
    return [*((name, "app") for name in sorted(shop.apps)), *((name, "task") for name in sorted(shop.tasks))]


PLATFORMS = pytest.mark.parametrize(
    ("config", "let_through"),
    [(LOCAL, through_the_gate), (KUBERNETES, through_the_policies)],
    ids=["local", "kubernetes"],
)


def holds(config: Mapping[str, str], let_through: Callable[[Program, Shop], Matrix], seed: int, count: int) -> None:
    gained = lost = 0
    program: Program | None = None
    for old, new in edits(seed, count):
        before, after = program or old.run(config), new.run(config)
        program = after
        reach = of_stack(stack_between(before, after))
        past, future = let_through(before, old), let_through(after, new)
        # A call by name of an app that the program does not have leads to another stack: nothing here can tell.
        here = {f"app {name}" for name in old.apps | new.apps}
        reported = [
            {(each.caller, each.callee) for each in side if each.callee in here} for side in (reach.gained, reach.lost)
        ]
        opened, closed = future - past, past - future
        if config == LOCAL:
            reported = [everybody(reported[0], new) - past, everybody(reported[1], old) - future]
            opened, closed = without_implied(opened, past), without_implied(closed, future)
        assert reported == [opened, closed], f"{old} -> {new}"
        gained, lost = gained + len(reported[0]), lost + len(reported[1])
    print(f"{count} edits: {gained} connections gained, {lost} lost")
    assert gained
    assert lost


@PLATFORMS
def test_reach_is_what_is_let_through(
    config: Mapping[str, str], let_through: Callable[[Program, Shop], Matrix]
) -> None:
    holds(config, let_through, 1, 12)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@PLATFORMS
def test_reach_is_what_is_let_through_over_fifty_edits(
    config: Mapping[str, str], let_through: Callable[[Program, Shop], Matrix]
) -> None:
    holds(config, let_through, 2, 50)


SETTINGS = {"platform": "kubernetes", "project": "shop", "domain": "development"}


def test_code_that_names_apps_and_starts_tasks_reaches_them() -> None:
    """The network policies count both, so the connections do."""
    inputs = {"environment": SETTINGS}
    train, leaf, api = (component(kind, name, before=inputs, after=inputs) for kind, name in _CODE)
    assert train.after is not None
    manifest = Manifest(in_code=("api",), starts=("leaf",)).as_dict()
    train.after.outputs["manifest"] = json.loads(json.dumps(manifest))  # type: ignore[index]
    reach = of_stack(preview_stack(train, leaf, api))
    assert set(reach.gained) == {Connection(f"task {name}", "app api", "http") for name in ("train", "leaf")}


_CODE = (("Task", "train"), ("Task", "leaf"), ("App", "api"))


def preview_stack(*steps: Any) -> Any:
    from pulumi_flyte_review.model.workload import stack_of

    return stack_of(preview(*steps))


@pytest.mark.parametrize("broken", [{}, {"environment": "[unknown]"}, {"environment": {"nothing": 1}}])
def test_a_workload_whose_environment_is_not_known_has_no_connections(broken: dict[str, Any]) -> None:
    app = component("App", "api", operation="create", after=broken)
    assert of_stack(preview_stack(app)).gained == ()
