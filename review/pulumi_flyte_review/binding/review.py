"""`Review`: what `--reviewed` names, a token or a JSON report with one. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_flyte_review.binding.token import Token
from pulumi_flyte_review.errors import StaleReviewError


@dataclass(frozen=True, slots=True)
class Review:
    """A review that was made earlier.

    operations: `type name` of each change in the report, and what happens to it. None for a token without its report.
    """

    token: Token
    operations: Mapping[str, str] | None = None

    @classmethod
    def of_report(cls, text: str | bytes) -> Review:
        """Return the review of a JSON report. Raises StaleReviewError."""
        try:
            document = json.loads(text)
            token, operations = document["token"], operations_of(document)
        except (ValueError, KeyError, TypeError):
            raise StaleReviewError(
                "--reviewed: this file is no report of `pulumi-flyte diff --format json`: make one, and review it"
            ) from None
        if token is None:
            raise StaleReviewError(
                "--reviewed: this report has no token, as it was made without the stack's state (--offline): review"
                " `pulumi-flyte diff --format json` of the stack itself"
            )
        return cls(Token.parse(token), operations)


def operations_of(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what a report's document says of each change, by `type name`. Raise KeyError or TypeError for others."""
    changes = {f"{each['type']} {each['name']}": str(each["op"]) for each in document["changes"]}
    others = {str(name): str(operation) for operation, names in document["others"].items() for name in names}
    return {**changes, **others}
