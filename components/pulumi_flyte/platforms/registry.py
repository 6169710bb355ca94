"""The registry that images are pushed to, with its credentials and the builder that pushes."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from pulumi_flyte.images.reference import host_of
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings

_PLACE, _USERNAME, _PASSWORD = "registry", "registryUsername", "registryPassword"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user of a registry."""

    username: str
    password: pulumi.Output[str]


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry. Fields that are None come from the machine's own Docker configuration.

    place: host and path. builder: the name of a builder of buildx.
    """

    place: str
    builder: str | None = None
    credentials: Credentials | None = None

    @property
    def host(self) -> str:
        """The host, as credentials name it."""
        return host_of(self.place)

    @classmethod
    def configured(cls, settings: Settings, problems: Problems) -> Registry:
        """Return the registry of an environment, with the credentials of the stack configuration if they are for it.

        An Environment may name another registry than the stack configuration does. That one gets no password.
        """
        registry = cls(settings.registry or "", settings.builder)
        credentials = _credentials(problems)
        configured = pulumi.Config("flyte").get(_PLACE)
        if credentials is not None and configured is None:
            reason = f"it is for the host of flyte:{_PLACE}, which is not set: pulumi config set flyte:{_PLACE}"
            problems.add(f"flyte:{_PASSWORD}", f"{reason} {registry.place}")
        if credentials is None or configured is None or host_of(configured) != registry.host:
            return registry
        return cls(registry.place, registry.builder, credentials)


def _credentials(problems: Problems) -> Credentials | None:
    config = pulumi.Config("flyte")
    username, password = config.get(_USERNAME), config.get_secret(_PASSWORD)
    if username and password is not None:
        return Credentials(username, password)
    if username:
        reason = "a user name goes with a password: pulumi config set --secret"
        problems.add(f"flyte:{_USERNAME}", f"{reason} flyte:{_PASSWORD}", username)
    elif password is not None:
        problems.add(f"flyte:{_PASSWORD}", f"a password goes with a user name: pulumi config set flyte:{_USERNAME}")
    return None
