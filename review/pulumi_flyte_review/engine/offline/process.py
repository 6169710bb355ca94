"""A program in a process of its interpreter, under the stand-in engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from pulumi_flyte_review.engine.configuration import Configuration
from pulumi_flyte_review.engine.project import Project
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Diagnostic, PropertyChange, Severity, Snapshot, Step

_PROGRAM = "pulumi_flyte_review.engine.offline.program"
# The declarations of a checkout. Only a process of the stand-in engine reads them: they hold placeholders of secrets.
Declarations: TypeAlias = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two checkouts. title: as messages name it."""

    title: str
    project: Project
    configuration: Configuration
    interpreter: str


def declarations(side: Side, stack: str) -> Declarations:
    """Return what a checkout declares. Raises EngineError."""
    return cast(Declarations, _run(side, stack, None)["declared"])


def steps(side: Side, stack: str, former: Declarations) -> tuple[tuple[Step, ...], tuple[Diagnostic, ...]]:
    """Return what an update from the former declarations to a checkout does, and its messages. Raises EngineError."""
    answer = _run(side, stack, former)
    return tuple(map(step_of, answer["steps"])), tuple(map(_diagnostic, answer["messages"]))


def request_of(side: Side, stack: str, former: Declarations | None) -> dict[str, Any]:
    """Return what the program's process is told. former: None to ask for declarations."""
    return {
        "project": side.project.name,
        "stack": stack,
        "folder": str(side.project.folder),
        "program": str(side.project.program),
        "configuration": dict(side.configuration.values),
        "secret_keys": sorted(side.configuration.secret_keys),
        "former": former,
    }


def _run(side: Side, stack: str, former: Declarations | None) -> Mapping[str, Any]:
    request = request_of(side, stack, former)
    done = subprocess.run(
        [side.interpreter, "-m", _PROGRAM],
        cwd=side.project.working_folder,
        env=_environment(),
        input=json.dumps(request),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise EngineError(_end_without_answer(side, done.returncode, done.stderr)) from None
    if answer["failure"] is not None:
        errors = [each["message"] for each in answer["messages"] if each["severity"] == "error"]
        text = "\n".join([*errors, answer["failure"]])
        raise EngineError(f"the program of {side.title} fails under the stand-in engine:\n{text}")
    return cast(Mapping[str, Any], answer)


def _end_without_answer(side: Side, code: int, printed: str) -> str:
    """Return what is known of a process that ended before it could answer: it never started, or crashed, or exited."""
    end = f"the signal {_signal_name(-code)}" if code < 0 else f"exit code {code}"
    last = printed.strip().splitlines()[-5:]
    reason = "" if last else ". It printed nothing: does it call `os._exit`, or an extension that crashes?"
    message = f"the program of {side.title} ended with {end} before it had declared everything, with {side.interpreter}"
    return "\n".join([f"{message}{reason or ':'}", *last])


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _environment() -> dict[str, str]:
    """Return the environment of a program: this one, without settings of the Pulumi CLI. It writes no bytecode."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
    return {**environment, "PYTHONDONTWRITEBYTECODE": "1"}


def step_of(document: Mapping[str, Any]) -> Step:
    """Return a step that the program's process wrote."""
    return Step(
        urn=document["urn"],
        type=document["type"],
        operation=document["operation"],
        parent=document["parent"],
        before=_snapshot(document["before"]),
        after=_snapshot(document["after"]),
        properties=tuple(PropertyChange(**each) for each in document["properties"]),
    )


def _snapshot(document: Mapping[str, Any] | None) -> Snapshot | None:
    return None if document is None else Snapshot(document["inputs"], document["outputs"])


def _diagnostic(document: Mapping[str, str]) -> Diagnostic:
    return Diagnostic(cast(Severity, document["severity"]), document["message"], document["urn"] or None)
