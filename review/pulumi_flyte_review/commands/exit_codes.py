"""Exit codes. Pure."""

from __future__ import annotations

from pulumi_flyte_review.model.reason import DriftReason
from pulumi_flyte_review.model.report import Report

NO_CHANGE, ERROR, CHANGES, FAILED_ON = 0, 1, 2, 3
KINDS = ("delete", "replace", "contract", "reachability", "policy", "drift", "any")


def exit_code(report: Report, fail_on: tuple[str, ...] = ()) -> int:
    """Return 0 for no change, 2 for changes, and 3 for one of the kinds in `fail_on`."""
    if set(fail_on) & kinds_of(report):
        return FAILED_ON
    return CHANGES if "any" in kinds_of(report) else NO_CHANGE


def kinds_of(report: Report) -> set[str]:
    """Return the kinds of changes that a report has."""
    operations = {change.operation for change in report.changes} | {*report.others}
    operations |= {loss.operation for change in report.changes for loss in change.losses}
    changes = bool(operations - {"same"} or report.exports)
    reasons = [reason for change in report.changes for reason in change.reasons]
    present = {
        "delete": "delete" in operations,
        "replace": "replace" in operations,
        "contract": bool(report.contracts),
        "reachability": bool(report.reachability.gained or report.reachability.lost),
        "policy": bool(report.policies),
        "drift": any(isinstance(reason, DriftReason) for reason in reasons) or (report.drift and changes),
        "any": changes,
    }
    return {kind for kind, is_there in present.items() if is_there}
