"""`answer_of`: run a program under the stand-in engine as Pulumi's language host runs it under the real one."""

from __future__ import annotations

import os
import runpy
import sys
import traceback
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_flyte.testing.execution import LogEngine, Run, execute

from pulumi_flyte_review.engine.offline.program.declared import Declared
from pulumi_flyte_review.engine.offline.program.monitor import StandInMonitor
from pulumi_flyte_review.engine.offline.program.shown import shown
from pulumi_flyte_review.engine.offline.program.stand_in import StandIn
from pulumi_flyte_review.errors import EngineError


def answer_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a program declares, or what an update of the declarations in `former` to it does."""
    configuration = request["configuration"]
    former = None if request["former"] is None else [Declared.from_json(each) for each in request["former"]]
    settings = {key.removeprefix("flyte:"): value for key, value in configuration.items() if key.startswith("flyte:")}
    engine = StandIn(request["project"], request["stack"], settings, former)
    messages: list[dict[str, str]] = []

    def take(severity: str, message: str, urn: str) -> None:
        messages.append({"severity": severity, "message": message, "urn": urn})

    run = Run(
        project=request["project"],
        stack=request["stack"],
        folder=request["folder"],
        configuration=configuration,
        secret_keys=request["secret_keys"],
    )
    failure = _run(request["program"], run, StandInMonitor(engine, run.project, run.stack), LogEngine(take))
    answer: dict[str, Any] = {"failure": failure, "messages": messages}
    if failure is None and former is None:
        answer["declared"] = [each.as_json() for each in engine.declared]
    elif failure is None:
        answer["steps"] = [shown(each) for each in engine.decisions()]
    return answer


def _run(program: str, run: Run, monitor: StandInMonitor, engine: LogEngine) -> str | None:
    """Run a program as Pulumi's language host does. Return why it failed, if it did."""
    sys.argv, sys.path[0] = [program], program if os.path.isdir(program) else os.path.dirname(program)

    def declare() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        execute(declare, run, monitor, engine)
    except (pulumi.RunError, EngineError) as error:
        return str(error)
    except SystemExit as error:
        return f"the program ended with exit code {error.code}" if error.code else None
    except Exception as error:
        return _failure(error, program)
    return None


def _failure(error: BaseException, program: str) -> str:
    """Return an exception with the lines of the program that led to it."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, EngineError):
        cause = cause.__cause__
    if cause is not None:
        return str(cause)
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename.startswith(program)]
    place = f" ({os.path.relpath(frames[-1].filename, program)}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"
