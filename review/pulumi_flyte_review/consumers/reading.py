"""Exports and uses of the stacks of a backend, by their states. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pulumi_flyte.naming.urns import STACK

from pulumi_flyte_review.consumers.exports import StackExports, exports_of
from pulumi_flyte_review.consumers.uses import Use, uses_of
from pulumi_flyte_review.model.preview import Json

# The resources of a stack by its full name, as its state has them.
States = Mapping[str, Sequence[Mapping[str, Json]]]


def exports_by_stack(states: States) -> dict[str, StackExports]:
    """Return what each stack exports. A stack without resources exports nothing."""
    return {name: exports_of(name, _outputs_of(resources)) for name, resources in states.items()}


def uses_by_others(states: States, stack: str | None = None) -> list[Use]:
    """Return the uses of all stacks, or those of the outputs of one, in the order of their stacks and resources."""
    uses = [use for name, resources in states.items() for use in uses_of(name, resources)]
    # A state has its resources in the order in which the engine happened to make them.
    return sorted(
        (use for use in uses if stack is None or use.stack == stack), key=lambda use: (use.consumer, use.urn, use.path)
    )


def _outputs_of(resources: Iterable[Mapping[str, Json]]) -> Mapping[str, Json]:
    roots = (each.get("outputs") for each in resources if each.get("type") == STACK)
    outputs = next(roots, None)
    return outputs if isinstance(outputs, Mapping) else {}
