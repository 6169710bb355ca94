"""Changes from outside: `refresh` finds every field of ours that somebody changed, and `up` repairs it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.kubernetes.api_server import ApiServer, ObjectKey
from tests.kubernetes.stack import ClusterStack

Path = tuple[str | int, ...]

PROGRAM = """
    import pulumi
    from pulumi_flyte import App, Environment, Secret

    IMAGE = "localhost:5000/base:1"
    SERVER = ["python3", "-m", "http.server", "8080", "--directory", "/etc"]

    shop = Environment("shop", cluster={"ingress_host": "{app}.example.com", "egress": "declared"})
    key = Secret("key", environment=shop, value="a value")
    backend = App("backend", environment=shop, image=IMAGE, command=SERVER, scaling={"replicas": (1, 3)})
    front = App(
        "front",
        environment=shop,
        image=IMAGE,
        command=SERVER,
        public=True,
        scaling={"replicas": 2},
        resources={"cpu": ("10m", "100m"), "memory": ("32Mi", "64Mi")},
        inputs={"backend": backend},
        secrets={"KEY": key},
        env={"COLOUR": "blue"},
    )
"""
# Another legal value, where one is not to be had by writing something behind the first.
ALTERNATIVES = {
    "TCP": "UDP",
    "ClusterIP": "NodePort",
    "IfNotPresent": "Always",
    "RuntimeDefault": "Unconfined",
    "FallbackToLogsOnError": "File",
    "RollingUpdate": "Recreate",
    "ScheduleAnyway": "DoNotSchedule",
    "kubernetes.io/hostname": "topology.kubernetes.io/zone",
    "Prefix": "Exact",
    "Utilization": "AverageValue",
    "restricted": "baseline",
    "Ingress": "Egress",
    "Egress": "Ingress",
    "ALL": "NET_RAW",
    "HTTP": "HTTPS",
}
# What people, controllers and other tools write into fields that the program leaves alone, by kind.
ADDITIONS: Mapping[str, Mapping[Path, Any]] = {
    "Deployment": {
        ("spec", "template", "metadata", "annotations"): {"kubectl.kubernetes.io/restartedAt": "2026-11-30T00:00:00Z"},
        ("spec", "template", "spec", "tolerations"): [{"key": "spot", "operator": "Exists"}],
        ("spec", "template", "spec", "hostAliases"): [{"ip": "203.0.113.1", "hostnames": ["old.example.com"]}],
        ("spec", "template", "spec", "dnsConfig"): {"options": [{"name": "ndots", "value": "2"}]},
        ("spec", "minReadySeconds"): 1,
    },
    "Service": {("spec", "publishNotReadyAddresses"): True, ("spec", "sessionAffinity"): "ClientIP"},
    "ServiceAccount": {("imagePullSecrets",): [{"name": "regcred"}], ("secrets",): [{"name": "legacy"}]},
    "HorizontalPodAutoscaler": {("spec", "behavior"): {"scaleDown": {"stabilizationWindowSeconds": 60}}},
    "Ingress": {("spec", "ingressClassName"): "nginx"},
}
# An object of another identity is another object.
IDENTITY = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}
# Of an app whose `replicas` range, this is the autoscaler's: no change that anybody would have to take back.
AUTOSCALED = ("Deployment", "backend", ("spec", "replicas"))
# What an entry of a list is known by: with another value it is another entry, which server-side apply leaves to whom
# it belongs. Source: the markers `listMapKey` of the API's types.
ENTRY_KEYS = {"name", "mountPath", "containerPort", "port", "protocol", "topologyKey", "whenUnsatisfiable"}
KINDS_WITH_ENTRY_KEYS = {"Deployment", "Service", "ServiceAccount"}


@dataclass(frozen=True)
class Declared:
    """An object of the stack: its key, its URN, and the properties that the program gives it."""

    key: ObjectKey
    urn: str
    properties: dict[str, Any]


@dataclass(frozen=True)
class Mutation:
    """A field that somebody else changed."""

    declared: Declared
    path: Path
    before: Any
    after: Any

    def __str__(self) -> str:
        field = "/".join(map(str, self.path))
        return f"{self.declared.key.kind} {self.declared.key.name} {field}: {self.before!r} → {self.after!r}"


def declared_objects(stack: ClusterStack) -> list[Declared]:
    """Return the objects in the stack's state, secrets in clear."""
    resources = stack.export("--show-secrets")["deployment"]["resources"]
    objects = []
    for resource in resources:
        if resource["type"].startswith("kubernetes:") and not resource.get("external"):
            metadata = resource["outputs"]["metadata"]
            version, kind = resource["outputs"]["apiVersion"], resource["outputs"]["kind"]
            key = ObjectKey(version, kind, metadata.get("namespace", ""), metadata["name"])
            objects.append(Declared(key, resource["urn"], plain(resource["inputs"])))
    return objects


