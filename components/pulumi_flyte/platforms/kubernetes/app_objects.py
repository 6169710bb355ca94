"""The objects of one app, and their order.

    ServiceAccount, policies, budget ──► Deployment ──► Service ──► route
                                              └──► autoscaler

A Deployment counts as made once its rollout is complete. What depends on the app waits for the Service.
A stopped app has neither Deployment nor autoscaler.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.platforms.kubernetes.app_checks import host_of
from pulumi_flyte.platforms.kubernetes.autoscaler import autoscaler_spec
from pulumi_flyte.platforms.kubernetes.cluster_rules import ClusterRules
from pulumi_flyte.platforms.kubernetes.deployment import deployment_spec, has_range, rollout_seconds
from pulumi_flyte.platforms.kubernetes.disruption import budget_spec, has_budget
from pulumi_flyte.platforms.kubernetes.existing_secrets import ExistingEntry
from pulumi_flyte.platforms.kubernetes.labels import app_labels, versioned_labels
from pulumi_flyte.platforms.kubernetes.namespace import namespace_of
from pulumi_flyte.platforms.kubernetes.objects import (
    AUTOSCALER,
    DEPLOYMENT,
    DISRUPTION_BUDGET,
    SERVICE,
    SERVICE_ACCOUNT,
    Body,
    Kind,
    KubernetesObject,
)
from pulumi_flyte.platforms.kubernetes.pod import PodContents, pod_template
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.platforms.kubernetes.route import route_kind, route_spec
from pulumi_flyte.platforms.kubernetes.service import service_spec
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec

# An annotation of pulumi-kubernetes: do not wait until an object is ready.
_DO_NOT_WAIT = {"pulumi.com/skipAwait": "true"}
# What an autoscaler sets. pulumi-kubernetes leaves an ignored field to whoever set it last.
_AUTOSCALED = ["spec.replicas"]


@dataclass(frozen=True, slots=True)
class AppObjects:
    """The objects of an app below its component."""

    spec: AppSpec
    settings: Settings
    pods: PodRules
    cluster: ClusterRules
    owner: Owner

    def declare(self, contents: PodContents, version: Text, waits_for: Sequence[pulumi.Resource]) -> KubernetesObject:
        """Declare them. Return the one that dependents wait for."""
        before = [*waits_for, *self._budget()]
        account = self.spec.options.service_account
        if account is None:
            account = self.spec.name
            before.append(self._service_account())
        if self.spec.options.active is not False:
            template = pod_template(self.spec, contents, self.pods, account)
            before = [self._deployment(template, version, before, contents.existing_entries)]
            if self._is_autoscaled:
                spec = autoscaler_spec(self.spec.name, self.spec.options.scaling, self.pods)
                self._object(AUTOSCALER, spec, before)
        # The pods are ready already, and pulumi-kubernetes needs ten seconds to find them behind the Service.
        service = self._object(SERVICE, service_spec(self.spec.name), before, _DO_NOT_WAIT)
        self._route(service)
        return service

    def _deployment(
        self, template: Body, version: Text, before: Sequence[pulumi.Resource], reads: Sequence[ExistingEntry]
    ) -> KubernetesObject:
        spec = deployment_spec(self.spec, template, self.pods)
        options = self.owner.child_options(before)
        if options.custom_timeouts is None:
            limit = f"{rollout_seconds(self.spec):g}s"
            options.custom_timeouts = pulumi.CustomTimeouts(create=limit, update=limit)
        if self._is_autoscaled:
            options.ignore_changes = _AUTOSCALED
        labels = versioned_labels(self.spec.identity, version)
        metadata = self._metadata(labels=labels)
        return KubernetesObject(
            DEPLOYMENT,
            self.owner.name,
            metadata,
            {"spec": spec},
            options,
            guarded=self._is_guest,
            reads=reads,
            fixed_replicas=not self._is_autoscaled,
        )

    def _service_account(self) -> KubernetesObject:
        body = {"automountServiceAccountToken": self.pods.service_account_token}
        options = self.owner.child_options()
        return KubernetesObject(
            SERVICE_ACCOUNT, self.owner.name, self._metadata(), body, options, guarded=self._is_guest
        )

    def _budget(self) -> list[KubernetesObject]:
        if not has_budget(self.spec, self.pods):
            return []
        return [self._object(DISRUPTION_BUDGET, budget_spec(self.spec.name, self.pods), [])]

    def _route(self, service: KubernetesObject) -> None:
        host = host_of(self.spec, self.settings)
        if self.spec.options.public and host is not None:
            spec = route_spec(self.spec.name, host, self.cluster)
            # pulumi-kubernetes would wait for the load balancer's address, which not every controller writes.
            notes = {**_DO_NOT_WAIT, **self.cluster.route_annotations}
            self._object(route_kind(self.cluster), spec, [service], notes)

    def _object(
        self,
        kind: Kind,
        spec: Body,
        waits_for: Sequence[pulumi.Resource],
        annotations: Mapping[str, Text] | None = None,
    ) -> KubernetesObject:
        metadata, options = self._metadata(annotations=annotations), self.owner.child_options(waits_for)
        return KubernetesObject(kind, self.owner.name, metadata, {"spec": spec}, options, guarded=self._is_guest)

    @property
    def _is_autoscaled(self) -> bool:
        return has_range(self.spec.options.scaling)

    @property
    def _is_guest(self) -> bool:
        """True if the namespace also has objects of others, which must not be taken over."""
        return not self.cluster.create_namespace and not self.spec.options.adopt

    def _metadata(
        self, *, labels: Mapping[str, Text] | None = None, annotations: Mapping[str, Text] | None = None
    ) -> Body:
        return {
            "name": self.spec.name,
            "namespace": namespace_of(self.settings),
            "labels": {**self.pods.labels, **(labels or app_labels(self.spec.identity))},
            **({"annotations": annotations} if annotations else {}),
        }
