"""Says why an object could not be made: a hook that Pulumi's engine calls when an operation has failed.

pulumi-kubernetes says that the pods of a Deployment did not become ready, and of some reasons nothing: no node with
room, a quota, a policy of the namespace, a failing probe. They are in the pods and events of the namespace.
"""

from __future__ import annotations

import asyncio
import weakref

import pulumi
from pulumi.runtime import settings as runtime_settings
from pulumi.runtime.proto.resource_pb2 import RESOURCE_MONITOR_FEATURE_ERROR_HOOKS

from pulumi_flyte.platforms.kubernetes.failures import refusal, rollout_reasons

_NAME = "pulumi-flyte-reasons"
_hooks: weakref.WeakKeyDictionary[object, pulumi.ErrorHook] = weakref.WeakKeyDictionary()


def failure_hooks() -> pulumi.ResourceHookBinding | None:
    """Return the hook of this run, where its engine has hooks. A run registers it once."""
    run = runtime_settings.get_monitor()
    # A component that another language asks for is made in the plugin, which the engine does not call back.
    if run is None or runtime_settings.get_root_resource() is None:
        return None
    if not runtime_settings.monitor_supports_feature(RESOURCE_MONITOR_FEATURE_ERROR_HOOKS):
        return None
    if run not in _hooks:
        _hooks[run] = pulumi.ErrorHook(_NAME, _explain)
    return pulumi.ResourceHookBinding(on_error=[_hooks[run]])


async def _explain(args: pulumi.ErrorHookArgs) -> bool:
    """Log the reason of a failure. Nothing is tried again."""
    inputs = args.new_inputs or {}
    metadata = inputs.get("metadata") or {}
    name, namespace, kind = metadata.get("name", args.name), metadata.get("namespace"), str(inputs.get("kind"))
    message = refusal(kind, name, "\n".join(args.errors))
    if message is None and kind == "Deployment" and isinstance(namespace, str):
        message = await asyncio.to_thread(_reasons_of_rollout, namespace, name)
    if message is not None:
        pulumi.log.error(message)
    return False


def _reasons_of_rollout(namespace: str, name: str) -> str | None:
    """Read the reasons from the cluster. Return None where it cannot be asked."""
    from pulumi_flyte.platforms.kubernetes.cluster_reading import read_rollout

    provider = pulumi.Config("kubernetes")
    rollout = read_rollout(namespace, name, provider.get("kubeconfig"), provider.get("context"))
    if rollout is None:
        return None
    reasons = rollout_reasons(rollout.deployment, rollout.pods, rollout.events)
    listed = "\n".join(f"  - {reason}" for reason in reasons)
    return f"the app {name!r} did not become ready:\n{listed}" if reasons else None
