"""Reads a failed rollout from the cluster, by the official client of the Kubernetes API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from pulumi_flyte.platforms.kubernetes.labels import APP

_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Rollout:
    """A Deployment, its pods and the events of its namespace, as the API returns them in JSON."""

    deployment: Mapping[str, Any]
    pods: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]


def read_rollout(namespace: str, name: str, kubeconfig: str | None, context: str | None) -> Rollout | None:
    """Read the rollout of an app. Return None where the cluster cannot be asked, which never hides the first error.

    kubeconfig: its content or its path, None for the machine's own.
    """
    try:
        import yaml
        from kubernetes import client, config

        if kubeconfig is not None and "\n" in kubeconfig:
            api = config.new_client_from_config_dict(yaml.safe_load(kubeconfig), context=context)
        else:
            file = None if kubeconfig is None else str(Path(kubeconfig).expanduser())
            api = config.new_client_from_config(file, context=context)
        apps, core = client.AppsV1Api(api), client.CoreV1Api(api)
        deployment = apps.read_namespaced_deployment(name, namespace, _request_timeout=_SECONDS)
        pods = core.list_namespaced_pod(namespace, label_selector=f"{APP}={name}", _request_timeout=_SECONDS)
        events = core.list_namespaced_event(namespace, _request_timeout=_SECONDS)
        plain = api.sanitize_for_serialization
        return Rollout(plain(deployment), plain(pods.items), plain(events.items))
    except Exception as error:
        pulumi.log.debug(f"the reasons of a failed rollout cannot be read: {type(error).__name__}: {error}")
        return None
