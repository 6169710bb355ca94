"""The calls of TriggerService. A deployment creates or replaces a trigger, without a lock (revision 0)."""

from __future__ import annotations

from flyteidl2.common.identifier_pb2 import TriggerName
from flyteidl2.task.common_pb2 import TriggerAutomationSpec
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails, TriggerSpec
from flyteidl2.trigger.trigger_service_pb2 import (
    DeleteTriggersRequest,
    DeployTriggerRequest,
    GetTriggerDetailsRequest,
)

from pulumi_flyte_provider.flyte_api.connection import Connection, optional
from pulumi_flyte_provider.resources.trigger.identity import title


def get(connection: Connection, name: TriggerName) -> TriggerDetails | None:
    """Return the trigger, or None if it does not exist or is deleted."""
    method, request = connection.triggers.get_trigger_details, GetTriggerDetailsRequest(name=name)
    answer = optional(lambda: connection.call(method, request, what=f"looking up {title(name)}"))
    if answer is None or answer.trigger.status.HasField("deleted_at"):
        return None
    return answer.trigger


def deploy(connection: Connection, name: TriggerName, spec: TriggerSpec, automation: TriggerAutomationSpec) -> None:
    """Create the trigger, or replace it."""
    request = DeployTriggerRequest(name=name, spec=spec, automation_spec=automation)
    connection.call(connection.triggers.deploy_trigger, request, what=f"deploying {title(name)}")


def delete(connection: Connection, name: TriggerName) -> None:
    """Delete the trigger, unless it is already gone."""
    method, request = connection.triggers.delete_triggers, DeleteTriggersRequest(names=[name])
    optional(lambda: connection.call(method, request, what=f"deleting {title(name)}"))
