"""Add the users in other stacks whom an update breaks to its preview. Pure."""

from __future__ import annotations

from dataclasses import replace

from pulumi_flyte.naming.urns import STACK

from pulumi_flyte_review.consumers.breaks import Break, breaks_of
from pulumi_flyte_review.consumers.exports import exports_of
from pulumi_flyte_review.consumers.reading import States, exports_by_stack, uses_by_others
from pulumi_flyte_review.model.preview import PolicyViolation, Preview
from pulumi_flyte_review.model.urns import title_of

PACK, RULE = "consumers", "outputs-in-use"


def with_consumers(preview: Preview, states: States, stack: str) -> Preview:
    """Return a preview with a violation for each use in another stack that the update breaks. stack: its full name.

    Uses that are broken already are left to `pulumi-flyte consumers`.
    """
    root = next((step for step in preview.steps if step.type == STACK), None)
    if root is None or root.after is None:
        return preview
    uses, exports = uses_by_others(states, stack), exports_by_stack(states)
    # The state of this stack may be one that cannot be exported.
    exports.setdefault(stack, exports_of(stack, {} if root.before is None else root.before.outputs))
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
