"""The Flyte project and domain that a Pulumi stack uses by default. Pure."""

from __future__ import annotations

from typing import NamedTuple

from pulumi_flyte.naming import names
from pulumi_flyte.naming.labels import DIGEST_LENGTH, dashed, digest

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
        return Scope(_label(pulumi_project, pulumi_project), domain)
    return Scope(_label(f"{pulumi_project}-{stack}", f"{pulumi_project}/{stack}"), names.DEFAULT_DOMAIN)


def _label(text: str, identity: str) -> str:
    """Turn `text` into a project's id. A text that has to be changed ends in a digest of `identity`, so that two
    identities that look alike afterwards stay apart."""
    label = dashed(text).strip("-")
    if text == label and len(label) <= names.MAX_PROJECT:
        return label
    stem = label[: names.MAX_PROJECT - DIGEST_LENGTH - 1].rstrip("-")
    return f"{stem}-{digest(identity)}" if stem else digest(identity)
