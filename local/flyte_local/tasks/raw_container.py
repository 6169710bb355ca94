"""Raw container tasks (`flyte.extras.ContainerTask`): they have no SDK, and their inputs and outputs are files.

On a cluster, a sidecar (CoPilot) puts inputs into `input_path` and collects outputs from `output_path`. Here the
command runs as a process that cannot have `/var/inputs` for itself, so both paths become folders of the attempt. They
are replaced in the task's command and files (processes/declared_paths.py), and are in FLYTE_INPUT_PATH and
FLYTE_OUTPUT_PATH.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from flyteidl2.core import literals_pb2 as literals
from flyteidl2.core.interface_pb2 import TypedInterface
from flyteidl2.core.tasks_pb2 import Container, DataLoadingConfig
from flyteidl2.core.types_pb2 import BlobType, LiteralType, SimpleType
from flyteidl2.task.common_pb2 import NamedLiteral, Outputs
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.struct_pb2 import Struct

from flyte_local.home import make_folder, write_file
from flyte_local.processes.declared_paths import replace_in_files, replaced
from flyte_local.processes.process import not_on_path
from flyte_local.state.data_files import INPUTS, OUTPUTS, path_of, read_inputs
from flyte_local.wire.literals import plain_value

_DEFAULT_INPUT = "/var/inputs"
_DEFAULT_OUTPUT = "/var/outputs"
_EXIT = "exit-code"


def is_raw(container: Container) -> bool:
    """Return whether inputs and outputs are files."""
    return bool(container.data_config.enabled)


def recorded(argv: list[str], folder: Path, search: str) -> list[str]:
    """Return a command that records its beginning and its exit code, for a server that adopts the process.

    Raises CommandError if the command is not on the path `search`.
    """
    if shutil.which(argv[0], path=search) is None:
        raise not_on_path(argv[0], search, "task")
    # The trap keeps the shell until the command has ended. The command does not inherit it, so it gets its own grace.
    # Messages of the shell itself, such as `Terminated`, are dropped.
    run = 'exec 3>&2 2>/dev/null; (exec "$@" 2>&3 3>&-); code=$?'
    script = f'trap : TERM; : > "$0"; {run}; echo $code > "$0"; exit $code'
    return ["/bin/sh", "-c", script, str(folder / _EXIT), *argv]


def recorded_beginning(folder: Path) -> bool:
    """Return whether the command has begun."""
    return (folder / _EXIT).exists()


def recorded_code(folder: Path) -> int | None:
    """Return the recorded exit code, or None if the command did not end by itself."""
    try:
        return int((folder / _EXIT).read_text())
    except (OSError, ValueError):
        return None


@dataclass(frozen=True)
class Staged:
    """The folders of an attempt's inputs and outputs, and the plain forms of inputs for `{{.inputs.name}}`."""

    declared: Mapping[str, Path]
    values: Mapping[str, str]

    def argv(self, argv: list[str]) -> list[str]:
        """Return the command with the declared paths replaced."""
        return [replaced(part, self.declared) for part in argv]

    def environment(self, declared: Mapping[str, str]) -> dict[str, str]:
        """Return the two paths as variables, and every given variable with the paths replaced."""
        variables = {name: replaced(value, self.declared) for name, value in declared.items()}
        inputs, outputs = self.declared.values()
        return {**variables, "FLYTE_INPUT_PATH": str(inputs), "FLYTE_OUTPUT_PATH": str(outputs)}


def stage_inputs(container: Container, location: str, folder: Path) -> Staged:
    """Write every input as a file (a blob as a copy, a collection as JSON), and all of them in the declared format."""
    config = container.data_config
    source, target = make_folder(folder / "inputs"), make_folder(folder / "outputs")
    declared = {config.input_path or _DEFAULT_INPUT: source, config.output_path or _DEFAULT_OUTPUT: target}
    inputs = read_inputs(location)
    values: dict[str, str] = {}
    for literal in inputs.literals:
        path = source / Path(literal.name).name
        blob = _blob(literal.value)
        if blob is not None:
            name = Path(blob.uri).name
            in_folder = config.file_input_layout == DataLoadingConfig.NAMED_DIR and not path_of(blob.uri).is_dir()
            destination = make_folder(path) / name if in_folder else path
            copy = shutil.copytree if path_of(blob.uri).is_dir() else shutil.copyfile
            copy(path_of(blob.uri), destination)
            replace_in_files(destination, declared)
            values[f"inputs.{literal.name}"] = str(destination)
        else:
            text = replaced(plain(literal.value), declared)
            write_file(path, text)
            values[f"inputs.{literal.name}"] = _in_command(literal.value, text)
    write_file(source / INPUTS, inputs.SerializeToString())
    if config.format != DataLoadingConfig.PROTO:
        document = {item.name: _json(item.value) for item in inputs.literals}
        # JSON is YAML too (YAML 1.2 §1.3), so one writer serves both formats.
        suffix = "yaml" if config.format == DataLoadingConfig.YAML else "json"
        write_file(source / f"inputs.{suffix}", json.dumps(document, indent=1))
    return Staged(declared, values)


