"""Starts runs: from a deployed task, a task's specification, or a trigger."""

from __future__ import annotations

import asyncio
import secrets
import string
import time
from datetime import datetime, timezone

from flyteidl2.common.identifier_pb2 import RunIdentifier, TriggerIdentifier
from flyteidl2.core.literals_pb2 import Literal, Primitive, Scalar
from flyteidl2.task.common_pb2 import Inputs, NamedLiteral
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskSpec
from flyteidl2.trigger.trigger_definition_pb2 import TriggerSpec
from flyteidl2.workflow import run_definition_pb2 as definition
from flyteidl2.workflow.run_service_pb2 import CreateRunRequest

from flyte_local.home import Home
from flyte_local.runs.phases import QUEUED, move
from flyte_local.runs.records import ROOT, Plan, Records, root_of, summary
from flyte_local.runs.result_cache import cache_key
from flyte_local.runs.runner import Runner
from flyte_local.state.bundle_check import bundle_problem
from flyte_local.state.context import ORGANIZATION
from flyte_local.state.data_files import complete_inputs, path_of, read_inputs, uri, write_inputs
from flyte_local.state.projects import Projects
from flyte_local.tasks.containers import bundle_argument
from flyte_local.tasks.triggers import Triggers
from flyte_local.tasks.versions import Tasks
from flyte_local.wire.identifiers import invalid, not_found, run_key
from flyte_local.wire.times import seconds, stamp

_ALPHABET = string.ascii_lowercase + string.digits


class Launcher:
    """Starts runs. A run name is an idempotency key: a second request with it gets the existing run."""

    def __init__(
        self,
        home: Home,
        records: Records,
        runner: Runner,
        projects: Projects,
        tasks: Tasks,
        triggers: Triggers,
    ) -> None:
        self._home = home
        self._records = records
        self._runner = runner
        self._projects = projects
        self._tasks = tasks
        self._triggers = triggers

    async def create(self, request: CreateRunRequest) -> definition.Run:
        """Start the run, or return the existing run of that name.

        Raises INVALID_ARGUMENT or NOT_FOUND with a way out.
        """
        run = _identifier(request)
        key = run_key(run)
        if (existing := self._existing(key)) is not None:
            return existing
        self._projects.ensure(run.project, run.domain)
        metadata = definition.ActionMetadata(
            action_type=definition.ACTION_TYPE_TASK, source=request.source or definition.RUN_SOURCE_CLI
        )
        metadata.executed_by.user.id.subject = "local"
        identifier, spec, inputs, run_spec = self._resolve(request, metadata)
        await _check_bundle(spec)
        # Other requests ran during the await above, possibly one for the same run.
        if (existing := self._existing(key)) is not None:
            return existing
        started = seconds(request.run_start_time) if request.HasField("run_start_time") else time.time()
        complete = complete_inputs(spec, inputs)
        location = request.offloaded_input_data.uri
        if not location or complete:
            location, _ = write_inputs(self._home, f"{run.project}/{run.domain}", inputs)
        base = run_spec.run_base_dir.rstrip("/") or uri(self._records.folder(key))
        path_of(base)
        metadata.task.CopyFrom(
            definition.TaskActionMetadata(id=identifier, task_type=spec.task_template.type, short_name=spec.short_name)
        )
        metadata.environment_name = spec.environment.name
        details = definition.ActionDetails(id=root_of(run), metadata=metadata)
        details.status.start_time.CopyFrom(stamp(time.time()))
        move(details, QUEUED)
        plan = Plan(
            inputs=location if location.endswith(".pb") else f"{location}/inputs.pb",
            base=base,
            interpreter=self._tasks.interpreter(identifier) or "",
            run_start=datetime.fromtimestamp(started, timezone.utc).isoformat(),
            cache_key=cache_key(spec.task_template, inputs, started),
        )
        self._records.create(details, plan, spec, run_spec)
        self._runner.submit(details)
        return summary(details, run_spec)

    def _existing(self, key: str) -> definition.Run | None:
        root = self._records.action(f"{key}/{ROOT}")
        return None if root is None else summary(root, self._records.run_spec(key) or RunSpec())

    def _resolve(
        self, request: CreateRunRequest, metadata: definition.ActionMetadata
    ) -> tuple[TaskIdentifier, TaskSpec, Inputs, RunSpec]:
        """Return the task to run with its inputs. If a trigger starts the run, the trigger goes into the metadata."""
        kind = request.WhichOneof("task")
        run_spec = RunSpec()
        run_spec.CopyFrom(request.run_spec)
        inputs = _inputs(request)
        if kind == "task_id":
            return request.task_id, self._tasks.spec(request.task_id), inputs, run_spec
        if kind == "task_spec":
            template = request.task_spec.task_template.id
            identifier = TaskIdentifier(
                org=template.org or ORGANIZATION,
                project=template.project,
                domain=template.domain,
                name=template.name,
                version=template.version,
            )
            return identifier, request.task_spec, inputs, run_spec
        if kind != "trigger_name":
            raise invalid("the request names nothing to run: send a task id, a task specification or a trigger name")
        trigger = self._triggers.get(request.trigger_name)
        if trigger is None:
            raise not_found(f"trigger {request.trigger_name.name!r} does not exist")
        metadata.trigger_id.CopyFrom(TriggerIdentifier(name=trigger.id.name, revision=trigger.id.revision))
        metadata.trigger_name = trigger.id.name.name
        metadata.trigger_type.CopyFrom(trigger.automation_spec)
        if not request.HasField("run_spec"):
            run_spec.CopyFrom(trigger.spec.run_spec)
        if not request.WhichOneof("input_wrapper"):
            inputs = _inputs(trigger.spec)
        kickoff = trigger.automation_spec.schedule.kickoff_time_input_arg
        if kickoff and kickoff not in {literal.name for literal in inputs.literals}:
            at = request.run_start_time if request.HasField("run_start_time") else stamp(time.time())
            moment = Literal(scalar=Scalar(primitive=Primitive(datetime=at)))
            inputs.literals.append(NamedLiteral(name=kickoff, value=moment))
        identifier = self._triggers.task_of(trigger)
        return identifier, self._tasks.spec(identifier), inputs, run_spec


