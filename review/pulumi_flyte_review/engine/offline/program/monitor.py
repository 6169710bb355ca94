"""The stand-in engine as Pulumi's SDK sees it: the requests of a program, by Pulumi's own mocks."""

from __future__ import annotations

import threading
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime import mocks
from pulumi.runtime.proto import resource_pb2
from pulumi_flyte.naming.urns import Urn
from pulumi_flyte_provider.properties.codec import decode, encode

from pulumi_flyte_review.engine.offline.program.aliases import aliases_of
from pulumi_flyte_review.engine.offline.program.declared import Declared
from pulumi_flyte_review.engine.offline.program.stand_in import Registration, StandIn

# Hooks and transforms are calls from the engine back to the program, over a port of this machine.
_MISSING = frozenset(
    {
        resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
        resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
        resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
        resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    }
)


class _NoValues(mocks.Mocks):
    """Answers to invokes: nothing is known of what a provider would look up."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        raise AssertionError("the monitor answers itself")

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return {}, []


class StandInMonitor(mocks.MockMonitor):
    """Pulumi's mock monitor, with the stand-in engine's answers. The SDK calls it from several threads."""

    def __init__(self, engine: StandIn, project: str, stack: str) -> None:
        super().__init__(_NoValues())
        self._engine, self._project, self._stack = engine, project, stack
        self._lock = threading.Lock()

    def GetDeploymentInfo(self, request: Any) -> Any:
        """Return what the engine can do: all but calls back to the program."""
        supported = super().GetDeploymentInfo(request).supportedFeatures  # type: ignore[no-untyped-call]
        return resource_pb2.DeploymentInfo(supportedFeatures=[each for each in supported if each not in _MISSING])

    def RegisterResource(self, request: Any) -> Any:
        """Decide about a resource."""
        declared = self._declared(request, decode(request.object), request.custom)
        registration = Registration(
            declared,
            tuple(aliases_of(request.aliases, request.aliasURNs)),
            tuple(request.ignoreChanges),
            request.version,
            is_import=bool(request.importId),
        )
        with self._lock:
            after = self._engine.register(registration)
        outputs = after.outputs if after.is_custom else {}
        return resource_pb2.RegisterResourceResponse(urn=after.urn, id=after.id, object=encode(outputs))

    def ReadResource(self, request: Any) -> Any:
        """Take a resource that the program looks up. Nothing of it is known but what the program says."""
        declared = self._declared(request, decode(request.properties), is_custom=True, id=request.id)
        with self._lock:
            after = self._engine.register(Registration(declared))
        return resource_pb2.ReadResourceResponse(urn=after.urn, properties=encode(after.outputs))

    def RegisterResourceOutputs(self, request: Any) -> Any:
        """Take the outputs of a component, or of the stack."""
        with self._lock:
            self._engine.set_outputs(request.urn, decode(request.outputs))
        return empty_pb2.Empty()

    def _declared(self, request: Any, inputs: dict[str, Any], is_custom: bool, id: str = "") -> Declared:
        urn = str(Urn.below(request.parent, self._stack, self._project, request.type, request.name))
        dependencies = getattr(request, "propertyDependencies", {})
        return Declared(
            urn,
            request.type,
            request.parent,
            is_custom,
            request.provider,
            inputs,
            id=id,
            depends_on={key: frozenset(each.urns) for key, each in dependencies.items()},
            is_read=bool(id),
        )
