"""`Workload`: a component of pulumi-flyte in a preview, with the resources below it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from pulumi_flyte.naming.urns import Urn
from pulumi_flyte.workload.manifest import OUTPUT, Manifest

from pulumi_flyte_review.model.preview import Json, Preview, Step

Kind: TypeAlias = Literal["app", "task", "secret", "trigger", "environment"]

KINDS: Mapping[str, Kind] = {
    "flyte:index:App": "app",
    "flyte:index:Task": "task",
    "flyte:index:Secret": "secret",
    "flyte:index:Environment": "environment",
    "flyte:api:Trigger": "trigger",
}


# It has no slots, because `manifests` stores its value on the instance.
@dataclass(frozen=True)
class Workload:
    """An app, a task, a secret, an environment or a trigger.

    step: the step of the component, or of the trigger. resources: the steps of the resources below it; a trigger is a
    separate workload, so it is not among the resources of its task. parent_type: the type of the component around it.
    It is empty unless another workload of the same kind has the same name.
    """

    kind: Kind
    step: Step
    resources: tuple[Step, ...] = ()
    parent_type: str = ""

    @property
    def name(self) -> str:
        """The Pulumi name, such as `web`. It is `Shop/web` if a component of another type also has a `web`."""
        return f"{self.parent_type}/{self.step.name}" if self.parent_type else self.step.name

    @property
    def label(self) -> str:
        """The kind and the name, such as `app web`."""
        return f"{self.kind} {self.name}"

    @property
    def inputs(self) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        """The inputs before and after. They are empty if the workload does not exist."""
        before, after = self.step.before, self.step.after
        return ({} if before is None else before.inputs, {} if after is None else after.inputs)

    @property
    def outputs(self) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        """The outputs before and after."""
        before, after = self.step.before, self.step.after
        return ({} if before is None else before.outputs, {} if after is None else after.outputs)

    @cached_property
    def manifests(self) -> tuple[Manifest | None, Manifest | None]:
        """The manifests before and after. None if the state has no manifest."""
        before, after = self.outputs
        return Manifest.parse(before.get(OUTPUT)), Manifest.parse(after.get(OUTPUT))


@dataclass(frozen=True, slots=True)
class Stack:
    """The workloads of a preview, and the steps that belong to none of them."""

    workloads: tuple[Workload, ...] = ()
    others: tuple[Step, ...] = ()


def stack_of(preview: Preview) -> Stack:
    """Group the steps of a preview by the nearest workload above each. They are in one order, that of their URNs."""
    steps = {step.urn: step for step in sorted(preview.steps, key=_place)}
    below: dict[str, list[Step]] = {step.urn: [] for step in steps.values() if step.type in KINDS}
    others: list[Step] = []
    for step in steps.values():
        if step.urn in below:
            continue
        owner = _owner(step, steps)
        (others if owner is None else below[owner]).append(step)
    parent_types = _parent_types(steps[urn] for urn in below)
    workloads = (
        Workload(KINDS[steps[urn].type], steps[urn], tuple(resources), parent_types[urn])
        for urn, resources in below.items()
    )
    return Stack(tuple(workloads), tuple(others))


def _place(step: Step) -> tuple[bool, str]:
    """Return the place in the order. The engine's own is another one each time, but for deletions, which come last."""
    return step.operation == "delete", step.urn


def _parent_types(workloads: Iterable[Step]) -> Mapping[str, str]:
    """Return the type of the component around each workload that has the name of another one, by URN.

    A URN contains the types of all components around a resource, but not their names. So these types differ if two
    workloads of one kind have the same name.
    """
    namesakes: dict[tuple[str, str], list[Step]] = {}
    for step in workloads:
        namesakes.setdefault((step.type, step.name), []).append(step)
    parent_types: dict[str, str] = {}
    for steps in namesakes.values():
        types = [Urn.parse(step.urn).types.removesuffix(step.type).rstrip("$") for step in steps]
        short = [each.rpartition(":")[2] for each in types]
        words = short if len(set(short)) == len(short) else types
        parent_types |= {step.urn: word if len(steps) > 1 else "" for step, word in zip(steps, words, strict=True)}
    return parent_types


def _owner(step: Step, steps: Mapping[str, Step]) -> str | None:
    parent = step.parent
    while parent is not None and parent in steps:
        if steps[parent].type in KINDS:
            return parent
        parent = steps[parent].parent
    return None
