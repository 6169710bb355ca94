"""One attempt of an action: what to start for it, and what its end means."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flyteidl2.common.phase_pb2 import ActionPhase
from flyteidl2.core.security_pb2 import Secret
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ActionDetails, ErrorInfo

from flyte_local.home import make_folder
from flyte_local.images.builder_task import builder_variables
from flyte_local.images.choice import Images
from flyte_local.images.environments import Environment
from flyte_local.memory.limit import OOM_KILLED, MemoryLimit, declared_memory, limit_here
from flyte_local.processes.environment import flyte_environment, with_image, with_task_path
from flyte_local.runs.logs import LOG, last_lines
from flyte_local.runs.phases import FAILED, SUCCEEDED
from flyte_local.runs.records import ROOT, Plan, Records
from flyte_local.secrets.redaction import Mask, run_workload
from flyte_local.secrets.vault import Vault, variable_of
from flyte_local.state.context import ORGANIZATION, Context
from flyte_local.state.data_files import OUTPUTS, has_outputs, path_of, read_error, uri
from flyte_local.state.shared import shared
from flyte_local.tasks.containers import container_of, environment_of
from flyte_local.tasks.raw_container import (
    collect_outputs,
    is_raw,
    recorded,
    recorded_beginning,
    recorded_code,
    stage_inputs,
)
from flyte_local.tasks.templating import render
from flyte_local.wire.identifiers import action_key, run_key

_TAIL = 5


@dataclass(frozen=True)
class Command:
    """What to start, where, with which environment."""

    argv: list[str]
    environment: dict[str, str]
    folder: Path
    log: Path


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended; `retry` says that another one may help."""

    phase: ActionPhase
    error: ErrorInfo | None = None
    retry: bool = False

    def masked(self, mask: Mask) -> Outcome:
        """The same without secrets' values in the error, whoever wrote that: it quotes what the process printed."""
        if self.error is not None:
            self.error.message = mask(self.error.message)
        return self


