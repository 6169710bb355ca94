"""Programs that are edited step by step, run on Pulumi's mocks, and read as a stack before and after an edit."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import rpc
from pulumi_flyte import App, AppEndpoint, Environment, Task
from pulumi_flyte.testing import SecretValue
from pulumi_flyte_provider.resources.auth import signing
from pulumi_flyte_review.model.preview import Preview, Snapshot, Step
from pulumi_flyte_review.model.workload import Stack, stack_of

from tests.components.mocks.manifests import WITH_FLYTE
from tests.components.mocks.registrations import Program, Registration, run

LOCAL: Mapping[str, str] = {}
KUBERNETES: Mapping[str, str] = WITH_FLYTE
STACK_TYPE = "pulumi:pulumi:Stack"
CONTAINER: Any = {"image": "registry.example.com/x:1", "command": ["x"]}
NAMES = ("a", "b", "c", "d", "e")
TASKS = ("t", "u")


@dataclass
class Shop:
    """A program. calls: the apps that each workload has as inputs. guarded, public: apps."""

    apps: set[str] = field(default_factory=lambda: set(NAMES[:4]))
    tasks: set[str] = field(default_factory=lambda: {"t"})
    calls: set[tuple[str, str]] = field(
        default_factory=lambda: {("b", "a"), ("c", "a"), ("c", "b"), ("d", "c"), ("a", "d"), ("t", "a"), ("t", "c")}
    )
    guarded: set[str] = field(default_factory=lambda: {"a", "b"})
    public: set[str] = field(default_factory=set)

    def edited(self, rng: random.Random) -> Shop:
        """Return the program after one edit."""
        new = deepcopy(self)
        kind = rng.choice(["call", "call", "call", "guard", "public", "app", "task"])
        app = rng.choice(NAMES)
        if kind == "call":
            caller = rng.choice([*NAMES, *TASKS])
            if caller != app:
                new.calls ^= {(caller, app)}
        elif kind == "guard":
            new.guarded ^= {app}
        elif kind == "public":
            new.public ^= {app}
        elif kind == "app":
            new.apps ^= {app}
        else:
            new.tasks ^= {rng.choice(TASKS)}
        return new

    def declare(self) -> None:
        """Declare the program. A call of an app that is declared later, or not at all, is by name."""
        shop = Environment("shop")
        declared: dict[str, App] = {}

        def inputs(caller: str) -> dict[str, Any]:
            callees = sorted(callee for source, callee in self.calls if source == caller)
            return {f"to_{callee}": declared.get(callee, AppEndpoint(callee)) for callee in callees}

        for name in sorted(self.apps):
            options: dict[str, Any] = {"requires_auth": True} if name in self.guarded else {}
            options |= {"public": True} if name in self.public else {}
            declared[name] = App(name, environment=shop, inputs=inputs(name), **CONTAINER, **options)
        for name in sorted(self.tasks):
            Task(name, environment=shop, inputs=inputs(name), interface={}, **CONTAINER)

    def run(self, config: Mapping[str, str]) -> Program:
        """Run the program with real keys and credentials."""
        return run(self.declare, config, computed={"api:AuthKey": _key, "api:EdgeCredential": _credential})


def _key(args: pulumi.runtime.MockResourceArgs) -> Mapping[str, Any]:
    seed = base64.urlsafe_b64encode(hashlib.sha256(args.name.encode()).digest()).decode().rstrip("=")
    return {"privateKey": seed, "keys": [signing.public_jwk(seed)], "createdAt": 1_700_000_000}


def _credential(args: pulumi.runtime.MockResourceArgs) -> Mapping[str, Any]:
    inputs = args.inputs
    seed = rpc.unwrap_rpc_secret(inputs["privateKey"])
    token = signing.credential(
        seed, caller=inputs["caller"], audience=inputs["audience"], issued_at=int(inputs["issuedAt"])
    )
    return {"credential": token}


def stack_between(old: Program, new: Program) -> Stack:
    """Return the stack of an update from one program to another one."""
    sides = [{str(each): each for each in program.resources} for program in (old, new)]
    names = dict.fromkeys([*sides[0], *sides[1]])
    return stack_of(Preview("shop", "dev", tuple(_step(sides[0].get(name), sides[1].get(name)) for name in names)))


def _step(old: Registration | None, new: Registration | None) -> Step:
    resource = new or old
    assert resource is not None
    operation = "create" if old is None else "delete" if new is None else "update"
    parent = _urn(*resource.parent.split(" ", 1)) if resource.parent else _urn(STACK_TYPE, "shop-dev")
    kind = _type(resource.type)
    return Step(_urn(resource.type, resource.name), kind, operation, parent, _snapshot(old), _snapshot(new))  # type: ignore[arg-type]


def _type(short: str) -> str:
    return short if short.startswith(("kubernetes:", "pulumi:", "docker")) else f"flyte:{short}"


def _urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::{_type(kind)}::{name}"


def _snapshot(resource: Registration | None) -> Snapshot | None:
    if resource is None:
        return None
    outputs: dict[str, Any] = {}
    if resource.type in ("index:App", "index:Task"):
        environment = resource.inputs["environment"]
        place = {"project": environment["project"], "domain": environment.get("domain", "development")}
        outputs["link"] = {"kind": resource.type.removeprefix("index:").lower(), "name": resource.name, **place}
    return Snapshot(_masked(resource.inputs), outputs)


def _masked(value: Any) -> Any:
    if isinstance(value, SecretValue):
        return "[secret]"
    if isinstance(value, Mapping):
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def edits(seed: int, count: int) -> Iterator[tuple[Shop, Shop]]:
    """Yield this many edits: the program before and after each."""
    rng, shop = random.Random(seed), Shop()
    for _ in range(count):
        edited = shop.edited(rng)
        while edited == shop:
            edited = shop.edited(rng)
        yield shop, edited
        shop = edited