def plain(value: Any) -> Any:
    """Return a property without Pulumi's wrapping of secrets and without its own entries."""
    if isinstance(value, dict):
        if "plaintext" in value:
            return plain(json.loads(value["plaintext"]))
        return {key: plain(item) for key, item in value.items() if not key.startswith("__")}
    return [plain(item) for item in value] if isinstance(value, list) else value


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the scalars below a value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    elif path not in IDENTITY and not any(str(part).startswith("pulumi.com/") for part in path):
        yield path, value


def is_entry_key(kind: str, path: Path) -> bool:
    """Return True for a field that tells the entries of a list apart."""
    is_in_entry = len(path) > 1 and isinstance(path[-2], int)
    return kind in KINDS_WITH_ENTRY_KEYS and is_in_entry and path[-1] in ENTRY_KEYS


def at(value: Any, path: Path) -> Any:
    """Return what is at a path; None if nothing is."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def candidates(value: Any) -> Sequence[Any]:
    """Return other values for a field; the API server takes the first that is legal."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    texts = [ALTERNATIVES[value]] if value in ALTERNATIVES else []
    return [*texts, f"{value}x", "11m", "33Mi", "203.0.113.0/24", f"x{value}"]


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def mutate(api: ApiServer, declared: Declared) -> Iterator[Mutation]:
    """Change every field of an object that the API server lets somebody change."""
    for path, _ in leaves(declared.properties):
        if is_entry_key(declared.key.kind, path) or (declared.key.kind, declared.key.name, path) == AUTOSCALED:
            continue
        before = at(api.get(declared.key), path)
        if before is None:  # written in one place and read in another, such as a Secret's stringData
            continue
        for candidate in candidates(before):
            operation = {"op": "replace", "path": pointer(path), "value": candidate}
            if api.patch(declared.key, [operation]) is None:
                after = at(api.get(declared.key), path)
                if after != before:
                    yield Mutation(declared, path, before, after)
                    break


pytestmark = pytest.mark.usefixtures("ingress_controller")


def assert_nothing_would_change(stack: ClusterStack) -> None:
    """Refresh and preview. All pods are ready by then: `up` would update a Deployment that `refresh` saw unready."""
    stack.wait_for_rollouts()
    refreshed = stack.refresh()
    assert refreshed.code == 0, refreshed.text
    preview = stack.preview()
    assert (preview.code, preview.changed) == (0, set()), preview.text


def test_every_field_that_somebody_changed_is_found_and_repaired(stack: ClusterStack, api: ApiServer) -> None:
    stack.write({"__main__.py": PROGRAM})
    stack.init()
    stack.deployed()
    objects = declared_objects(stack)
    fields = sum(len(list(leaves(declared.properties))) for declared in objects)
    mutations = [mutation for declared in objects for mutation in mutate(api, declared)]
    print(f"{len(objects)} objects, {fields} fields, {len(mutations)} changed")

    refreshed = stack.refresh()
    assert refreshed.code == 0, refreshed.text
    after_refresh = {declared.urn: declared.properties for declared in declared_objects(stack)}
    unseen = [str(one) for one in mutations if at(after_refresh[one.declared.urn], one.path) == one.before]
    assert not unseen, "not found by refresh:\n" + "\n".join(unseen)

    repaired = stack.up()
    assert repaired.code == 0, repaired.text
    left = [str(one) for one in mutations if at(api.get(one.declared.key), one.path) != one.before]
    assert not left, "not repaired by up:\n" + "\n".join(left)
    assert_nothing_would_change(stack)


def test_what_a_cluster_and_its_people_may_change_is_no_change(stack: ClusterStack, api: ApiServer) -> None:
    stack.write({"__main__.py": PROGRAM})
    stack.init()
    stack.deployed()
    count = 0
    for declared in declared_objects(stack):
        metadata = api.get(declared.key)["metadata"]
        for place in ("labels", "annotations"):
            entry = pointer(("metadata", place, f"somebody.example.com/{place}"))
            empty = [] if place in metadata else [{"op": "add", "path": f"/metadata/{place}", "value": {}}]
            refusal = api.patch(declared.key, [*empty, {"op": "add", "path": entry, "value": "else"}])
            assert refusal is None, refusal
            count += 1
        for path, value in ADDITIONS.get(declared.key.kind, {}).items():
            assert not at(declared.properties, path), f"{path} of {declared.key.kind} is the program's"
            refusal = api.patch(declared.key, [{"op": "add", "path": pointer(path), "value": value}])
            assert refusal is None, refusal
            count += 1
    backend = ObjectKey("apps/v1", "Deployment", stack.namespace, "backend")
    assert api.patch(backend, [{"op": "replace", "path": "/spec/replicas", "value": 3}]) is None
    count += 1
    assert count >= 50
    print(f"{count} changes")
    assert_nothing_would_change(stack)