def collect_outputs(container: Container, interface: TypedInterface, folder: Path, prefix: Path) -> str | None:
    """Read the files of outputs into `prefix`/outputs.pb. Return the problem, or None for success."""
    source = folder / "outputs"
    outputs = Outputs()
    for entry in interface.outputs.variables:
        path = source / Path(entry.key).name
        if not path.exists():
            return f"the task left no output {entry.key!r}: write it to {path.name!r} in its output folder"
        try:
            outputs.literals.append(NamedLiteral(name=entry.key, value=_literal(path, entry.value.type)))
        except (ValueError, ParseError, UnicodeDecodeError) as error:
            return f"the output {entry.key!r} cannot be read as its declared type: {error}"
    make_folder(prefix)
    write_file(prefix / OUTPUTS, outputs.SerializeToString())
    return None


def plain(literal: literals.Literal) -> str:
    """Return a literal as the text that Flyte's backend puts into a command."""
    value = _json(literal)
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _in_command(literal: literals.Literal, text: str) -> str:
    """Return a duration as protobuf's text, which Flyte's sandboxes read (flyte/sandbox/_code_sandbox.py)."""
    primitive = literal.scalar.primitive
    if primitive.WhichOneof("value") != "duration":
        return text
    duration = primitive.duration
    return f"seconds:{duration.seconds}" + (f" nanos:{duration.nanos}" if duration.nanos else "")


def _json(literal: literals.Literal) -> object:
    return plain_value(literal, lambda binary: binary.value.hex())


def _blob(literal: literals.Literal) -> literals.Blob | None:
    if literal.scalar.WhichOneof("value") == "union":
        return _blob(literal.scalar.union.value)
    return literal.scalar.blob if literal.scalar.WhichOneof("value") == "blob" else None


def _literal(path: Path, kind: LiteralType) -> literals.Literal:
    if kind.WhichOneof("type") == "blob":
        expected = BlobType.MULTIPART if path.is_dir() else BlobType.SINGLE
        if kind.blob.dimensionality != expected:
            raise ValueError("a folder was declared and a file found, or the other way round")
        blob = literals.Blob(metadata=literals.BlobMetadata(type=kind.blob), uri=str(path))
        return literals.Literal(scalar=literals.Scalar(blob=blob))
    if kind.WhichOneof("type") in {"collection_type", "map_value_type"} or kind.simple == SimpleType.STRUCT:
        return _from_json(json.loads(path.read_text()), kind)
    text = path.read_text()
    return _from_json(text if kind.simple == SimpleType.STRING else text.strip(), kind)


def _from_json(value: object, kind: LiteralType) -> literals.Literal:
    if kind.WhichOneof("type") == "collection_type" and isinstance(value, list):
        items = [_from_json(item, kind.collection_type) for item in value]
        return literals.Literal(collection=literals.LiteralCollection(literals=items))
    if kind.WhichOneof("type") == "map_value_type" and isinstance(value, dict):
        entries = {str(name): _from_json(item, kind.map_value_type) for name, item in value.items()}
        return literals.Literal(map=literals.LiteralMap(literals=entries))
    if kind.simple == SimpleType.STRUCT:
        return literals.Literal(scalar=literals.Scalar(generic=ParseDict(value, Struct())))
    return literals.Literal(scalar=literals.Scalar(primitive=_to_primitive(str(value), kind.simple)))


def _to_primitive(text: str, kind: SimpleType) -> literals.Primitive:
    if kind == SimpleType.INTEGER:
        return literals.Primitive(integer=int(text))
    if kind == SimpleType.FLOAT:
        return literals.Primitive(float_value=float(text))
    if kind == SimpleType.BOOLEAN:
        if text.lower() not in {"true", "false", "1", "0"}:
            raise ValueError(f"{text!r} is neither true nor false")
        return literals.Primitive(boolean=text.lower() in {"true", "1"})
    if kind == SimpleType.DATETIME:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        primitive = literals.Primitive()
        primitive.datetime.FromDatetime(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))
        return primitive
    if kind == SimpleType.DURATION:
        primitive = literals.Primitive()
        primitive.duration.FromTimedelta(timedelta(seconds=float(text.removesuffix("s"))))
        return primitive
    return literals.Primitive(string_value=text)
