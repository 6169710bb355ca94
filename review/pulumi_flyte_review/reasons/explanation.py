"""All the reasons of one workload, in the order of a reader's interest. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pulumi_flyte_review.model.names import Names
from pulumi_flyte_review.model.reason import ArgumentReason, Reason
from pulumi_flyte_review.model.workload import Stack, Workload
from pulumi_flyte_review.reasons.arguments import argument_reasons, secret_argument_reasons
from pulumi_flyte_review.reasons.configuration import (
    changed_configuration,
    configuration_reasons,
    settings_reasons,
)
from pulumi_flyte_review.reasons.contents import file_reasons, package_reasons, plugin_reasons
from pulumi_flyte_review.reasons.credentials import credential_reasons
from pulumi_flyte_review.reasons.drift import drift_reasons
from pulumi_flyte_review.reasons.properties import property_reasons
from pulumi_flyte_review.reasons.secrets import secret_reasons
from pulumi_flyte_review.reasons.triggers import trigger_reasons
from pulumi_flyte_review.reasons.wiring import environment_reasons, reference_reasons


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The parts of the stack that the reasons of a workload depend on."""

    names: Names
    workloads: tuple[Workload, ...] = ()
    environments: tuple[Workload, ...] = ()
    configuration: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, stack: Stack) -> Surroundings:
        """Return what the reasons need to know of a stack."""
        environments = tuple(each for each in stack.workloads if each.kind == "environment")
        return cls(Names(stack.workloads), stack.workloads, environments, changed_configuration(environments))


def reasons_of(workload: Workload, around: Surroundings) -> tuple[Reason, ...]:
    """Return why a workload changes, each reason once. A workload that comes or goes needs no reason."""
    if workload.step.operation in ("create", "delete", "import"):
        return ()
    return _once(_reasons(workload, around)) or _once(plugin_reasons(workload)) or _once(property_reasons(workload))


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return each reason once. A value may be a list, so reasons have no hash."""
    unique: list[Reason] = []
    for reason in reasons:
        if reason not in unique:
            unique.append(reason)
    return tuple(unique)


def _reasons(workload: Workload, around: Surroundings) -> Iterator[Reason]:
    yield from file_reasons(workload)
    yield from secret_reasons(workload)
    for argument in (*argument_reasons(workload), *secret_argument_reasons(workload)):
        yield from _with_configuration(argument, around)
    for reason in (
        *reference_reasons(workload, around.names),
        *environment_reasons(workload, list(around.environments)),
    ):
        if isinstance(reason, ArgumentReason):
            yield from _with_configuration(reason, around)
        else:
            yield reason
    if workload.kind == "environment":
        yield from settings_reasons(workload, around.configuration)
    yield from credential_reasons(workload, around.names)
    yield from trigger_reasons(workload, around.workloads)
    yield from package_reasons(workload)
    yield from drift_reasons(workload)


def _with_configuration(argument: ArgumentReason, around: Surroundings) -> Iterator[Reason]:
    """Yield the argument, and the keys of the configuration that its values come from."""
    yield from configuration_reasons(argument.old, argument.new, around.configuration)
    yield argument
