"""An attempt of an action, and the meaning of its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flyteidl2.common.phase_pb2 import ActionPhase
from flyteidl2.core.tasks_pb2 import Container
from flyteidl2.workflow.run_definition_pb2 import ErrorInfo

from flyte_local.memory.limit import OOM_KILLED, MemoryLimit, limit_here
from flyte_local.processes.process import describe_exit
from flyte_local.runs.logs import LOG, last_lines
from flyte_local.runs.phases import FAILED, SUCCEEDED
from flyte_local.runs.task_action import TaskAction
from flyte_local.secrets.redaction import Mask
from flyte_local.state.data_files import OUTPUTS, has_outputs, path_of, read_error
from flyte_local.tasks.containers import container_of
from flyte_local.tasks.raw_container import (
    collect_outputs,
    is_raw,
    recorded_beginning,
    recorded_code,
)
from flyte_local.wire.containers import declared_memory

_TAIL = 5


@dataclass(frozen=True)
class Outcome:
    """The end of an attempt. `retry`: another attempt may help."""

    phase: ActionPhase
    error: ErrorInfo | None = None
    retry: bool = False

    def masked(self, mask: Mask) -> Outcome:
        """Return the outcome without secrets in its error, which quotes the output of the process."""
        if self.error is not None:
            self.error.message = mask(self.error.message)
        return self


@dataclass(frozen=True)
class Attempt:
    """One attempt of one action. Paths are of this machine."""

    action: TaskAction
    number: int

    @property
    def outputs(self) -> Path:
        """The folder that Flyte calls the output prefix."""
        return path_of(self.action.plan.base).joinpath(self.action.details.id.name, str(self.number))

    def began(self, folder: Path) -> bool:
        """Return whether a lost process did anything. A process that did must not run a second time."""
        if is_raw(self._container):
            return recorded_beginning(folder)
        # What Flyte's SDK runs unpacks its code first, or ends with outputs or an error.
        return any(any(place.glob("*")) for place in (folder / "work", self.outputs))

    def outcome(self, code: int | None, folder: Path) -> Outcome:
        """Return the outcome of the process.

        An adopted process has the code None: only a parent gets the exit code.
        """
        written = read_error(self.outputs)
        if written is not None:
            return Outcome(FAILED, written[0], written[1])
        container, interface = self._container, self.action.spec.task_template.interface
        exit_code = recorded_code(folder) if code is None and is_raw(container) else code
        if exit_code is not None and exit_code != 0:
            return _failed("ProcessFailed", f"the task's process {describe_exit(exit_code)}", folder)
        if exit_code is None and (is_raw(container) or not (self.outputs / OUTPUTS).is_file()):
            down = "the control plane was down, or after its warm worker was killed"
            return _failed("ProcessLost", f"the task's process ended unfinished while {down}", folder)
        if is_raw(container):
            problem = collect_outputs(container, interface, folder, self.outputs)
            if problem:
                return _failed("OutputsMissing", problem, folder)
        if not has_outputs(interface, self.outputs):
            message = "the task's process exited with code 0, but left neither outputs nor an error"
            return _failed("OutputsMissing", message, folder)
        return Outcome(SUCCEEDED)

    @property
    def memory_limit(self) -> MemoryLimit:
        """The memory that the processes of the attempt may use."""
        return limit_here(declared_memory(self._container.resources))

    @property
    def _container(self) -> Container:
        return container_of(self.action.spec.task_template)


def system_error(code: str, message: str) -> ErrorInfo:
    """Return an error of the platform, as opposed to one of the user's code."""
    return ErrorInfo(code=code, message=message, kind=ErrorInfo.KIND_SYSTEM)


def out_of_memory(reason: str) -> Outcome:
    """Return the outcome of an attempt that exceeded its memory. As in Flyte it is a user error, and is tried again."""
    return Outcome(FAILED, ErrorInfo(code=OOM_KILLED, message=reason, kind=ErrorInfo.KIND_USER), retry=True)


def _failed(code: str, message: str, folder: Path) -> Outcome:
    lines = last_lines(folder / LOG, _TAIL)
    text = message + (": " + " | ".join(line.strip() for line in lines) if lines else " and printed nothing")
    return Outcome(FAILED, ErrorInfo(code=code, message=text, kind=ErrorInfo.KIND_USER), retry=True)
