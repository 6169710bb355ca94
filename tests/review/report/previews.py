"""Previews of a small shop, as values."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_flyte.workload.manifest import Manifest
from pulumi_flyte_review.model.preview import Json, Operation, Preview, PropertyChange, Snapshot, Step

PLACE = {"project": "shop", "domain": "development"}


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::shop::{kind}::{name}"


def component(
    kind: str,
    name: str,
    *,
    operation: Operation = "same",
    before: Mapping[str, Json] | None = None,
    after: Mapping[str, Json] | None = None,
    files: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
    packages: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
) -> Step:
    """Return the step of an app, a task or a secret, with its inputs, files and packages before and after."""
    link = {"kind": kind.lower(), "name": name, **PLACE}
    old, new = (
        Snapshot(inputs or {}, {"link": link, "manifest": Manifest(files[side], packages[side]).as_dict()})
        for side, inputs in enumerate((before, after))
    )
    return Step(
        urn(f"flyte:index:{kind}", name),
        f"flyte:index:{kind}",
        operation,
        urn("pulumi:pulumi:Stack", "shop-dev"),
        None if operation == "create" else old,
        None if operation == "delete" else new,
    )


def resource(
    kind: str,
    name: str,
    owner: Step,
    *paths: str,
    operation: Operation = "update",
    replaces: bool = False,
    before: Mapping[str, Json] | None = None,
    after: Mapping[str, Json] | None = None,
) -> Step:
    """Return the step of a resource below a component, with the properties that differ."""
    return Step(
        urn(f"{owner.type}${kind}", name),
        kind,
        operation,
        owner.urn,
        None if operation == "create" else Snapshot(before or {}),
        None if operation == "delete" else Snapshot(after or {}),
        properties=tuple(PropertyChange(path, "update", replaces) for path in paths),
    )


def preview(*steps: Step) -> Preview:
    return Preview("shop", "dev", steps)
