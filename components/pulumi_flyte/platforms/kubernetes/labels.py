"""Labels of objects and pods. Source: Kubernetes' recommended labels, `app.kubernetes.io`."""

from __future__ import annotations

from flyte_runtime import contract

from pulumi_flyte.engine.outputs import Text

APP = "app.kubernetes.io/name"
_PART_OF = "app.kubernetes.io/part-of"
MANAGED_BY = "app.kubernetes.io/managed-by"
_COMPONENT = "app.kubernetes.io/component"
_VERSION = "app.kubernetes.io/version"
MANAGER = "pulumi-flyte"


def selector(app: str) -> dict[str, str]:
    """Return the labels that select the pods of an app. They never change, as Kubernetes lets no selector change."""
    return {APP: app}


def shared_labels(project: str) -> dict[str, str]:
    """Return the labels of objects that belong to no app."""
    return {_PART_OF: project, MANAGED_BY: MANAGER}


def app_labels(identity: contract.Identity) -> dict[str, str]:
    """Return the labels of an app's pods and of its objects."""
    return {**selector(identity.name), **shared_labels(identity.project), _COMPONENT: identity.kind}


def versioned_labels(identity: contract.Identity, version: Text) -> dict[str, Text]:
    """Return the labels of an object that shows the app's version.

    Pods have no such label: a version also counts what rolls no pod.
    """
    return {**app_labels(identity), _VERSION: version}
