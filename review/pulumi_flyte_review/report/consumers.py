"""Add the users in other stacks whom an update breaks to its preview. Pure."""

from __future__ import annotations

from dataclasses import replace

from pulumi_flyte_review.consumers.breaks import Break, breaks_of
from pulumi_flyte_review.consumers.exports import exports_of
from pulumi_flyte_review.consumers.reading import States, exports_by_stack, uses_by_others
from pulumi_flyte_review.model.preview import STACK, PolicyViolation, Preview
from pulumi_flyte_review.model.urns import title_of

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
        PolicyViolation(PACK, RULE, message_of(each), mandatory=True, urn=root.urn)
        for each in breaks_of(uses, after)
        if each.use not in broken_before
    )
    return replace(preview, policies=(*preview.policies, *violations))


def message_of(broken: Break) -> str:
    """Return what breaks: the consumer's stack, its resource and property, and the reason."""
    use = broken.use
    return f"{use.consumer}: {title_of(use.urn)}: {use.path}: {broken.problem}"
