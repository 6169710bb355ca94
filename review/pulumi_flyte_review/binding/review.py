"""`Review`: what `--reviewed` names, a token or a JSON report with one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from pulumi_flyte_review.binding.token import Token
from pulumi_flyte_review.errors import StaleReviewError
from pulumi_flyte_review.model.report import Report


class Reviewed(NamedTuple):
    """A change of a report. title: as people read it. operation: what happens to it."""

    title: str
    operation: str


Operations: TypeAlias = Mapping[str, Reviewed]


@dataclass(frozen=True, slots=True)
class Review:
    """A review that an update is bound to.

    operations: what the report says of each change. None for a token without its report.
    """

    token: Token
    operations: Operations | None = None

    @classmethod
    def of_report(cls, report: Report) -> Review:
        """Return the review of a report. Raises StaleReviewError."""
        if report.token is None:
            raise StaleReviewError(
                "--reviewed: this report has no token, as it was made without the stack's state (--offline), or is one"
                " of drift: review `pulumi-flyte diff --format json` of the stack itself"
            )
        return cls(Token.parse(report.token), operations_of(report))


def operations_of(report: Report) -> Operations:
    """Return what a report says of each change, by the change's URN, or its name and number if it has no URN."""
    operations = {each.urn: Reviewed(each.label, str(each.operation)) for each in report.changes}
    operations |= {f"output {each.name}": Reviewed(f"output {each.name}", each.edit) for each in report.exports}
    # Resources of one type and name can be below different components.
    numbers: Counter[str] = Counter()
    for operation, names in report.others.items():
        for name in names:
            numbers[name] += 1
            operations[f"{name} {numbers[name]}"] = Reviewed(name, str(operation))
    return operations
