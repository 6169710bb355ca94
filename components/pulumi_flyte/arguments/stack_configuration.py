"""The settings of the stack configuration, `flyte:…`, with their descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pulumi_flyte.arguments.cluster import OF_STACK, Cluster
from pulumi_flyte.arguments.declaration import Declaration, Property, fields_of
from pulumi_flyte.arguments.environment import EnvironmentArguments
from pulumi_flyte.arguments.provider import ProviderArguments
from pulumi_flyte.arguments.values import Flag, PlainText
from pulumi_flyte.naming.casing import camel

# Arguments of an Environment that only a program can set.
ARGUMENTS_ONLY = frozenset({"image", "env", "resources", "service_account", "cluster", "kubernetes"})


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class StackSettings(Declaration):
    """Settings that only the stack configuration has."""

    platform_auth: Annotated[
        Flag | None,
        Property(
            "Whether the platform itself refuses callers without a credential for apps with `requires_auth`, as Union"
            " does."
        ),
    ] = None
    container_api_key: Annotated[
        PlainText | None,
        Property(
            "The API key with which apps on `kubernetes` call the Flyte API, as `flyte create api-key` prints it.",
            secret=True,
        ),
    ] = None
    registry_username: Annotated[
        PlainText | None, Property("The user who pushes images, by default that of the machine's Docker configuration.")
    ] = None
    registry_password: Annotated[PlainText | None, Property("The password or token of that user.", secret=True)] = None
    build_secrets: Annotated[
        Mapping[str, PlainText] | None,
        Property(
            "Variables of the build steps that install packages, such as `UV_DEFAULT_INDEX`. No layer contains them.",
            secret=True,
        ),
    ] = None


def stack_configuration() -> dict[str, Property]:
    """Return the description of each setting, by its name after `flyte:`."""
    environment, cluster = fields_of(EnvironmentArguments), fields_of(Cluster)
    described = {
        **{name: field.about for name, field in environment.items() if name not in ARGUMENTS_ONLY},
        **{name: field.about for name, field in fields_of(ProviderArguments).items() if name not in environment},
        **{name: field.about for name, field in fields_of(StackSettings).items()},
        **{name: cluster[name].about for name in OF_STACK},
    }
    return {camel(name): about for name, about in described.items()}
