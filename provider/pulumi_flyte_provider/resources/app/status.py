"""An app's status, interpreted. Pure.

Facts about Flyte OSS (flyteorg/flyte `app/`): the conditions are Knative's, in the order of their names and each with
its own time; a stopped app shows none of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from flyteidl2.app import app_definition_pb2 as pb

STALE_SECONDS = 5.0
Status = pb.Status


@dataclass(frozen=True)
class Snapshot:
    """An app's condition before we changed it: until the platform has looked again, its status is still that one."""

    condition: pb.Condition | None = None

    @classmethod
    def of(cls, app: pb.App | None) -> Snapshot:
        """Return the condition of the app; None: there was no app."""
        return cls() if app is None else cls(verdict(app))

    @property
    def failed(self) -> bool:
        """True if the app had failed."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_FAILED

    @property
    def served(self) -> bool:
        """True if the app was active. Then that revision serves until the new one does."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_ACTIVE

    @property
    def stopped(self) -> bool:
        """True if the app was stopped. Then the first condition after its start is as old as the stop."""
        return self.condition is not None and self.condition.deployment_status == Status.DEPLOYMENT_STATUS_STOPPED

    def is_still(self, condition: pb.Condition, waited: float) -> bool:
        """Return whether a condition is the old one, seen again before the platform reacted."""
        return self.condition == condition and waited < STALE_SECONDS


def verdict(app: pb.App) -> pb.Condition:
    """Return the newest condition: it need not be the last one. Of several at a time a failure says most."""

    def weight(item: tuple[int, pb.Condition]) -> tuple[int, bool, int]:
        index, condition = item
        failed = condition.deployment_status == Status.DEPLOYMENT_STATUS_FAILED
        return condition.last_transition_time.ToNanoseconds(), failed, index

    return max(enumerate(app.status.conditions), key=weight, default=(0, pb.Condition()))[1]


def is_stopped(app: pb.App) -> bool:
    """Return whether the platform has stopped the app. Only the status says so: the spec stays as it was deployed."""
    return bool(verdict(app).deployment_status == Status.DEPLOYMENT_STATUS_STOPPED)


def in_words(status: int) -> str:
    """Return a deployment status for a person."""
    if status == Status.DEPLOYMENT_STATUS_UNSPECIFIED:
        return "the platform says nothing about it: does Knative Serving run in its cluster?"
    return str(Status.DeploymentStatus.Name(status)).removeprefix("DEPLOYMENT_STATUS_").lower()
