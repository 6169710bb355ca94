"""One operation of the engine on one resource, with everything that it needs of its surroundings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from pulumi_flyte.naming.scopes import Scope, default_scope
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import CancelledByPulumi
from pulumi_flyte_provider.flyte_api.connection import Connection
from pulumi_flyte_provider.flyte_api.platforms.control_plane import ControlPlane
from pulumi_flyte_provider.ownership.urn import Urn
from pulumi_flyte_provider.properties.values import Properties, reveal
from pulumi_flyte_provider.resources.run import Run

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Operation:
    """A Check, Diff, Create, Read, Update or Delete of one resource.

    timeout: the user's limit in seconds, 0 if there is none.
    """

    urn: Urn
    connection: Connection
    run: Run
    timeout: float = 0

    @property
    def owner(self) -> str:
        """The owner that the object's mark names."""
        return self.urn.owner

    @property
    def control_plane(self) -> ControlPlane:
        """The control plane that the operation is for."""
        return self.connection.control_plane

    def over(self, connection: Connection) -> Operation:
        """Return the same operation over another connection."""
        return replace(self, connection=connection)

    def for_delete(self) -> Operation:
        """Return the same operation over a control plane that runs if it has anything to delete."""
        return self.over(self.connection.for_deletes())

    def look(self, question: Callable[[], Answer]) -> Answer | None:
        """Ask the platform for a preview. Return None if it cannot be asked."""
        return self.connection.look(question)

    def say(self, message: str) -> None:
        """Tell the user something about this resource."""
        self.run.log.info(self.urn.text, message)

    def warn(self, message: str) -> None:
        """Warn the user about this resource."""
        self.run.log.warning(self.urn.text, message)

    def warn_of_remnant(self, title: str, reason: str) -> None:
        """Warn that an object is forgotten and not deleted, unless this run has just replaced it."""
        if not self.run.claims.declares(self.urn.text):
            self.warn(f"{title} {reason}: it is forgotten here, not deleted")

    def claim(self, identity: str, description: str) -> str | None:
        """Claim an identity. Return the description of another resource of this type that has it already."""
        return self.run.claims.claim(self.urn.type, identity, self.urn.text, description)

    def claim_name(self, identity: str, title: str, problems: Problems) -> None:
        """Claim an identity, and report another resource of the program that has it already."""
        other = self.claim(identity, repr(self.urn.name))
        if other is not None:
            problems.add("name", f"another resource ({other}) declares {title} already")

    def default_scope(self) -> Scope:
        """Return the configured Flyte project and domain, or those of the stack."""
        config, default = self.connection.config, default_scope(self.urn.project, self.urn.stack)
        return Scope(config.project or default.project, config.domain or default.domain)

    def org_of(self, properties: Properties) -> str:
        """Return the organisation that the properties name, or the configured one."""
        return str(reveal(properties).get("org") or self.connection.config.org)

    def wait(self, seconds: float) -> None:
        """Sleep. Raise CancelledByPulumi when the engine ends the run."""
        if self.run.cancelled.wait(seconds):
            raise CancelledByPulumi(f"{self.urn.type} {self.urn.name!r}: cancelled while waiting")
