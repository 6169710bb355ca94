"""The objects inside of the resources of the Flyte API, under their names in the package schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypedDict

import pulumi
from typing_extensions import NotRequired

TextInput: TypeAlias = pulumi.Input[str]
TextsInput: TypeAlias = pulumi.Input[Sequence[TextInput]]
VariablesInput: TypeAlias = pulumi.Input[Mapping[str, TextInput]]
# Protobuf JSON.
JsonObject: TypeAlias = pulumi.Input[Mapping[str, object]]
JsonObjects: TypeAlias = pulumi.Input[Sequence[JsonObject]]


class SecretRequest(TypedDict):
    """A secret that a container gets: in a variable, or as a file."""

    key: TextInput
    group: NotRequired[TextInput]
    envVar: NotRequired[TextInput]
    mount: NotRequired[TextInput]


class Quantities(TypedDict, total=False):
    """Amounts of what a container uses."""

    cpu: TextInput
    memory: TextInput
    ephemeralStorage: TextInput
    storage: TextInput
    gpu: TextInput


class Accelerator(TypedDict):
    """A kind of GPU."""

    device: TextInput
    partition: NotRequired[TextInput]


class Resources(TypedDict, total=False):
    """Requests and limits of a container."""

    requests: pulumi.Input[Quantities]
    limits: pulumi.Input[Quantities]
    accelerator: pulumi.Input[Accelerator]
    sharedMemory: TextInput


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

    subdomain: TextInput
    customDomain: TextInput


class Link(TypedDict):
    """A link on the app's console page."""

    path: TextInput
    title: NotRequired[TextInput]
    isRelative: NotRequired[pulumi.Input[bool]]


class Health(TypedDict, total=False):
    """The check that shows that an app works."""

    path: TextInput
    timeout: pulumi.Input[float]


class Parameter(TypedDict):
    """A parameter of the app, as Flyte's own SDK records it."""

    name: TextInput
    value: TextInput
