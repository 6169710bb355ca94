"""Decisions as JSON for a `Preview`: values as the engine's events write them, and no secret in any of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_flyte.notation.engine_marks import SECRET
from pulumi_flyte.notation.engine_marks import UNKNOWN as UNKNOWN_VALUE
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret

from pulumi_flyte_review.engine.offline.program.declared import Declared
from pulumi_flyte_review.engine.offline.program.stand_in import Decision
from pulumi_flyte_review.model.preview import Json


def shown(decision: Decision) -> dict[str, Any]:
    """Return a decision as the fields of a `Step`."""
    declared = decision.after or decision.before
    assert declared is not None
    return {
        "urn": declared.urn,
        "type": declared.type,
        "operation": decision.operation,
        "parent": declared.parent or None,
        "before": _snapshot(decision.before),
        "after": _snapshot(decision.after),
        "properties": [
            {"path": change.path, "edit": change.kind, "replaces": change.replace} for change in decision.changes
        ],
    }


def _snapshot(declared: Declared | None) -> dict[str, Json] | None:
    if declared is None:
        return None
    return {"inputs": _shown(declared.inputs), "outputs": _shown(declared.outputs)}


def _shown(value: Properties | object) -> Any:
    if isinstance(value, Secret):
        return SECRET
    if value is UNKNOWN:
        return UNKNOWN_VALUE
    if isinstance(value, Mapping):
        return {key: _shown(item) for key, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else value
