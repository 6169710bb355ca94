"""Interprets the status of an app. Pure.

In Flyte OSS (flyteorg/flyte `app/`), the conditions are Knative's. They are sorted by name, and each has its own time.
A stopped app has none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from flyteidl2.app import app_definition_pb2 as pb

STALE_SECONDS = 5.0
Status = pb.Status


@dataclass(frozen=True)
class Snapshot:
    """The condition of an app before a change. The status stays the same until the platform has noticed the change."""

    condition: pb.Condition | None = None

    @classmethod
    def of(cls, app: pb.App | None) -> Snapshot:
        """Return the condition of the app. None means that there was no app."""
        return cls() if app is None else cls(verdict(app))

    @property
    def failed(self) -> bool:
        """True if the app had failed."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_FAILED

    @property
    def served(self) -> bool:
        """True if the app was active. The old revision then serves until the new one is ready."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_ACTIVE

    @property
    def stopped(self) -> bool:
        """True if the app was stopped. The first condition after its start is then from the time of the stop."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_STOPPED

    def is_still(self, condition: pb.Condition, waited: float) -> bool:
        """Check whether a condition is still the old one, because the platform has not reacted yet."""
        return self.condition == condition and waited < STALE_SECONDS


def verdict(app: pb.App) -> pb.Condition:
    """Return the newest condition, which need not be the last one. If several have the same time, a failure wins."""

    def weight(item: tuple[int, pb.Condition]) -> tuple[int, bool, int]:
        index, condition = item
        failed = condition.deployment_status == Status.DEPLOYMENT_STATUS_FAILED
        return condition.last_transition_time.ToNanoseconds(), failed, index

    return max(enumerate(app.status.conditions), key=weight, default=(0, pb.Condition()))[1]


def is_stopped(app: pb.App) -> bool:
    """Check whether the platform has stopped the app. Only the status shows it: a stop does not change the spec."""
    return bool(verdict(app).deployment_status == Status.DEPLOYMENT_STATUS_STOPPED)


def in_words(status: int) -> str:
    """Return the text of a deployment status for the user."""
    if status == Status.DEPLOYMENT_STATUS_UNSPECIFIED:
        return "the platform says nothing about it: does Knative Serving run in its cluster?"
    return str(Status.DeploymentStatus.Name(status)).removeprefix("DEPLOYMENT_STATUS_").lower()
