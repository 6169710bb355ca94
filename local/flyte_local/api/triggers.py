"""Triggers: `flyteidl2.trigger.TriggerService`."""

from __future__ import annotations

from flyteidl2.common.identifier_pb2 import TriggerName
from flyteidl2.trigger import trigger_definition_pb2 as definition
from flyteidl2.trigger import trigger_service_connect
from flyteidl2.trigger import trigger_service_pb2 as pb

from flyte_local.api.call import Call
from flyte_local.state.projects import Projects
from flyte_local.tasks.triggers import Triggers
from flyte_local.wire.identifiers import not_found, scope_prefix, task_name_key
from flyte_local.wire.listing import Row, page
from flyte_local.wire.times import seconds


class TriggerService(trigger_service_connect.TriggerService):  # type: ignore[misc]  # generated, untyped
    """Deploys, switches and deletes triggers.

    As on Flyte OSS, missing triggers are skipped and the task may come later.
    """

    def __init__(self, triggers: Triggers, projects: Projects) -> None:
        self._triggers = triggers
        self._projects = projects

    async def deploy_trigger(self, request: pb.DeployTriggerRequest, ctx: Call) -> pb.DeployTriggerResponse:
        """Write a trigger and return it with its new revision."""
        self._projects.ensure(request.name.project, request.name.domain)
        trigger = self._triggers.deploy(request.name, request.spec, request.automation_spec, request.revision)
        return pb.DeployTriggerResponse(trigger=trigger)

    async def get_trigger_details(
        self, request: pb.GetTriggerDetailsRequest, ctx: Call
    ) -> pb.GetTriggerDetailsResponse:
        """Return one trigger. Raises NOT_FOUND if it does not exist."""
        return pb.GetTriggerDetailsResponse(trigger=self._existing(request.name))

    async def get_trigger_revision_details(
        self, request: pb.GetTriggerRevisionDetailsRequest, ctx: Call
    ) -> pb.GetTriggerRevisionDetailsResponse:
        """Return one revision of a trigger, deleted or not."""
        trigger = self._triggers.revision(request.id)
        if trigger is None:
            raise not_found(f"trigger {request.id.name.name!r} has no revision {request.id.revision}")
        return pb.GetTriggerRevisionDetailsResponse(trigger=trigger)

    async def get_trigger_revision_history(
        self, request: pb.GetTriggerRevisionHistoryRequest, ctx: Call
    ) -> pb.GetTriggerRevisionHistoryResponse:
        """Return the changes of a trigger, the newest first."""
        rows: list[tuple[Row, definition.TriggerRevision]] = [
            ({"created_at": seconds(entry.created_at)}, entry) for entry in self._triggers.history(request.name)
        ]
        revisions, token = page(rows, request.request)
        return pb.GetTriggerRevisionHistoryResponse(triggers=revisions, token=token)

    async def list_triggers(self, request: pb.ListTriggersRequest, ctx: Call) -> pb.ListTriggersResponse:
        """Return the triggers of a project, a task or a task version."""
        kind = request.WhichOneof("scope_by")
        version = ""
        if kind == "project_id":
            prefix = scope_prefix(request.project_id.name, request.project_id.domain)
        elif kind == "task_name":
            name = request.task_name
            prefix = task_name_key(name.project, name.domain, name.name) + "/"
        elif kind == "task_id":
            task, version = request.task_id, request.task_id.version
            prefix = task_name_key(task.project, task.domain, task.name) + "/"
        else:
            prefix = ""
        rows: list[tuple[Row, definition.TriggerDetails]] = [
            (
                {
                    "name": trigger.id.name.name,
                    "task_name": trigger.id.name.task_name,
                    "active": int(trigger.spec.active),
                    "created_at": seconds(trigger.status.deployed_at),
                    "updated_at": seconds(trigger.status.updated_at),
                },
                trigger,
            )
            for trigger in self._triggers.all(prefix)
            if not version or trigger.spec.task_version == version
        ]
        matching, token = page(rows, request.request)
        return pb.ListTriggersResponse(triggers=[_short(trigger) for trigger in matching], token=token)

    async def update_triggers(self, request: pb.UpdateTriggersRequest, ctx: Call) -> pb.UpdateTriggersResponse:
        """Switch triggers on or off."""
        self._triggers.set_active(request.names, request.active)
        return pb.UpdateTriggersResponse()

    async def delete_triggers(self, request: pb.DeleteTriggersRequest, ctx: Call) -> pb.DeleteTriggersResponse:
        """Delete triggers."""
        self._triggers.delete(request.names)
        return pb.DeleteTriggersResponse()

    def _existing(self, name: TriggerName) -> definition.TriggerDetails:
        trigger = self._triggers.get(name)
        if trigger is None:
            raise not_found(f"trigger {name.name!r} of task {name.task_name!r} does not exist")
        return trigger


def _short(trigger: definition.TriggerDetails) -> definition.Trigger:
    return definition.Trigger(
        id=trigger.id,
        metadata=trigger.metadata,
        status=trigger.status,
        active=trigger.spec.active,
        automation_spec=trigger.automation_spec,
    )
