"""Objects of the Kubernetes API as resources of pulumi-kubernetes.

The bodies are the API's own, in its own spelling. The classes of the package pulumi-kubernetes would translate each of
them, which takes three times as long as all the rest of a declaration.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import TypeAlias

import pulumi

from pulumi_flyte.platforms.kubernetes.connection import Connection
from pulumi_flyte.platforms.kubernetes.existing_secrets import ExistingEntry
from pulumi_flyte.platforms.kubernetes.guard import checked_name
from pulumi_flyte.platforms.kubernetes.hooks import hooks_of, provider_of
from pulumi_flyte.platforms.kubernetes.ownership import OWNER, owner_mark

# A part of an object as the Kubernetes API spells it. Values may be Outputs.
Body: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object, such as `apps/v1` and `Deployment`."""

    api_version: str
    name: str

    @property
    def token(self) -> str:
        """The type of the resource in pulumi-kubernetes."""
        group = self.api_version if "/" in self.api_version else f"core/{self.api_version}"
        return f"kubernetes:{group}:{self.name}"


NAMESPACE = Kind("v1", "Namespace")
DEPLOYMENT = Kind("apps/v1", "Deployment")
SERVICE = Kind("v1", "Service")
SERVICE_ACCOUNT = Kind("v1", "ServiceAccount")
SECRET = Kind("v1", "Secret")
AUTOSCALER = Kind("autoscaling/v2", "HorizontalPodAutoscaler")
DISRUPTION_BUDGET = Kind("policy/v1", "PodDisruptionBudget")
NETWORK_POLICY = Kind("networking.k8s.io/v1", "NetworkPolicy")
INGRESS = Kind("networking.k8s.io/v1", "Ingress")
HTTP_ROUTE = Kind("gateway.networking.k8s.io/v1", "HTTPRoute")


# An annotation of pulumi-kubernetes: fields of ours that somebody else changed are taken back. Without it Kubernetes
# refuses, since it remembers who set a field.
_TAKE_BACK = {"pulumi.com/patchForce": "true"}


class KubernetesObject(pulumi.CustomResource):
    """One object. `resource_name` is the Pulumi name; `metadata` and `body` have everything besides kind and version of
    the API.

    guarded: refuse an object of this name that others have made. Server-side apply would take it over without a word,
    and `destroy` would delete it. reads: the entries of Secrets that its pods read and others keep. fixed_replicas: it
    is a Deployment whose number of replicas the program says, not an autoscaler.
    """

    def __init__(
        self,
        kind: Kind,
        resource_name: str,
        metadata: Body,
        body: Body,
        opts: pulumi.ResourceOptions,
        *,
        guarded: bool = False,
        reads: Sequence[ExistingEntry] = (),
        fixed_replicas: bool = False,
    ) -> None:
        self.kind = kind
        annotations = metadata.get("annotations") or {}
        assert isinstance(annotations, Mapping)
        hooks = hooks_of(opts, guarded=guarded, awaited=kind == DEPLOYMENT, reads=reads, fixed_replicas=fixed_replicas)
        connection = Connection.of(provider_of(opts)) if guarded else None
        # Where nothing can be read, nothing guards but the refusal of fields that others set.
        take_back = {} if guarded and connection is None else _TAKE_BACK
        mark = {OWNER: owner_mark(kind.name, resource_name)}
        marked = {**metadata, "annotations": {**annotations, **take_back, **mark}}
        properties = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": marked, **body}
        if guarded and hooks is None and connection is not None:
            properties["metadata"] = {**marked, "name": checked_name(connection, properties)}
        # A copy: `ResourceOptions.merge` would make each of its lists anew.
        options = copy.copy(opts)
        options.version, options.hooks = _plugin_version(), hooks
        super().__init__(kind.token, resource_name, properties, options)

    @property
    def object_name(self) -> pulumi.Output[str]:
        """The name of the object. It carries the dependency on the resource."""
        metadata: pulumi.Output[Mapping[str, str]] = self.__dict__["metadata"]
        # A mock of a unit test gives no names.
        return metadata.apply(lambda fields: fields.get("name") or "")


@cache
def _plugin_version() -> str:
    """Return the version of the plugin: the package's, as its own classes ask for. Without it the engine would start
    a second plugin beside one that a program uses itself."""
    return version("pulumi-kubernetes")
