"""Secrets whose values a preview tells apart, and secrets whose values it does not. Pure.

The engine writes every secret value as `[secret]`. The version of a Flyte secret tells its values apart: it is a digest
with a key that is in the state. A secret that is new has no version before it is made, and other resources have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import eq

from pulumi_flyte.naming.urns import Urn
from pulumi_flyte.notation.engine_marks import UNKNOWN
from pulumi_flyte.notation.property_paths import parts_of

from pulumi_flyte_review.model.paths import secret_paths
from pulumi_flyte_review.model.preview import Json, Step

_SECRET_TYPE = "flyte:api:Secret"
# Their secrets are keys and credentials that the plugin itself makes.
_MADE_BY_PLUGIN = frozenset({"flyte:api:AuthKey", "flyte:api:EdgeCredential"})
_WORKLOADS = ("flyte:index:App", "flyte:index:Task")


def secret_versions(step: Step) -> Json:
    """Return the version that a Flyte secret will have, or None for any other resource."""
    if step.type != _SECRET_TYPE or step.after is None:
        return None
    version = step.after.outputs.get("version")
    return None if version == UNKNOWN else version


def has_uncovered_secrets(steps: Iterable[Step]) -> bool:
    """Return whether a secret value is among what changes, and nothing but the stack's configuration tells which."""
    return any(_is_uncovered(step) for step in steps)


def _is_uncovered(step: Step) -> bool:
    if step.after is None or secret_versions(step) is not None or step.type in _MADE_BY_PLUGIN:
        return False
    # A component is not applied itself. A secret of an app or a task is the credential of an edge.
    if step.type.startswith("flyte:index:") or (step.type == _SECRET_TYPE and _is_below_workload(step)):
        return False
    before = set() if step.before is None else set(secret_paths(step.before.inputs))
    if set(secret_paths(step.after.inputs)) - before:
        return True
    # A secret on both sides is the same one, unless the provider says that it differs.
    return any(_has_secret(step, each.path) for each in step.properties)


def _is_below_workload(step: Step) -> bool:
    parents = Urn.parse(step.urn).parents
    return bool(parents) and parents[-1] in _WORKLOADS


def _has_secret(step: Step, path: str) -> bool:
    """Return whether a secret value is at a path, inside of what is there, or around it."""
    assert step.after is not None
    parts = parts_of(path)
    return any(all(map(eq, parts, secret)) for secret in secret_paths(step.after.inputs))
