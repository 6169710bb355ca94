"""The Flyte project and domain that a Pulumi stack uses by default. Pure."""

from __future__ import annotations

from typing import NamedTuple

from pulumi_flyte.naming import names
from pulumi_flyte.naming.labels import label_of

# A stack with one of these names takes the Flyte domain of that name.
DOMAIN_OF_STACK = {
    "development": "development",
    "dev": "development",
    "staging": "staging",
    "production": "production",
    "prod": "production",
}


class Scope(NamedTuple):
    """A Flyte project and one of its domains."""

    project: str
    domain: str


def default_scope(pulumi_project: str, stack: str) -> Scope:
    """Return the project and domain of a stack that configures neither.

    A stack that is named as a Flyte domain takes that domain of the project `{pulumi project}`. Any other stack takes
    the domain `development` of a project of its own, `{pulumi project}-{stack}`. So two stacks of one Pulumi project
    do not share names.
    """
    stack = stack.rpartition("/")[2]  # `organization/project/stack` names the same stack
    domain = DOMAIN_OF_STACK.get(stack)
    if domain is not None:
        return Scope(label_of(pulumi_project, pulumi_project, names.MAX_PROJECT), domain)
    project = label_of(f"{pulumi_project}-{stack}", f"{pulumi_project}/{stack}", names.MAX_PROJECT)
    return Scope(project, names.DEFAULT_DOMAIN)