def new_run_name() -> str:
    """Return a name in Flyte's form: `r` and 19 letters and digits."""
    return "r" + "".join(secrets.choice(_ALPHABET) for _ in range(19))


def _identifier(request: CreateRunRequest) -> RunIdentifier:
    kind = request.WhichOneof("id")
    if kind == "run_id":
        run = request.run_id
        return RunIdentifier(org=ORGANIZATION, project=run.project, domain=run.domain, name=run.name)
    if kind == "project_id":
        project = request.project_id
        return RunIdentifier(org=ORGANIZATION, project=project.name, domain=project.domain, name=new_run_name())
    raise invalid("the request names neither a run nor a project to run in")


def _inputs(source: CreateRunRequest | TriggerSpec) -> Inputs:
    if source.WhichOneof("input_wrapper") == "offloaded_input_data":
        return read_inputs(source.offloaded_input_data.uri)
    inputs = Inputs()
    inputs.CopyFrom(source.inputs)
    return inputs


async def _check_bundle(spec: TaskSpec) -> None:
    bundle = bundle_argument(spec.task_template)
    if not bundle.startswith(("file://", "/")):
        return
    if not path_of(bundle).is_file():
        raise not_found(
            f"the code bundle {bundle} of task {spec.task_template.id.name!r} is not in this server's store (its home "
            "was wiped?): deploy the task again; Flyte's client keeps what it uploaded in mind for a day, so remove "
            "~/.flyte/local-cache first"
        )
    problem = await asyncio.to_thread(bundle_problem, path_of(bundle))
    if problem is not None:
        task = spec.task_template.id.name
        raise invalid(f"task {task!r} has a code bundle that cannot be used, {bundle}: {problem}")
