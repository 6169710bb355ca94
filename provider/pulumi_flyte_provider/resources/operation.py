"""One operation of the engine on one resource, with its connection and the state of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from pulumi_flyte.naming.scopes import Scope, default_scope
from pulumi_flyte.naming.urns import Urn
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import CancelledByPulumi
from pulumi_flyte_provider.flyte_api.connection import Connection
from pulumi_flyte_provider.flyte_api.platforms.control_plane import ControlPlane
from pulumi_flyte_provider.ownership.owner import owner_of
from pulumi_flyte_provider.properties.values import Properties, reveal
from pulumi_flyte_provider.resources.run import Run

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Operation:
    """A Check, Diff, Create, Read, Update or Delete of one resource.

    timeout: the user's limit in seconds, or 0 without a limit.
    """

    urn: Urn
    connection: Connection
    run: Run
    timeout: float = 0

    @property
    def owner(self) -> str:
        """The owner for the object's mark."""
        return owner_of(self.urn)

    @property
    def control_plane(self) -> ControlPlane:
        """The control plane of the connection."""
        return self.connection.control_plane

    def over(self, connection: Connection) -> Operation:
        """Return the same operation with another connection."""
        return replace(self, connection=connection)

    def for_delete(self) -> Operation:
        """Return the same operation with a connection for deletes."""
        return self.over(self.connection.for_deletes())

    def look(self, question: Callable[[], Answer]) -> Answer | None:
        """Ask the platform during a preview. Return None if it does not answer."""
        return self.connection.look(question)

    def say(self, message: str) -> None:
        """Print an information for the user about this resource."""
        self.run.log.info(str(self.urn), message)

    def warn(self, message: str) -> None:
        """Warn the user about this resource."""
        self.run.log.warning(str(self.urn), message)

    def warn_of_remnant(self, title: str, reason: str) -> None:
        """Warn that state forgets an object without deleting it, unless this run has just replaced it."""
        if not self.run.claims.declares(str(self.urn)):
            self.warn(f"{title} {reason}: it is forgotten here, not deleted")

    def claim(self, identity: str, description: str) -> str | None:
        """Claim an identity. Return None, or the description of the resource that has already claimed it."""
        return self.run.claims.claim(self.urn.type, identity, str(self.urn), description)

    def claim_name(self, identity: str, title: str, problems: Problems) -> None:
        """Claim an identity, and report another resource of the program that has already claimed it."""
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
