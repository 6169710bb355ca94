"""Reads the state of a server's home, without side effects."""

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
    """The state of a home at one moment.

    port: the port of its server, or None if the server is down.
    epochs: the epochs of the registered Server resources, by owner.
    version: the version of the running server.
    """

    port: int | None
    epochs: Mapping[str, int]
    version: str = ""

    @classmethod
    def of(cls, place: Place) -> Sighting:
        """Ask the running server, or read the files of the home if the server is down."""
        try:
            info = daemon.find(place.home, place.port)
            if info is None:
                return cls(None, place.home.owners())
            return cls(info.port, admin.epochs(info.port), info.version)
        except LocalServerError as error:
            raise ProviderError(str(error)) from None

    def epoch(self, owners: Owners) -> int | None:
        """Return the epoch of the first registered owner, or None without a registration."""
        return next((self.epochs[owner] for owner in owners if owner in self.epochs), None)

    def others(self, owners: Owners) -> list[str]:
        """Return all other registered owners."""
        return sorted(set(self.epochs) - set(owners))
