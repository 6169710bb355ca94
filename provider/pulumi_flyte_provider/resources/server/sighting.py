"""Looking at a home, which has no side effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flyte_local import daemon
from flyte_local.errors import LocalServerError
from flyte_local.home import Home

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.resources.server import admin

Owners = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """The home of a server, and the port on which it should listen."""

    home: Home
    port: int


@dataclass(frozen=True)
class Sighting:
    """A home at one moment.

    port: where its server runs; None if it is down.
    epochs: the stacks' Server resources that are registered there, by owner.
    version: of the running server.
    """

    port: int | None
    epochs: Mapping[str, int]
    version: str = ""

    @classmethod
    def of(cls, place: Place) -> Sighting:
        """Ask the running server, or read the home's record if it is down."""
        try:
            info = daemon.find(place.home, place.port)
            if info is None:
                return cls(None, place.home.owners())
            return cls(info.port, admin.epochs(info.port), info.version)
        except LocalServerError as error:
            raise ProviderError(str(error)) from None

    def epoch(self, owners: Owners) -> int | None:
        """Return the epoch of a registration, or None if there is none."""
        return next((self.epochs[owner] for owner in owners if owner in self.epochs), None)

    def others(self, owners: Owners) -> list[str]:
        """Return the registrations of everybody else."""
        return sorted(set(self.epochs) - set(owners))
