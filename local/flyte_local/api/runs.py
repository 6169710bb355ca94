"""Runs: `flyteidl2.workflow.RunService`."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier
from flyteidl2.core import literals_pb2 as literals
from flyteidl2.workflow import run_definition_pb2 as definition
from flyteidl2.workflow import run_service_connect
from flyteidl2.workflow import run_service_pb2 as pb

from flyte_local.api.call import Call
from flyte_local.runs.children import Children
from flyte_local.runs.launcher import Launcher
from flyte_local.runs.phases import SUCCEEDED, is_terminal
from flyte_local.runs.records import ROOT, Records, action_of, outputs_uri, root_of
from flyte_local.runs.runner import Runner
from flyte_local.state.notices import Notices
from flyte_local.wire.identifiers import action_key, invalid, run_key, scope_prefix
from flyte_local.wire.listing import Row, matches, page
from flyte_local.wire.times import seconds


class RunService(run_service_connect.RunService):  # type: ignore[misc]  # generated, untyped
    """Starts, aborts, describes, lists and watches runs and their actions."""

    def __init__(
        self, records: Records, launcher: Launcher, runner: Runner, children: Children, notices: Notices
    ) -> None:
        self._records = records
        self._launcher = launcher
        self._runner = runner
        self._children = children
        self._notices = notices

    async def create_run(self, request: pb.CreateRunRequest, ctx: Call) -> pb.CreateRunResponse:
        """Start a run; the same run name returns the existing one."""
        return pb.CreateRunResponse(run=await self._launcher.create(request))

    async def abort_run(self, request: pb.AbortRunRequest, ctx: Call) -> pb.AbortRunResponse:
        """Abort a run and all its actions; nothing happens to one that has ended."""
        self._records.existing(root_of(request.run_id))
        await self._runner.abort(f"{run_key(request.run_id)}/{ROOT}", request.reason or "aborted")
        return pb.AbortRunResponse()

    async def abort_action(self, request: pb.AbortActionRequest, ctx: Call) -> pb.AbortActionResponse:
        """Abort one action and all actions below it."""
        await self._children.abort(request.action_id, request.reason)
        return pb.AbortActionResponse()

    async def get_run_details(self, request: pb.GetRunDetailsRequest, ctx: Call) -> pb.GetRunDetailsResponse:
        """Return a run with its root action."""
        return pb.GetRunDetailsResponse(details=self._run(request.run_id))

    async def watch_run_details(
        self, request: pb.WatchRunDetailsRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchRunDetailsResponse]:
        """Yield a run at every change of its root action, until that has ended."""
        async for _ in self._changes(root_of(request.run_id)):
            yield pb.WatchRunDetailsResponse(details=self._run(request.run_id))

    async def get_action_details(self, request: pb.GetActionDetailsRequest, ctx: Call) -> pb.GetActionDetailsResponse:
        """Return one action."""
        return pb.GetActionDetailsResponse(details=self._records.details(request.action_id))

    async def watch_action_details(
        self, request: pb.WatchActionDetailsRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchActionDetailsResponse]:
        """Yield an action at every change, until it has ended."""
        async for details in self._changes(request.action_id):
            yield pb.WatchActionDetailsResponse(details=details)

    async def get_action_data_u_r_is(
        self, request: pb.GetActionDataURIsRequest, ctx: Call
    ) -> pb.GetActionDataURIsResponse:
        """Return the locations of an action's inputs and outputs. Nothing checks that they still exist."""
        details = self._records.existing(request.action_id)
        plan = self._records.plan(action_key(request.action_id))
        response = pb.GetActionDataURIsResponse(inputs_uri=plan.inputs if plan else "")
        if details.status.phase == SUCCEEDED:
            response.outputs_uri = outputs_uri(details, plan.outputs if plan else "")
        return response

    async def list_runs(self, request: pb.ListRunsRequest, ctx: Call) -> pb.ListRunsResponse:
        """Return the runs of a project, a task, a task version or a trigger, the newest first."""
        runs, token = page(self._rows(request), request.request)
        return pb.ListRunsResponse(runs=runs, token=token)

    async def watch_runs(self, request: pb.WatchRunsRequest, ctx: Call) -> AsyncIterator[pb.WatchRunsResponse]:
        """Yield the existing runs, then every change of one; it never ends."""
        kind = request.WhichOneof("target")
        scope = pb.ListRunsRequest()
        if kind == "project_id":
            scope.project_id.CopyFrom(request.project_id)
        elif kind == "task_id":
            scope.task_id.CopyFrom(request.task_id)
        with self._notices.subscribe(_prefix(scope)) as changes:
            existing = [run for _, run in self._rows(scope)]
            if existing:
                yield pb.WatchRunsResponse(runs=existing)
            while True:
                changed = {key.rpartition("/")[0] for key in await changes.changed() if key.endswith(f"/{ROOT}")}
                runs = [run for _, run in self._rows(scope) if run_key(run.action.id.run) in changed]
                if runs:
                    yield pb.WatchRunsResponse(runs=runs)

    async def list_actions(self, request: pb.ListActionsRequest, ctx: Call) -> pb.ListActionsResponse:
        """Return the actions of a run."""
        self._records.existing(root_of(request.run_id))
        rows = [
            (_action_row(details), action_of(details)) for details in self._records.actions(run_key(request.run_id))
        ]
        actions, token = page(rows, request.request)
        return pb.ListActionsResponse(actions=actions, token=token)

    async def watch_actions(self, request: pb.WatchActionsRequest, ctx: Call) -> AsyncIterator[pb.WatchActionsResponse]:
        """Yield the actions of a run, then every change of one; it ends when the run and all its actions have."""
        root = self._records.existing(root_of(request.run_id))
        key = run_key(request.run_id)
        with self._notices.subscribe(key + "/") as changes:
            actions = self._records.actions(key)
            while True:
                enriched = [self._enrich(details, request) for details in actions]
                if enriched:
                    yield pb.WatchActionsResponse(enriched_actions=enriched)
                root = self._records.action(f"{key}/{ROOT}") or root
                if is_terminal(root) and not self._records.live(key):
                    return
                changed_actions = [self._records.action(changed) for changed in await changes.changed()]
                actions = [details for details in changed_actions if details is not None]

    async def watch_cluster_events(
        self, request: pb.WatchClusterEventsRequest, ctx: Call
    ) -> AsyncIterator[pb.WatchClusterEventsResponse]:
        """Yield one empty answer when the action has ended: without a cluster there are no events."""
        async for details in self._changes(request.id):
            if is_terminal(details):
                return
        yield pb.WatchClusterEventsResponse()

    async def signal_event(self, request: pb.SignalEventRequest, ctx: Call) -> pb.SignalEventResponse:
        """Answer a waiting condition."""
        kind = request.payload.WhichOneof("value")
        if kind is None:
            raise invalid("payload has no value: set bool_value, int_value, float_value or string_value")
        fields = {"bool_value": "boolean", "int_value": "integer"}
        primitive = literals.Primitive()
        setattr(primitive, fields.get(kind, kind), getattr(request.payload, kind))
        self._children.signal(request.action_id, literals.Literal(scalar=literals.Scalar(primitive=primitive)))
        return pb.SignalEventResponse()

    async def _changes(self, identifier: ActionIdentifier) -> AsyncIterator[definition.ActionDetails]:
        with self._notices.subscribe(action_key(identifier)) as changes:
            while True:
                details = self._records.details(identifier)
                yield details
                if is_terminal(details):
                    return
                await changes.changed()

    def _run(self, identifier: RunIdentifier) -> definition.RunDetails:
        details = self._records.details(root_of(identifier))
        return definition.RunDetails(run_spec=self._records.run_spec(run_key(identifier)), action=details)

    def _enrich(self, details: definition.ActionDetails, request: pb.WatchActionsRequest) -> definition.EnrichedAction:
        passes = all(matches(_action_row(details), item) for item in request.filter)
        children = [self._records.action(child) for child in self._records.live_children(action_key(details.id))]
        counts = Counter(child.status.phase for child in children if child is not None)
        return definition.EnrichedAction(action=action_of(details), meets_filter=passes, children_phase_counts=counts)

    def _rows(self, request: pb.ListRunsRequest) -> list[tuple[Row, definition.Run]]:
        kind = request.WhichOneof("scope_by")
        rows = []
        for key, run in self._records.runs(_prefix(request)):
            task = run.action.metadata.task.id
            if kind == "task_id" and (task.name, task.version) != (request.task_id.name, request.task_id.version):
                continue
            if kind == "task_name" and task.name != request.task_name.name:
                continue
            if kind == "trigger_name":
                name = run.action.metadata.trigger_id.name
                if (name.name, name.task_name) != (request.trigger_name.name, request.trigger_name.task_name):
                    continue
            if request.paused_actions_only and not self._is_paused(key):
                continue
            rows.append((_run_row(run), run))
        return rows

    def _is_paused(self, run: str) -> bool:
        live_actions = (self._records.action(key) for key in self._records.live(run))
        return any(details is not None and details.HasField("condition") for details in live_actions)


