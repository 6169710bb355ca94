"""A preview as a report. Pure."""

from __future__ import annotations

from pulumi_flyte_review.model.preview import Diagnostic, Operation, Preview
from pulumi_flyte_review.model.report import Change, Report
from pulumi_flyte_review.model.workload import stack_of
from pulumi_flyte_review.reasons.explanation import Surroundings
from pulumi_flyte_review.report.changes import change_of
from pulumi_flyte_review.report.others import others_of

# What cannot be undone comes first.
ORDER: tuple[Operation, ...] = ("delete", "replace", "create", "import", "update", "read", "same")


def report_of(preview: Preview) -> Report:
    """Return what a reviewer reads of a preview."""
    stack = stack_of(preview)
    around = Surroundings.of(stack)
    changes = [change for each in stack.workloads if (change := change_of(each, around)) is not None]
    return Report(
        project=preview.project,
        stack=preview.stack,
        changes=tuple(sorted(changes, key=_rank)),
        others=others_of(stack.others),
        diagnostics=tuple(each for each in preview.diagnostics if _is_told(each)),
        policies=preview.policies,
    )


def _rank(change: Change) -> int:
    """Return the place in the order. Changes of one operation stay in the engine's order, callees first."""
    return ORDER.index(change.operation)


def _is_told(diagnostic: Diagnostic) -> bool:
    """Return whether a message is for a reviewer. What the program prints is for its author."""
    return diagnostic.severity in ("warning", "error")
