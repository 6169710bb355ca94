"""`run_program`: a program's declarations, for a unit test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi
from pulumi.runtime import mocks

from pulumi_flyte.engine.stack_outputs import READ as READ_STACK_OUTPUTS
from pulumi_flyte.testing import program_folder
from pulumi_flyte.testing.declared_stack import DeclaredStack
from pulumi_flyte.testing.execution import LogEngine, Run, execute
from pulumi_flyte.testing.monitor import Answers, RecordingMonitor
from pulumi_flyte.testing.stand_ins import STACK_REFERENCE, STAND_INS, stack_outputs


def run_program(
    program: str | Path | Callable[[], object],
    *,
    config: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    project: str | None = None,
    stack: str = "dev",
    organization: str = "organization",
    stacks: Mapping[str, Mapping[str, object]] | None = None,
    outputs: Mapping[str, Mapping[str, object]] | None = None,
    calls: Mapping[str, Mapping[str, object]] | None = None,
    preview: bool = False,
) -> DeclaredStack:
    """Run a program without an engine, the plugin and a platform, and return what it declares.

    Raises what the program raises: ArgumentsError with every problem of a component, as a preview shows it.

    Args:
        program: The folder or the file of a program, or a function that declares resources. What a function returns as
            a mapping is exported.
        config: The stack's configuration. A key without a namespace is one of the project. The defaults of a
            Pulumi.yaml beside the program hold, too.
        secrets: Configuration that is secret.
        project: The Pulumi project. By default that of the Pulumi.yaml beside the program.
        stack: The stack's name.
        organization: The stack's organization.
        stacks: The outputs of other stacks by their full name, as a StackReference finds them.
        outputs: Outputs of resources by their type, such as those of a provider of a cloud. Inputs are outputs already.
        calls: Results of functions of providers by their token.
        preview: True leaves UNKNOWN what only the plugin or a platform knows, as in a first preview. Otherwise a fixed
            value stands in for it, as after `pulumi up`.
    """
    runs_function = callable(program)
    path = Path.cwd() if runs_function else Path(str(program)).resolve()
    if not path.exists():
        raise FileNotFoundError(f"there is no program {str(program)!r} in {Path.cwd()}")
    folder = path if path.is_dir() else path.parent
    found_project = program_folder.project_of(folder)
    name = project or found_project.name
    configuration = {**found_project.configuration, **(config or {}), **(secrets or {})}
    run = Run(
        name,
        stack,
        organization,
        str(folder),
        {_full(key, name): value for key, value in configuration.items()},
        [_full(key, name) for key in secrets or {}],
        preview,
    )

    def declare() -> None:
        if callable(program):
            returned = program()
            for key, value in (returned if isinstance(returned, Mapping) else {}).items():
                pulumi.export(key, value)
        else:
            program_folder.run_file(path)

    monitor = RecordingMonitor(
        name, stack, _answers(stacks or {}, outputs or {}, preview=preview), _calls(calls or {}, stacks or {})
    )
    warnings: list[str] = []

    def log(severity: str, message: str, urn: str) -> None:
        if severity == "warning":
            warnings.append(message)

    def run_once() -> None:
        with program_folder.inside(folder):
            execute(declare, run, monitor, LogEngine(log))

    # The caller's thread may have an event loop, such as that of a test that is a coroutine.
    with ThreadPoolExecutor(1) as executor:
        executor.submit(run_once).result()
    return DeclaredStack(name, stack, tuple(monitor.declared.values()), monitor.exports, tuple(warnings))


def _full(key: str, project: str) -> str:
    return key if ":" in key else f"{project}:{key}"


def _answers(
    stacks: Mapping[str, Mapping[str, object]], outputs: Mapping[str, Mapping[str, object]], *, preview: bool
) -> Answers:
    def answer(args: mocks.MockResourceArgs) -> Mapping[str, object]:
        if args.typ == STACK_REFERENCE:
            return stack_outputs(str(args.inputs["name"]), stacks)
        stand_in = None if preview else STAND_INS.get(args.typ)
        return {**({} if stand_in is None else stand_in(args.name, args.inputs)), **outputs.get(args.typ, {})}

    return answer


def _calls(
    calls: Mapping[str, Mapping[str, object]], stacks: Mapping[str, Mapping[str, object]]
) -> Callable[[str, Mapping[str, object]], Mapping[str, object]]:
    def answer(token: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        if token == READ_STACK_OUTPUTS:
            return stack_outputs(str(arguments["name"]), stacks)
        return calls.get(token, {})

    return answer
