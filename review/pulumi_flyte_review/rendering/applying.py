"""The command that applies a report. Pure."""

from __future__ import annotations

from pulumi_flyte_review.model.report import Report


def applying(report: Report) -> str | None:
    """Return the command that applies what a report shows, or None for a report that binds nothing."""
    changes = any(change.operation != "same" for change in report.changes)
    if report.token is None or not (changes or report.others or report.exports):
        return None
    return f"pulumi-flyte up --stack {report.stack} --reviewed {report.token}"
