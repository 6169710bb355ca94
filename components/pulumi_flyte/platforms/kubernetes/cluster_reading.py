"""Reads a cluster by the official client of the Kubernetes API, which is loaded only if it is needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pulumi_flyte.platforms.kubernetes.labels import APP

# Seconds for one request.
TIMEOUT = 10
_NOT_FOUND = 404
# Kubernetes sets it in every pod.
_IN_A_POD = "KUBERNETES_SERVICE_HOST"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rollout:
    """A Deployment, its pods and the events of its namespace, as the API returns them in JSON."""

    deployment: Mapping[str, Any]
    pods: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]


class UnreadableError(Exception):
    """The cluster could not be read. The text has nothing of the kubeconfig in it."""


@dataclass(frozen=True, slots=True)
class ClusterReader:
    """A cluster that can be read. Its methods raise UnreadableError.

    kubeconfig: its content or its path, None for the machine's own.
    """

    kubeconfig: str | None
    context: str | None

    def annotations(self, api_version: str, kind: str, name: str, namespace: str | None) -> Mapping[str, str] | None:
        """Return the annotations of an object, or None if there is no such object."""

        def read(client: Any) -> Mapping[str, str]:
            from kubernetes import dynamic

            resource = dynamic.DynamicClient(client).resources.get(api_version=api_version, kind=kind)
            item = resource.get(name=name, namespace=namespace, _request_timeout=TIMEOUT)
            return dict(item.metadata.annotations or {})

        return self.call(read)

    def secret_entries(self, namespace: str, name: str) -> frozenset[str] | None:
        """Return the names of the entries of a Secret, or None if there is no such Secret."""

        def read(client: Any) -> frozenset[str]:
            from kubernetes.client import CoreV1Api

            secret = CoreV1Api(client).read_namespaced_secret(name, namespace, _request_timeout=TIMEOUT)
            return frozenset(secret.data or ())

        return self.call(read)

    def may(self, verb: str, group: str, resource: str, namespace: str) -> bool:
        """Return whether the account of the connection may do this."""

        def read(client: Any) -> bool:
            from kubernetes import client as api

            attributes = api.V1ResourceAttributes(group=group, resource=resource, namespace=namespace, verb=verb)
            review = api.V1SelfSubjectAccessReview(
                spec=api.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes)
            )
            create = api.AuthorizationV1Api(client).create_self_subject_access_review
            status = create(review, _request_timeout=TIMEOUT).status
            return status is None or bool(status.allowed)

        # A cluster without this kind of question answers with 404.
        return self.call(read) is not False

    def rollout(self, namespace: str, name: str) -> Rollout | None:
        """Return the rollout of an app, or None if there is no such app."""

        def read(client: Any) -> Rollout:
            from kubernetes.client import AppsV1Api, CoreV1Api

            apps, core = AppsV1Api(client), CoreV1Api(client)
            deployment = apps.read_namespaced_deployment(name, namespace, _request_timeout=TIMEOUT)
            pods = core.list_namespaced_pod(namespace, label_selector=f"{APP}={name}", _request_timeout=TIMEOUT)
            events = core.list_namespaced_event(namespace, _request_timeout=TIMEOUT)
            plain = client.sanitize_for_serialization
            return Rollout(plain(deployment), plain(pods.items), plain(events.items))

        return self.call(read)

    def call(self, function: Callable[[Any], T]) -> T | None:
        """Return what a function of a client returns, or None if there is no such object."""
        try:
            return function(self._client())
        except Exception as error:
            if _is_absence(error):
                return None
            raise UnreadableError(_reason(error)) from None

    def _client(self) -> Any:
        import yaml
        from kubernetes import config

        if self.kubeconfig is not None and self._has_content(self.kubeconfig):
            return config.new_client_from_config_dict(yaml.safe_load(self.kubeconfig), context=self.context)
        file = None if self.kubeconfig is None else str(Path(self.kubeconfig).expanduser())
        try:
            return config.new_client_from_config(file, context=self.context)
        except config.ConfigException:
            if file is not None or self.context is not None or _IN_A_POD not in os.environ:
                raise
            return _client_of_pod()

    @staticmethod
    def _has_content(kubeconfig: str) -> bool:
        """Return whether it is the content of a file and no path. As JSON, which EKS gives, it may be one line."""
        return "\n" in kubeconfig or kubeconfig.lstrip().startswith("{")


def _client_of_pod() -> Any:
    """Return a client with the account of the pod that the program runs in, as the provider takes it then."""
    from kubernetes import client, config

    configuration = client.Configuration()
    config.load_incluster_config(client_configuration=configuration)
    return client.ApiClient(configuration)


def _is_absence(error: Exception) -> bool:
    """Return whether the cluster says that there is no such object, or no such kind of objects."""
    from kubernetes.dynamic.exceptions import ResourceNotFoundError

    return getattr(error, "status", None) == _NOT_FOUND or isinstance(error, ResourceNotFoundError)


def _reason(error: Exception) -> str:
    """Return what is wrong, without the error's own text: that may have a part of the kubeconfig, so a credential."""
    from urllib3.exceptions import HTTPError

    if isinstance(error, HTTPError):
        return "it does not answer"
    reason = getattr(error, "reason", None)
    return f"it answers {reason}" if isinstance(reason, str) and reason else type(error).__name__