@dataclass(frozen=True)
class Attempt:
    """One attempt of one action. Paths are of this machine."""

    details: ActionDetails
    spec: TaskSpec
    plan: Plan
    number: int

    @property
    def key(self) -> str:
        """The action's key."""
        return action_key(self.details.id)

    @property
    def outputs(self) -> Path:
        """The folder that Flyte calls the output prefix."""
        return path_of(self.plan.base).joinpath(self.details.id.name, str(self.number))

    def command(self, context: Context) -> Command:
        """What to start. Raises SecretError, CommandError or INVALID_ARGUMENT where that is impossible."""
        records = shared(context, Records)
        folder = make_folder(records.attempt_folder(self.key, self.number))
        work = make_folder(folder / "work")
        make_folder(self.outputs)
        container = container_of(self.spec.task_template)
        image = self._image(context, records)
        argv = [image.placed(part, work) for part in (*container.command, *container.args)]
        environment = with_task_path(self._environment(context, records, folder, image.python, image.lay_out(work)))
        if is_raw(container):
            staged = stage_inputs(container, self.plan.inputs, folder)
            argv = render(staged.argv(argv), staged.values)
            environment |= staged.environment(environment)
            argv = recorded(argv, folder, environment.get("PATH", ""))
        return Command(render(argv, self._templates()), environment, work, folder / LOG)

    def began(self, folder: Path) -> bool:
        """Whether a process that nobody knows of any more did anything; one that did must not run a second time."""
        if is_raw(container_of(self.spec.task_template)):
            return recorded_beginning(folder)
        # What Flyte's SDK runs unpacks its code first, or ends with outputs or an error.
        return any(any(place.glob("*")) for place in (folder / "work", self.outputs))

    def outcome(self, code: int | None, folder: Path) -> Outcome:
        """What the end of the process means; `code` None where nobody can know the exit code (an adopted process)."""
        written = read_error(self.outputs)
        if written is not None:
            return Outcome(FAILED, written[0], written[1])
        container = container_of(self.spec.task_template)
        known = recorded_code(folder) if code is None and is_raw(container) else code
        if known is not None and known != 0:
            return _failed("ProcessFailed", f"the task's process {_end(known)}", folder)
        if known is None and (is_raw(container) or not (self.outputs / OUTPUTS).is_file()):
            down = "the control plane was down, or after its warm worker was killed"
            return _failed("ProcessLost", f"the task's process ended unfinished while {down}", folder)
        if is_raw(container):
            problem = collect_outputs(container, self.spec.task_template.interface, folder, self.outputs)
            if problem:
                return _failed("OutputsMissing", problem, folder)
        if not has_outputs(self.spec.task_template.interface, self.outputs):
            message = "the task's process exited with code 0, but left neither outputs nor an error"
            return _failed("OutputsMissing", message, folder)
        return Outcome(SUCCEEDED)

    @property
    def memory_limit(self) -> MemoryLimit:
        """How much memory its processes may use."""
        return limit_here(declared_memory(container_of(self.spec.task_template).resources))

    def _templates(self) -> dict[str, str]:
        prefix = uri(self.outputs)
        before = self.outputs.parent / str(self.number - 1) / "checkpoints"
        return {
            "input": self.plan.inputs,
            "inputPrefix": self.plan.inputs.rpartition("/")[0],
            "outputPrefix": prefix,
            "rawOutputDataPrefix": str(self.outputs / "data"),
            "checkpointOutputPrefix": str(self.outputs / "checkpoints"),
            "prevCheckpointPrefix": str(before) if before.exists() else "",
            "runName": self.details.id.run.name,
            "actionName": self.details.id.name,
            "runStartTime": self.plan.run_start,
        }

    def _root(self, records: Records) -> TaskSpec:
        """The specification of the run's root, which has what was wired into the run from outside."""
        return records.spec(f"{run_key(self.details.id.run)}/{ROOT}") or self.spec

    def _image(self, context: Context, records: Records) -> Environment:
        own, of_root = (container_of(spec.task_template).image for spec in (self.spec, self._root(records)))
        return shared(context, Images).of_action(own, of_root, self.plan.interpreter or context.python)

    def _environment(
        self, context: Context, records: Records, folder: Path, python: str, variables: Mapping[str, str]
    ) -> dict[str, str]:
        """The variables of the process; `variables` are those of its image."""
        run = self.details.id.run
        template = self.spec.task_template
        # Flyte's SDK builds a child's specification from code alone. What was wired into the root from outside reaches
        # its children and grandchildren from here, under what they declare themselves.
        root = self._root(records)
        secrets: dict[str, Secret] = {}
        for source in (root.task_template, template):
            secrets.update({variable_of(secret): secret for secret in source.security_context.secrets})
        run_spec = records.run_spec(run_key(run))
        return {
            **with_image(flyte_environment(context, run.project, run.domain, python), variables),
            **builder_variables(template.id, context),
            "ACTION_NAME": self.details.id.name,
            "RUN_NAME": run.name,
            "_U_RUN_BASE": self.plan.base,
            "_F_PN": self.details.metadata.parent,
            "FLYTE_INTERNAL_EXECUTION_ID": run.name,
            "FLYTE_INTERNAL_TASK_PROJECT": template.id.project or run.project,
            "FLYTE_INTERNAL_TASK_DOMAIN": template.id.domain or run.domain,
            "FLYTE_INTERNAL_TASK_NAME": template.id.name,
            "FLYTE_INTERNAL_TASK_VERSION": template.id.version,
            "FLYTE_ATTEMPT_NUMBER": str(self.number - 1),
            "_U_ORG_NAME": ORGANIZATION,
            **environment_of(container_of(root.task_template)),
            **environment_of(container_of(template)),
            **{pair.key: pair.value for pair in (run_spec.envs.values if run_spec else ())},
            **shared(context, Vault).environment(
                secrets.values(), run.project, run.domain, folder / "secrets", workload=run_workload(run_key(run))
            ),
        }


def system_error(code: str, message: str) -> ErrorInfo:
    """An error of the platform, not of the user's code."""
    return ErrorInfo(code=code, message=message, kind=ErrorInfo.KIND_SYSTEM)


def out_of_memory(reason: str) -> Outcome:
    """How an attempt ended that was killed for its memory. Flyte takes that for the user's, and tries again."""
    return Outcome(FAILED, ErrorInfo(code=OOM_KILLED, message=reason, kind=ErrorInfo.KIND_USER), retry=True)


def _failed(code: str, message: str, folder: Path) -> Outcome:
    lines = last_lines(folder / LOG, _TAIL, own=True)
    text = message + (": " + " | ".join(line.strip() for line in lines) if lines else " and printed nothing")
    return Outcome(FAILED, ErrorInfo(code=code, message=text, kind=ErrorInfo.KIND_USER), retry=True)


def _end(code: int) -> str:
    # Negative from the operating system, above 128 from the shell around a raw container's command (POSIX 2.8.2).
    number = -code if code < 0 else code - 128
    if number > 0:
        with contextlib.suppress(ValueError):
            return f"was killed by {signal.Signals(number).name}"
    return f"exited with code {code}"
