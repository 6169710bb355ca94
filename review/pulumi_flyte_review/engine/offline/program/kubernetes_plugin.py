"""The rules of pulumi-kubernetes that a comparison needs: generated names, and changes that replace an object."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_flyte_provider.properties.values import Properties

# pulumi-kubernetes adds seven random characters to a name. Here the old and the new object get fixed ones.
FORMER, NEW = "0000000", "0000001"
_REPLACING = ("metadata.name", "metadata.namespace", "apiVersion", "kind")
_REPLACING_BY_KIND = {
    "Secret": ("type",),
    "Deployment": ("spec.selector",),
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"),
    "Job": ("spec.selector", "spec.template"),
}
_CONTENT = ("data", "stringData", "binaryData", "immutable")


def is_object(type_: str) -> bool:
    """Return whether a resource is an object of Kubernetes."""
    return type_.startswith("kubernetes:") and not type_.startswith(("kubernetes:helm", "kubernetes:yaml"))


def with_name(inputs: Properties, prefix: str, suffix: str, before: Properties | None = None) -> Properties:
    """Return the inputs with a name. The provider generates a name for an object without one, and later keeps it."""
    metadata = inputs.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("name") is not None or "generateName" in metadata:
        return inputs
    former = (before or {}).get("metadata")
    name = former.get("name") if isinstance(former, Mapping) else None
    return {**inputs, "metadata": {**metadata, "name": name or f"{prefix}-{suffix}"}}


def replacing_paths(inputs: Properties) -> tuple[str, ...]:
    """Return the paths whose change replaces the object. These include the content of an immutable object."""
    kind = str(inputs.get("kind"))
    content = _CONTENT if inputs.get("immutable") is True else ()
    return (*_REPLACING, *_REPLACING_BY_KIND.get(kind, ()), *content)
