"""Changes of the stack's outputs in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.rendering.pieces import Name, Piece, edited, listed, shown


def exported(export: ExportChange) -> list[Piece]:
    """Return what becomes of an output of the stack."""
    name: list[Piece] = ["output ", Name(export.name)]
    if export.edit == "delete":
        return [*name, " is removed, which breaks its readers (it was ", Name(shown(export.old)), ")"]
    if export.edit == "add":
        return [*name, " is new: ", Name(shown(export.new))]
    return [*name, *edited(export.old, export.new)]


def exported_later(exports: Iterable[ExportChange]) -> list[Piece]:
    """Return the outputs whose values only the update knows, or nothing if there are none."""
    names = [(Name(export.name),) for export in exports if export.is_unknown]
    return ["outputs whose values are known only after the update: ", *listed(names)] if names else []
