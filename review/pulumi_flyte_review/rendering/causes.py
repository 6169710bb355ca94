"""`Causes`: the reasons behind a reason. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_flyte_review.model.reason import ArgumentReason, Reason, UpstreamReason
from pulumi_flyte_review.model.report import Change

# The arguments that decide an app's key and the place of a workload.
_MOVING = frozenset({"requires_auth", "auth_rotation", "name"})


def _moves(reason: Reason) -> bool:
    if isinstance(reason, UpstreamReason):
        return reason.kind == "environment"
    return isinstance(reason, ArgumentReason) and reason.path in _MOVING


class Causes:
    """The reasons of the other changes of a report, so that a chain is told to its end."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._changes = {change.label: change for change in changes}

    def has(self, name: str) -> bool:
        """Return whether a workload changes. name: such as `app frontend`."""
        return name in self._changes

    def of(self, reason: UpstreamReason) -> tuple[Reason, ...]:
        """Return the reasons why another workload changes. There are none for one of another stack."""
        change = self._changes.get(reason.upstream)
        reasons = () if change is None else change.reasons
        # A file that changes as well moves neither the key nor the place of an app.
        telling = tuple(each for each in reasons if _moves(each))
        return telling if telling and reason.by in ("credential", "endpoint") else reasons
