"""The arguments of a `Provider`, which are also the stack configuration of the plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.environment import DOMAIN, PROJECT
from pulumi_flyte.naming import names


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ProviderArguments(Declaration):
    """The address of the Flyte API, and the default values of names."""

    platform: Annotated[
        names.Platform | None, Property("`local`, `flyte` or `kubernetes`.", default=names.DEFAULT_PLATFORM)
    ] = None
    endpoint: Annotated[str | None, Property("The URL of the Flyte API; on `local` it follows from the port.")] = None
    insecure: Annotated[bool | None, Property("Dials an endpoint that names no scheme without TLS.")] = None
    project: Annotated[str | None, PROJECT] = None
    domain: Annotated[str | None, DOMAIN] = None
    org: Annotated[str | None, Property("The organisation, by default as Flyte's own SDK finds it.")] = None
    api_key: Annotated[str | None, Property("A Flyte API key, or a bearer token.", secret=True)] = None
    base_domain: Annotated[str | None, Property("The domain of public URLs, where it is known beforehand.")] = None
    console_url: Annotated[str | None, Property("The URL of Flyte's console, where the API does not serve it.")] = None
    scheme: Annotated[names.Scheme | None, Property("The scheme of public URLs.", default="https")] = None
    namespace: Annotated[str | None, Property("The Kubernetes namespace of apps.")] = None
    local_port: Annotated[
        int | None, Property("The embedded control plane's port.", default=names.DEFAULT_LOCAL_PORT)
    ] = None
    local_home: Annotated[str | None, Property("The folder of the embedded control plane's state.")] = None
