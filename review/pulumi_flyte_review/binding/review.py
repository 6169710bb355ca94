"""`Review`: what `--reviewed` names, a token or a JSON report with one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_flyte_review.binding.token import Token
from pulumi_flyte_review.errors import StaleReviewError
from pulumi_flyte_review.model.report import Report


@dataclass(frozen=True, slots=True)
class Review:
    """What was reviewed.

    operations: `type name` of each change in the report, and what happens to it. None for a token without its report.
    """

    token: Token
    operations: Mapping[str, str] | None = None

    @classmethod
    def of_report(cls, report: Report) -> Review:
        """Return the review of a report. Raises StaleReviewError."""
        if report.token is None:
            raise StaleReviewError(
                "--reviewed: this report has no token, as it was made without the stack's state (--offline), or is one"
                " of drift: review `pulumi-flyte diff --format json` of the stack itself"
            )
        return cls(Token.parse(report.token), operations_of(report))


def operations_of(report: Report) -> Mapping[str, str]:
    """Return what a report says of each change, by `type name`."""
    changes = {f"{change.kind} {change.name}": str(change.operation) for change in report.changes}
    others = {name: str(operation) for operation, names in report.others.names.items() for name in names}
    return {**changes, **others}
