"""The rules of pulumi-kubernetes that a comparison needs: the names that it gives, and what needs a new object."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_flyte_provider.properties.values import Properties

# pulumi-kubernetes adds seven random characters. Two fixed ones tell an object from its replacement.
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


def named(inputs: Properties, prefix: str, suffix: str, before: Properties | None = None) -> Properties:
    """Return the inputs with the name that the provider gives to an object without one. It keeps a former name."""
    metadata = inputs.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("name") is not None or "generateName" in metadata:
        return inputs
    former = (before or {}).get("metadata")
    name = former.get("name") if isinstance(former, Mapping) else None
    return {**inputs, "metadata": {**metadata, "name": name or f"{prefix}-{suffix}"}}


def replacing(inputs: Properties) -> tuple[str, ...]:
    """Return the paths whose change needs a new object. Secrets and ConfigMaps that are immutable need one for each."""
    kind = str(inputs.get("kind"))
    content = _CONTENT if inputs.get("immutable") is True else ()
    return (*_REPLACING, *_REPLACING_BY_KIND.get(kind, ()), *content)
