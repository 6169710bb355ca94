"""Real previews, by the command `pulumi`. One process, as each further one costs a second."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from pulumi_flyte_review.engine.events import Event, drift_of, preview_of
from pulumi_flyte_review.engine.failure import failure_message
from pulumi_flyte_review.engine.held_signals import held_signals
from pulumi_flyte_review.engine.project import project_around
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Preview
from pulumi_flyte_review.model.urns import name_of

_PAUSE = 0.05
# The option --event-log is hidden without the first. Pulumi's automation API sets it, too.
_VARIABLES = {"PULUMI_DEBUG_COMMANDS": "true", "PULUMI_SKIP_UPDATE_CHECK": "true"}
Progress = Callable[[str], None]
# Takes each line of the event log.
Lines = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Program:
    """A program of Pulumi: its folder, and the name of one of its stacks. None: the selected stack.

    variables: of the environment of `pulumi`, besides those of this command.
    """

    folder: Path
    stack: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


def preview(
    program: Program,
    *,
    refresh: bool = False,
    options: tuple[str, ...] = (),
    progress: Progress = lambda text: None,
    lines: Lines = lambda line: None,
) -> Preview:
    """Return what an update would do. Raises EngineError with one message where the preview fails.

    refresh: whether the state is compared with the live resources first. options: further options of `pulumi preview`.
    progress: is told what the engine does. lines: is given the engine's event log.
    """
    command = ["preview", *_stack(program), *options, *(["--refresh"] if refresh else [])]
    return preview_of(run_logged(program, command, progress, lines), refreshed=refresh)


def update(
    program: Program,
    plan: Path,
    *,
    refresh: bool = False,
    progress: Progress = lambda text: None,
    lines: Lines = lambda line: None,
) -> Preview:
    """Carry out a saved plan, and return what was done. Raises EngineError, also where the engine refuses the plan."""
    options = ["--plan", str(plan), "--yes", "--skip-preview", *(["--refresh"] if refresh else [])]
    return preview_of(run_logged(program, ["up", *_stack(program), *options], progress, lines), refreshed=refresh)


def output_of(program: Program, command: list[str]) -> str:
    """Return what a command of `pulumi` prints. Raises EngineError."""
    return output_in(program.folder, [*command, *_stack(program)], program.variables)


def output_in(folder: Path, command: Sequence[str], variables: Mapping[str, str] | None = None) -> str:
    """Return what a command of `pulumi` prints in a folder. Raises EngineError."""
    done = subprocess.run(
        [executable(), *command, "--non-interactive", "--color", "never"],
        cwd=folder,
        env={**os.environ, **_VARIABLES, **(variables or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise EngineError(failure_message((), done.stderr, str(folder.resolve())))
    return done.stdout


def drift(program: Program, *, progress: Progress = lambda text: None, lines: Lines = lambda line: None) -> Preview:
    """Return what somebody changed outside of Pulumi. No program runs, and nothing is written. Raises EngineError."""
    preview = drift_of(run_logged(program, ["refresh", "--preview-only", *_stack(program)], progress, lines))
    return preview if preview.steps else _named(preview, program)


def _named(preview: Preview, program: Program) -> Preview:
    """Return a preview of an empty stack with its names, which the events tell by their resources only."""
    project = project_around(program.folder)
    stack = output_of(program, ["stack", "--show-name"]).strip()
    return replace(preview, project="" if project is None else project.name, stack=stack)


def run_logged(program: Program, command: Sequence[str], progress: Progress, lines: Lines) -> Sequence[Event]:
    """Run a command of `pulumi` that writes events, and return these. Raises EngineError where the command fails."""
    with tempfile.TemporaryDirectory(prefix="pulumi-flyte-") as folder:
        log = Path(folder, "events")
        arguments = [executable(), *command, "--event-log", str(log), "--non-interactive", "--color", "never"]
        with Path(folder, "output").open("w+", encoding="utf-8", errors="replace") as output:
            with ExitStack() as running:
                # A signal between the start and the wait would leave the engine to itself.
                with held_signals():
                    process = running.enter_context(
                        subprocess.Popen(
                            arguments,
                            cwd=program.folder,
                            env={**os.environ, **_VARIABLES, **program.variables},
                            stdin=subprocess.DEVNULL,
                            stdout=output,
                            stderr=subprocess.STDOUT,
                            # Ctrl-C reaches this command only, which hands it on once: on a second one, the engine
                            # just stops.
                            start_new_session=True,
                        )
                    )
                    running.enter_context(_interrupted(process))
                events = list(_events(log, process, progress, lines))
            output.seek(0)
            printed = output.read()
    if process.returncode != 0:
        diagnostics = preview_of(events).diagnostics
        raise EngineError(failure_message(diagnostics, printed, str(program.folder.resolve())))
    return events


@contextmanager
def _interrupted(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Interrupt the engine where this command is, and wait: it ends the operations that it has begun."""
    try:
        yield
    except KeyboardInterrupt:
        while process.poll() is None:
            with suppress(KeyboardInterrupt):
                process.send_signal(signal.SIGINT)
                process.wait()
        raise


def _stack(program: Program) -> list[str]:
    return [] if program.stack is None else ["--stack", program.stack]


def executable() -> str:
    """Return the path of the command `pulumi`. Raises EngineError."""
    path = shutil.which("pulumi")
    if path is None:
        raise EngineError("there is no `pulumi` on PATH: https://www.pulumi.com/docs/install/")
    return path


def _events(log: Path, process: subprocess.Popen[bytes], progress: Progress, lines: Lines) -> Iterator[Event]:
    """Yield the events while the engine writes them, until it ends."""
    unfinished, position = b"", 0
    while True:
        ended = process.poll() is not None
        if log.exists():
            with log.open("rb") as file:
                file.seek(position)
                unfinished += file.read()
                position = file.tell()
        *complete, unfinished = unfinished.split(b"\n")
        for line in complete:
            lines(line)
            event = json.loads(line)
            _tell(event, progress)
            yield event
        if ended:
            return
        time.sleep(_PAUSE)


def _tell(event: Event, progress: Progress) -> None:
    metadata = event.get("resourcePreEvent", {}).get("metadata")
    if metadata is not None:
        progress(f"{metadata['op']} {name_of(metadata['urn'])}")
