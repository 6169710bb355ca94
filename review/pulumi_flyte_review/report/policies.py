"""The rules of `pulumi_flyte.policies` on a preview. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulumi_flyte.policies import PolicySet, Resource

from pulumi_flyte_review.model.preview import PolicyViolation, Preview
from pulumi_flyte_review.model.urns import title_of


def with_policies(preview: Preview, pack: str, policies: PolicySet) -> Preview:
    """Return a preview with what breaks the rules, beside the violations that the engine told. pack: their name."""
    violations = (
        PolicyViolation(pack, each.rule, f"{title_of(each.urn)}: {each.message}", each.mandatory, each.urn)
        for each in policies.violations(_resources(preview))
    )
    return replace(preview, policies=(*preview.policies, *violations))


def _resources(preview: Preview) -> Iterator[Resource]:
    """Yield the resources that there are after the update, also those that stay as they are."""
    for step in preview.steps:
        if step.after is not None and step.operation != "delete":
            yield Resource(step.type, step.name, step.urn, step.after.inputs, step.after.outputs)
