"""The objects inside of the resources of the Flyte API, under their names in the package schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypedDict

import pulumi
from typing_extensions import NotRequired

Text: TypeAlias = pulumi.Input[str]
Texts: TypeAlias = pulumi.Input[Sequence[Text]]
Variables: TypeAlias = pulumi.Input[Mapping[str, Text]]
# Protobuf JSON.
JsonObject: TypeAlias = pulumi.Input[Mapping[str, object]]
JsonObjects: TypeAlias = pulumi.Input[Sequence[JsonObject]]


class SecretRequest(TypedDict):
    """A secret that a container gets: in a variable, or as a file."""

    key: Text
    group: NotRequired[Text]
    envVar: NotRequired[Text]
    mount: NotRequired[Text]


class Quantities(TypedDict, total=False):
    """Amounts of what a container uses."""

    cpu: Text
    memory: Text
    ephemeralStorage: Text
    storage: Text
    gpu: Text


class Accelerator(TypedDict):
    """A kind of GPU."""

    device: Text
    partition: NotRequired[Text]


class Resources(TypedDict, total=False):
    """Requests and limits of a container."""

    requests: pulumi.Input[Quantities]
    limits: pulumi.Input[Quantities]
    accelerator: pulumi.Input[Accelerator]
    sharedMemory: Text


class Scaling(TypedDict, total=False):
    """The number of replicas that run."""

    minReplicas: pulumi.Input[int]
    maxReplicas: pulumi.Input[int]
    concurrency: pulumi.Input[int]
    requestRate: pulumi.Input[int]
    scaledownAfter: pulumi.Input[float]


class Timeouts(TypedDict, total=False):
    """Time limits in seconds."""

    request: pulumi.Input[float]


class Ingress(TypedDict, total=False):
    """Public names; Flyte OSS ignores them."""

    subdomain: Text
    customDomain: Text


class Link(TypedDict):
    """A link on the app's console page."""

    path: Text
    title: NotRequired[Text]
    isRelative: NotRequired[pulumi.Input[bool]]


class Health(TypedDict, total=False):
    """The check that shows that an app works."""

    path: Text
    timeout: pulumi.Input[float]


class Parameter(TypedDict):
    """A parameter of the app, as Flyte's own SDK records it."""

    name: Text
    value: Text
