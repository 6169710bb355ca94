"""Whom an update of a stack breaks in other stacks. Pure."""

from __future__ import annotations

from dataclasses import replace

from pulumi_flyte_review.consumers.breaks import breaks_of
from pulumi_flyte_review.consumers.exports import STACK, exports_of
from pulumi_flyte_review.consumers.reading import States, exports_by_stack, uses_by_others
from pulumi_flyte_review.model.preview import PolicyViolation, Preview

PACK, RULE = "consumers", "outputs-in-use"


def with_consumers(preview: Preview, states: States) -> Preview:
    """Return a preview with a violation for each use in another stack that the update breaks.

    Uses that are broken already are left to `pulumi-flyte consumers`.
    """
    root = next((step for step in preview.steps if step.type == STACK), None)
    stack = next((name for name in states if name.endswith(f"/{preview.project}/{preview.stack}")), None)
    if root is None or root.after is None or stack is None:
        return preview
    uses, exports = uses_by_others(states, stack), exports_by_stack(states)
    broken_before = {each.use for each in breaks_of(uses, exports)}
    after = {**exports, stack: exports_of(stack, root.after.outputs)}
    violations = (
        PolicyViolation(
            PACK, RULE, f"{each.use.consumer}: {each.use.name}: {each.use.path}: {each.problem}", True, root.urn
        )
        for each in breaks_of(uses, after)
        if each.use not in broken_before
    )
    return replace(preview, policies=(*preview.policies, *violations))
