"""The stack's outputs that an update changes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import Preview
from pulumi_flyte_review.reasons.differences import differences


def export_changes(preview: Preview) -> Iterator[ExportChange]:
    """Yield what differs, by name. An output that is a mapping has a name for each of its keys that differs."""
    before, after = preview.exports
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if name not in before:
            yield ExportChange(name, "add", None, new)
        elif name not in after:
            yield ExportChange(name, "delete", old, None)
        else:
            for path, was, becomes in differences(old, new, (name,)):
                yield ExportChange(".".join(path), "update", was, becomes)