def _prefix(request: pb.ListRunsRequest) -> str:
    kind = request.WhichOneof("scope_by")
    if kind == "project_id":
        project, domain = request.project_id.name, request.project_id.domain
    elif kind in {"task_id", "task_name", "trigger_name"}:
        scope = getattr(request, kind)
        project, domain = scope.project, scope.domain
    else:
        return ""
    return scope_prefix(project, domain)


def _action_row(details: definition.ActionDetails) -> Row:
    task = details.metadata.task.id
    return {
        "name": details.id.name,
        "phase": str(details.status.phase),
        "parent_name": details.metadata.parent,
        "group": details.metadata.group,
        "action_type": str(details.metadata.action_type),
        "task_name": task.name,
        "task_version": task.version,
        "created_at": seconds(details.status.start_time),
        "updated_at": _updated(details.status),
    }


def _run_row(run: definition.Run) -> Row:
    action = run.action
    task = action.metadata.task.id
    return {
        "name": action.id.run.name,
        "phase": str(action.status.phase),
        "task_name": task.name,
        "task_version": task.version,
        "trigger_name": action.metadata.trigger_name,
        "created_by": action.metadata.executed_by.user.id.subject,
        "created_at": seconds(action.status.start_time),
        "updated_at": _updated(action.status),
        **{f"labels.{name}": value for name, value in run.labels.items()},
    }


def _updated(status: definition.ActionStatus) -> float:
    return seconds(status.end_time if status.HasField("end_time") else status.start_time)
