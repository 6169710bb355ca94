"""The inputs and outputs of actions as files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flyteidl2.core.execution_pb2 import ContainerError, ErrorDocument, ExecutionError
from flyteidl2.core.interface_pb2 import TypedInterface
from flyteidl2.task.common_pb2 import Inputs, NamedLiteral, Outputs
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import ErrorInfo
from google.protobuf.message import DecodeError

from flyte_local.home import Home, make_folder, write_file
from flyte_local.wire.identifiers import invalid

INPUTS = "inputs.pb"
OUTPUTS = "outputs.pb"
ERROR = "error.pb"
REPORT = "report.html"

_KINDS: dict[int, ErrorInfo.Kind] = {
    ExecutionError.USER: ErrorInfo.KIND_USER,
    ExecutionError.SYSTEM: ErrorInfo.KIND_SYSTEM,
}


def uri(path: Path) -> str:
    """Return a file's URI as fsspec reads it: plain, without percent-encoding."""
    return f"file://{path}"


def path_of(text: str) -> Path:
    """Return the file of a URI. Raises INVALID_ARGUMENT if it is not a file of this machine."""
    plain = text.removeprefix("file://")
    if not plain.startswith("/") or "\0" in plain:
        raise invalid(f"{text!r} is not a file of this machine: the local control plane stores under file:// only")
    return Path(plain)


def write_inputs(home: Home, scope: str, inputs: Inputs) -> tuple[str, str]:
    """Store inputs by content under `project/domain`. Return their URI and hash."""
    content = inputs.SerializeToString(deterministic=True)
    digest = hashlib.sha256(content).hexdigest()
    folder = make_folder(home.store / "inputs" / scope / digest)
    if not (folder / INPUTS).exists():
        write_file(folder / INPUTS, content)
    return uri(folder / INPUTS), digest


def read_inputs(location: str) -> Inputs:
    """Return the inputs in the file, or in the file of the folder, at a URI.

    Raises INVALID_ARGUMENT if it does not exist.
    """
    path = path_of(location)
    if path.is_dir():
        path = path / INPUTS
    try:
        return Inputs.FromString(path.read_bytes())
    except FileNotFoundError:
        raise invalid(f"the inputs {location!r} are not in this server's store: upload them again") from None
    except DecodeError:
        raise invalid(f"the inputs {location!r} are damaged: upload them again") from None


def complete_inputs(spec: TaskSpec, inputs: Inputs) -> bool:
    """Add the task's defaults to the inputs. Return whether any was added.

    Raises INVALID_ARGUMENT with the missing inputs.
    """
    provided = {literal.name for literal in inputs.literals}
    provided.update(kickoff_inputs(inputs))
    added = False
    for default in spec.default_inputs:
        if default.name not in provided and default.parameter.HasField("default"):
            inputs.literals.append(NamedLiteral(name=default.name, value=default.parameter.default))
            provided.add(default.name)
            added = True
    missing = [entry.key for entry in spec.task_template.interface.inputs.variables if entry.key not in provided]
    if missing:
        raise invalid(
            f"task {spec.task_template.id.name!r} needs a value for its input {', '.join(map(repr, missing))}"
        )
    return added


def kickoff_inputs(inputs: Inputs) -> set[str]:
    """Return the inputs that Flyte's SDK fills with the run's start time itself
    (flyte/_internal/runtime/trigger_serde.py).
    """
    return {pair.value for pair in inputs.context if pair.key == "_u_kickoff_time_input_arg"}


def read_outputs(folder: Path) -> Outputs | None:
    """Return the outputs of an action, or None if there is no readable file."""
    try:
        return Outputs.FromString((folder / OUTPUTS).read_bytes())
    except (OSError, DecodeError):
        return None


def has_outputs(interface: TypedInterface, folder: Path) -> bool:
    """Return whether an action with this interface has left the outputs of a success."""
    return not interface.outputs.variables or (folder / OUTPUTS).is_file()


def read_error(folder: Path) -> tuple[ErrorInfo, bool] | None:
    """Return the error that an action wrote, and whether another attempt may help. A failed action exits with 0."""
    try:
        error = ErrorDocument.FromString((folder / ERROR).read_bytes()).error
    except FileNotFoundError:
        return None
    except (OSError, DecodeError):
        return ErrorInfo(message="the action's error.pb is damaged", kind=ErrorInfo.KIND_SYSTEM, code="Unknown"), True
    info = ErrorInfo(message=error.message, code=error.code, kind=_KINDS.get(error.origin, ErrorInfo.KIND_UNSPECIFIED))
    return info, error.kind == ContainerError.RECOVERABLE


def execution_error(info: ErrorInfo) -> ExecutionError:
    """Return an error in the form that a waiting parent reads."""
    kind = {ErrorInfo.KIND_USER: ExecutionError.USER, ErrorInfo.KIND_SYSTEM: ExecutionError.SYSTEM}.get(info.kind)
    return ExecutionError(code=info.code, message=info.message, kind=kind or ExecutionError.UNKNOWN)
