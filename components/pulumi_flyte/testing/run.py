"""`run_program`: a program's declarations, for a unit test."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
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
from pulumi_flyte.testing.values import UNKNOWN, property_of


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

    Raises what the program raises: ArgumentsError with every problem of a component, as a preview shows it. Raises
    TypeError for an argument of another type.

    Args:
        program: The folder or the file of a program, or a function that declares resources. What a function returns as
            a mapping is exported.
        config: The stack's configuration. A key without a namespace is one of the project. The defaults of a
            Pulumi.yaml beside the program hold, too.
        secrets: Configuration that is secret.
        project: The Pulumi project. By default that of the Pulumi.yaml beside the program.
        stack: The stack's name.
        organization: The stack's organization.
        stacks: The outputs of other stacks by their full name, as a StackReference finds them: values, or the `exports`
            of another run. A secret is a SecretValue.
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
    folder_project = program_folder.project_of(folder)
    name = project or folder_project.name
    configuration = {**folder_project.configuration, **_texts("config", config), **_texts("secrets", secrets)}
    run = Run(
        name,
        stack,
        organization,
        str(folder),
        {_full(key, name): value for key, value in configuration.items()},
        [_full(key, name) for key in secrets or {}],
        preview,
    )

    def declare() -> Awaitable[None] | None:
        if not callable(program):
            program_folder.run_file(path)
            return None
        returned = program()
        if inspect.isawaitable(returned):
            return _export_awaited(returned)
        _export(returned)
        return None

    other_stacks = _outputs("stacks", stacks)
    for other, exports in (stacks or {}).items():
        for key, value in exports.items():
            if value is UNKNOWN:
                raise TypeError(
                    f"stacks[{other!r}][{key!r}] is UNKNOWN, and a stack has the outputs of its last update:"
                    " give a value, such as that of a run without preview=True"
                )
    answers = _answers(other_stacks, _outputs("outputs", outputs), preview=preview)
    monitor = RecordingMonitor(name, stack, answers, _calls(_outputs("calls", calls), other_stacks))
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


def _export(returned: object) -> None:
    for key, value in (returned if isinstance(returned, Mapping) else {}).items():
        pulumi.export(key, value)


async def _export_awaited(returned: Awaitable[object]) -> None:
    _export(await returned)


def _texts(argument: str, values: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return configuration. Raises TypeError for a value that is not a text, and hides it: it may be a secret."""
    if not isinstance(values, (Mapping, type(None))):
        raise TypeError(f"run_program(…, {argument}=…): a mapping of keys and texts, not a {type(values).__name__}")
    for key, value in (values or {}).items():
        if not isinstance(value, str):
            raise TypeError(
                f"run_program(…, {argument}={{{key!r}: …}}): a text, not a {type(value).__name__}."
                " Configuration is text, such as '3', 'true' or JSON"
            )
    return values or {}


def _outputs(argument: str, values: Mapping[str, Mapping[str, object]] | None) -> Mapping[str, Mapping[str, object]]:
    """Return values as Pulumi's SDK takes them. Raises TypeError."""
    if not isinstance(values, (Mapping, type(None))):
        raise TypeError(f"run_program(…, {argument}=…): a mapping of mappings, not a {type(values).__name__}")
    outputs: dict[str, Mapping[str, object]] = {}
    for key, value in (values or {}).items():
        properties = property_of(value, f"{argument}[{key!r}]")
        if not isinstance(properties, dict):
            raise TypeError(f"run_program(…, {argument}={{{key!r}: …}}): a mapping, not a {type(value).__name__}")
        outputs[key] = properties
    return outputs


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
