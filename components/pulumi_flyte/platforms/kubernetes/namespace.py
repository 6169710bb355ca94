"""The namespace of an environment, which enforces a Pod Security Standard.

Source of the labels: Kubernetes' pod security admission, `pod-security.kubernetes.io`.
"""

from __future__ import annotations

import pulumi

from pulumi_flyte.arguments.pod_security import PodSecurity
from pulumi_flyte.platforms.kubernetes import declared_namespaces
from pulumi_flyte.platforms.kubernetes.cluster_rules import ClusterRules
from pulumi_flyte.platforms.kubernetes.hooks import provider_of
from pulumi_flyte.platforms.kubernetes.labels import shared_labels
from pulumi_flyte.platforms.kubernetes.names_taken import Name, take_namespace
from pulumi_flyte.platforms.kubernetes.objects import NAMESPACE, KubernetesObject
from pulumi_flyte.settings import Settings

_LABEL = "pod-security.kubernetes.io"
_MODES = ("enforce", "audit", "warn")


def declare_namespace(name: str, settings: Settings, opts: pulumi.ResourceOptions) -> KubernetesObject | None:
    """Declare the namespace, or return None if others keep it."""
    rules = ClusterRules.of(settings)
    if not rules.create_namespace:
        if rules.namespace not in declared_namespaces.declared():
            declared_namespaces.remember(rules.namespace, None)
        return None
    take_namespace(Name(provider_of(opts), rules.namespace), name)
    labels = namespace_labels(settings.project, rules.pod_security)
    metadata = {"name": rules.namespace, "labels": labels}
    namespace = KubernetesObject(NAMESPACE, name, metadata, {}, opts, guarded=True)
    declared_namespaces.remember(rules.namespace, namespace)
    return namespace


def shared_namespace(settings: Settings) -> KubernetesObject | None:
    """Return the namespace if another Environment of the program makes it, and this one shares it."""
    resource = declared_namespaces.declared().get(ClusterRules.of(settings).namespace)
    return resource if isinstance(resource, KubernetesObject) else None


def namespace_labels(project: str, standard: PodSecurity) -> dict[str, str]:
    """Return the labels of a namespace."""
    return {**shared_labels(project), **{f"{_LABEL}/{mode}": standard for mode in _MODES}}


def namespace_of(settings: Settings) -> pulumi.Input[str]:
    """Return the namespace that objects are in. It carries the dependency on a namespace that is declared."""
    return settings.namespace_object or settings.namespace
