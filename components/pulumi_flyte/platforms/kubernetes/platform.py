"""A cluster: apps are its objects, and tasks go to a Flyte control plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pulumi

from pulumi_flyte.engine.object_options import ObjectProperties
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.naming.cluster_names import object_name_problem
from pulumi_flyte.platforms.base import Access, DeclaredSecret
from pulumi_flyte.platforms.extra import missing_extra
from pulumi_flyte.platforms.flyte_api.object_properties import TASK
from pulumi_flyte.platforms.flyte_api.sdk_variables import sdk_variables
from pulumi_flyte.platforms.kubernetes.app_plan import KubernetesAppPlan, plan_app
from pulumi_flyte.platforms.kubernetes.namespace import declare_namespace, shared_namespace
from pulumi_flyte.platforms.kubernetes.policy_objects import declare_namespace_policies
from pulumi_flyte.platforms.kubernetes.secrets import declare_secret, secret_object
from pulumi_flyte.platforms.kubernetes.unknown_settings import configured_keys, unknown_setting_problems
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.secret_spec import SecretSpec

# A program of apps does not pay for tasks.
if TYPE_CHECKING:
    from pulumi_flyte.platforms.kubernetes.task_plan import KubernetesTaskPlan
    from pulumi_flyte.workload.task_spec import TaskSpec


class KubernetesPlatform:
    """Apps run in a namespace of a cluster."""

    def prepared(self, name: str, settings: Settings, opts: pulumi.ResourceOptions) -> Settings:
        namespace = declare_namespace(name, settings, opts)
        if namespace is not None:
            settings = replace(settings, namespace_object=namespace.object_name)
            # Not where others keep the namespace: their pods would be cut off. Apps are closed by their own policies.
            declare_namespace_policies(name, settings, opts)
        else:
            shared = shared_namespace(settings)
            settings = settings if shared is None else replace(settings, namespace_object=shared.object_name)
        config = pulumi.Config("flyte")
        key = config.get_secret("containerApiKey")
        # Another control plane gets no credential that was meant for the configured one.
        if key is not None and settings.endpoint == config.get("endpoint"):
            secret = secret_object(f"{name}-api-key", key, settings, opts)
            settings = replace(settings, container_key=secret.object_name)
        return settings

    def environment_problems(self, settings: Settings) -> Sequence[Problem]:
        reason = missing_extra()
        missing = () if reason is None else (Problem("platform", reason, settings.platform),)
        return [*missing, *unknown_setting_problems(configured_keys())]

    def container_variables(self, settings: Settings) -> Mapping[str, str]:
        return sdk_variables(settings)

    def object_properties(self, kind: str) -> ObjectProperties | None:
        # An app is several objects, and so is a secret that tasks may read.
        return TASK if kind == "Task" else None

    def plan_app(self, spec: AppSpec, settings: Settings) -> KubernetesAppPlan:
        return plan_app(spec, settings)

    def plan_task(self, spec: TaskSpec, settings: Settings) -> KubernetesTaskPlan:
        from pulumi_flyte.platforms.kubernetes.task_plan import plan_task

        return plan_task(spec, settings)

    def is_open(self, access: Access, settings: Settings) -> bool:
        return access.public is True

    def needs_credentials(self, access: Access) -> bool:
        return False  # its policies know addresses, and no credentials

    def separates_workloads(self) -> bool:
        return True

    def secret_problems(self, spec: SecretSpec) -> Sequence[Problem]:
        # A Secret that is made here has a name of the cluster's.
        reason = None if spec.value is not None else object_name_problem(spec.key, "the name of a Secret of Kubernetes")
        return () if reason is None else (Problem("name", reason, spec.key),)

    def declare_secret(self, spec: SecretSpec, settings: Settings, owner: Owner) -> DeclaredSecret:
        return declare_secret(spec, settings, owner)
