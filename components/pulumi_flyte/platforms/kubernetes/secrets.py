"""Secrets of the namespace.

A Secret has no name of its own choice: pulumi-kubernetes gives it one, and a new value is a new object under a new
name, made before the former one goes. So the pods that read it roll, and no others; nobody reads an object that is
deleted and made again; and no hash of a value is anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pulumi

from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.links import SecretLink
from pulumi_flyte.naming.labels import label_of
from pulumi_flyte.platforms.base import DeclaredSecret
from pulumi_flyte.platforms.flyte_api.secret import declare_secret as declare_in_store
from pulumi_flyte.platforms.kubernetes.labels import shared_labels
from pulumi_flyte.platforms.kubernetes.namespace import namespace_of
from pulumi_flyte.platforms.kubernetes.objects import SECRET, KubernetesObject
from pulumi_flyte.platforms.kubernetes.variables import SecretEntry, SecretFile
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring import program
from pulumi_flyte.wiring.edge import SecretEdge
from pulumi_flyte.wiring.linkable import is_linkable
from pulumi_flyte.workload.container import SecretRequest
from pulumi_flyte.workload.secret_spec import SecretSpec

ENTRY = "value"
# The longest prefix that leaves room for what pulumi-kubernetes adds to a name.
_LONGEST = 200


def declare_secret(spec: SecretSpec, settings: Settings, owner: Owner) -> DeclaredSecret:
    """Declare a secret of the namespace. Tasks read it in Flyte's own store, so it goes there as well.

    An existing secret that this stack does not manage is read in place.
    """
    plane, project, domain = settings.control_plane, settings.project, settings.domain
    if spec.value is None:
        link = SecretLink(spec.key, spec.key, project, domain, control_plane=plane, entry=spec.entry)
        return DeclaredSecret(resource=owner.component, link=link, version=pulumi.Output.from_input(spec.key))
    secret = secret_object(owner.name, spec.value, settings, owner.child_options())
    if settings.endpoint:
        declare_in_store(spec, settings, owner)
    name = secret.object_name
    link = SecretLink(spec.key, name, project, domain, control_plane=plane)
    # The component stands for all of its resources.
    return DeclaredSecret(resource=owner.component, link=link, version=name)


def secret_object(
    resource_name: str, value: pulumi.Input[str], settings: Settings, opts: pulumi.ResourceOptions
) -> KubernetesObject:
    """Declare a Secret with one entry."""
    hidden = pulumi.ResourceOptions(additional_secret_outputs=["data", "stringData"])
    options = pulumi.ResourceOptions.merge(opts, hidden)
    metadata = {"namespace": namespace_of(settings), "labels": shared_labels(settings.project)}
    body = {
        "type": "Opaque",
        # A provider may be configured to change Secrets in place. That fails if they are immutable.
        "immutable": True,
        "stringData": {ENTRY: pulumi.Output.secret(value)},
    }
    return KubernetesObject(SECRET, label_of(resource_name, resource_name, _LONGEST), metadata, body, options)


def entry_of(link: SecretLink) -> SecretEntry:
    """Return where a secret's value is. Its version is the name of the object."""
    return SecretEntry(link.version or link.name, link.entry or ENTRY)


def program_secrets(settings: Settings) -> dict[str, SecretLink]:
    """Return the secrets that the program has declared so far, by key."""
    secrets = program.current(settings).secrets
    links = ((key, secret.link_value) for key, secret in secrets.items() if is_linkable(secret))
    return {key: link for key, link in links if isinstance(link, SecretLink)}


def secret_variables(
    requests: Iterable[SecretRequest], edges: Iterable[SecretEdge], declared: Mapping[str, SecretLink]
) -> dict[str, SecretEntry]:
    """Return the entries that a container reads from variables.

    declared: the secrets of the program by key, for code that requests a key itself.
    """
    wired = {edge.variable: entry_of(edge.link) for edge in edges}
    requested = {
        each.variable: _requested(each.key, declared)
        for each in requests
        if each.variable is not None and each.mount is None and each.variable not in wired
    }
    return {**requested, **wired}


def secret_files(requests: Iterable[SecretRequest], declared: Mapping[str, SecretLink]) -> list[SecretFile]:
    """Return the secrets that a container finds as files, below the folder that Flyte's SDK looks in."""
    return [
        SecretFile(f"{each.mount}/{each.group}" if each.group else each.mount, key, _requested(key, declared))
        for each in requests
        if each.mount is not None and isinstance(key := each.key, str)
    ]


def _requested(key: pulumi.Input[str], declared: Mapping[str, SecretLink]) -> SecretEntry:
    link = declared.get(key) if isinstance(key, str) else None
    return SecretEntry(key, ENTRY) if link is None else entry_of(link)
