"""Resolves an entry of `secrets` to an edge."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from pulumi_flyte import links
from pulumi_flyte.links import SecretLink, StackLink
from pulumi_flyte.problems import Problems
from pulumi_flyte.wiring import stack_links
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.crossing import crossing_problem
from pulumi_flyte.wiring.edge import SecretEdge
from pulumi_flyte.wiring.late import checked_output, checked_parts, checked_secret
from pulumi_flyte.wiring.linkable import is_linkable
from pulumi_flyte.wiring.reference_parts import part_problems


def resolve_secret(variable: str, entry: object, consumer: Consumer, problems: Problems) -> SecretEdge | None:
    """Resolve an entry of `secrets`. Return None if it is not a secret."""
    path = f"secrets.{variable}"
    if isinstance(entry, Mapping):
        entry = links.from_dict(entry)
    output = None
    if isinstance(entry, StackLink):
        wrong_parts = stack_links.part_problems(entry)
        problems.within(path, wrong_parts)
        if wrong_parts:
            return None
        entry = output = checked_output(entry, path, consumer)
    if isinstance(entry, pulumi.Output):
        late = checked_secret(entry, path, consumer)
        link = SecretLink(name=late["name"], version=late.apply(lambda value: value.get("version")))
        return SecretEdge(variable=variable, link=link, output=output)
    waits_for = None
    if is_linkable(entry):
        waits_for, entry = entry.resource, entry.link_value
    if not isinstance(entry, SecretLink):
        # The value itself may be the secret's: it is not shown.
        problems.add(
            path,
            "expected a Secret or its `link`: declare Secret(value=…) for a value, which must not be in a workload's"
            " arguments",
        )
        return None
    wrong_parts = part_problems(entry)
    problems.within(path, wrong_parts)
    if wrong_parts:
        return None
    problems.add(path, crossing_problem(entry, consumer.settings))
    if waits_for is None:
        entry = checked_parts(entry, path, consumer)
    return SecretEdge(variable=variable, link=entry, waits_for=waits_for)
