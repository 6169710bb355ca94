"""The hooks that Pulumi's engine calls around the operations of a resource, if it supports them."""

from __future__ import annotations

from pulumi.runtime import settings as runtime_settings
from pulumi.runtime.proto.resource_pb2 import RESOURCE_MONITOR_FEATURE_ERROR_HOOKS
from pulumi.runtime.proto.resource_pb2_grpc import ResourceMonitorStub


def has_hooks() -> bool:
    """Return whether the engine of this run calls hooks.

    The mocks of a unit test do not, nor does an older engine. A component of another language is made in the plugin,
    which the engine does not call back.
    """
    run = runtime_settings.get_monitor()
    if not isinstance(run, ResourceMonitorStub) or runtime_settings.get_root_resource() is None:
        return False
    return runtime_settings.monitor_supports_feature(RESOURCE_MONITOR_FEATURE_ERROR_HOOKS)
