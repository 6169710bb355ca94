"""Tasks:

`flyteidl2.task.TaskService`. As on Flyte OSS, a version replaces itself; triggers are pruned only if new ones come.
"""

from __future__ import annotations

from flyteidl2.common.identifier_pb2 import TriggerName
from flyteidl2.task import task_definition_pb2 as definition
from flyteidl2.task import task_service_connect
from flyteidl2.task import task_service_pb2 as pb
from flyteidl2.trigger.trigger_definition_pb2 import TriggerSpec

from flyte_local.api.call import Call
from flyte_local.api.interpreter import interpreter_of
from flyte_local.images.choice import Images
from flyte_local.state.context import Context
from flyte_local.state.projects import Projects
from flyte_local.tasks.containers import container_of
from flyte_local.tasks.triggers import Triggers
from flyte_local.tasks.versions import Tasks, task_of
from flyte_local.wire.identifiers import invalid, not_found, scope_key, scope_prefix, task_key, task_name_key
from flyte_local.wire.listing import Row, page


class TaskService(task_service_connect.TaskService):  # type: ignore[misc]  # generated, untyped
    """Deploys, describes and lists task versions. There is no deletion, as in Flyte."""

    def __init__(self, context: Context, images: Images, tasks: Tasks, triggers: Triggers, projects: Projects) -> None:
        self._context = context
        self._images = images
        self._tasks = tasks
        self._triggers = triggers
        self._projects = projects

    async def deploy_task(self, request: pb.DeployTaskRequest, ctx: Call) -> pb.DeployTaskResponse:
        """Write a version and its triggers, or neither."""
        task = request.task_id
        task_key(task)
        if not request.HasField("spec"):
            raise invalid(f"spec is missing for the task {task.name!r}: send its specification")
        container = container_of(request.spec.task_template)
        interpreter = interpreter_of(ctx.request_headers())
        await self._images.prepare(container.image, interpreter or self._context.python)
        self._projects.ensure(task.project, task.domain)
        details = definition.TaskDetails(task_id=task, spec=request.spec)
        details.metadata.deployed_by.user.id.subject = "local"
        details.metadata.short_name = request.spec.short_name
        details.metadata.environment_name = request.spec.environment.name
        details.metadata.short_description = request.spec.documentation.short_description
        with self._context.store.transaction():
            self._tasks.deploy(details, interpreter)
            for trigger in request.triggers:
                self._triggers.deploy(_name(task, trigger.name), _spec(task, trigger), trigger.automation_spec)
            if request.triggers:
                self._triggers.prune(task, {trigger.name for trigger in request.triggers})
        return pb.DeployTaskResponse()

    async def get_task_details(self, request: pb.GetTaskDetailsRequest, ctx: Call) -> pb.GetTaskDetailsResponse:
        """Return one version. Raises NOT_FOUND if it was never deployed."""
        self._tasks.spec(request.task_id)
        details = self._tasks.get(request.task_id)
        if details is None:
            raise not_found(f"task {request.task_id.name!r} does not exist")
        self._summarise_triggers(details.task_id, details.metadata)
        return pb.GetTaskDetailsResponse(details=details)

    async def list_tasks(self, request: pb.ListTasksRequest, ctx: Call) -> pb.ListTasksResponse:
        """Return task versions, the newest created first."""
        prefix = ""
        if request.WhichOneof("scope_by") == "project_id":
            prefix = scope_prefix(request.project_id.name, request.project_id.domain)
        rows = self._rows(prefix)
        for known_filter in request.known_filters:
            if known_filter.WhichOneof("filter_by") == "is_entrypoint":
                rows = [r for r in rows if r[0]["is_entrypoint"] == int(known_filter.is_entrypoint)]
        matching, token = page(rows, request.request)
        counts = pb.ListTasksResponse.ListTasksMetadata(total=len(rows), filtered_total=len(rows))
        return pb.ListTasksResponse(tasks=[self._short(details) for details in matching], token=token, metadata=counts)

    async def list_versions(self, request: pb.ListVersionsRequest, ctx: Call) -> pb.ListVersionsResponse:
        """Return the versions of one task, the newest created first."""
        name = request.task_name
        rows = self._rows(task_name_key(name.project, name.domain, name.name) + "/")
        matching, token = page(rows, request.request)
        versions = [
            pb.ListVersionsResponse.VersionResponse(
                version=details.task_id.version,
                deployed_at=details.metadata.deployed_at,
                deployed_by=details.metadata.deployed_by,
            )
            for details in matching
        ]
        return pb.ListVersionsResponse(versions=versions, token=token)

    def _rows(self, prefix: str) -> list[tuple[Row, definition.TaskDetails]]:
        return [
            (
                {
                    "name": details.task_id.name,
                    "version": details.task_id.version,
                    "project": details.task_id.project,
                    "domain": details.task_id.domain,
                    "environment": details.metadata.environment_name,
                    "is_entrypoint": int(details.spec.task_template.metadata.is_entrypoint),
                    "created_at": created,
                },
                details,
            )
            for created, details in self._tasks.versions(prefix)
        ]

    def _short(self, details: definition.TaskDetails) -> definition.Task:
        self._summarise_triggers(details.task_id, details.metadata)
        return definition.Task(task_id=details.task_id, metadata=details.metadata)

    def _summarise_triggers(self, task: definition.TaskIdentifier, metadata: definition.TaskMetadata) -> None:
        triggers = self._triggers.all(task_of(task))
        if len(triggers) == 1:
            only = triggers[0]
            metadata.triggers_summary.details.name = only.id.name.name
            metadata.triggers_summary.details.active = only.spec.active
            metadata.triggers_summary.details.automation_spec.CopyFrom(only.automation_spec)
        elif triggers:
            metadata.triggers_summary.stats.total = len(triggers)
            metadata.triggers_summary.stats.active = sum(trigger.spec.active for trigger in triggers)


def _name(task: definition.TaskIdentifier, name: str) -> TriggerName:
    scope_key(task)
    return TriggerName(org=task.org, project=task.project, domain=task.domain, task_name=task.name, name=name)


def _spec(task: definition.TaskIdentifier, trigger: definition.TaskTrigger) -> TriggerSpec:
    trigger_spec = trigger.spec
    spec = TriggerSpec(
        run_spec=trigger_spec.run_spec,
        active=trigger_spec.active,
        task_version=task.version,
        description=trigger_spec.description,
    )
    kind = trigger_spec.WhichOneof("input_wrapper")
    if kind:
        getattr(spec, kind).CopyFrom(getattr(trigger_spec, kind))
    return spec
