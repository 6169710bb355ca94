"""Runs a program on Pulumi's mock monitor, and records what it registers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime.proto import resource_pb2
from pulumi_flyte.testing import UNKNOWN, SecretValue
from pulumi_flyte.testing.monitor import Answers, RecordingMonitor, event_loop, values_of

FLYTE = {
    "flyte:platform": "flyte",
    "flyte:endpoint": "dns:///flyte.example.com",
    "flyte:baseDomain": "apps.example.com",
}


@dataclass(frozen=True)
class Registration:
    """A resource as the engine is told of it; other resources are named `type name`, types without `flyte:`,
    and the stack by the empty string."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    depends_on: frozenset[str]
    parent: str
    provider: str
    version: str
    create_timeout: str
    ignore_changes: Sequence[str]

    def __str__(self) -> str:
        return f"{self.type} {self.name}"

    @property
    def in_clear(self) -> str:
        """The inputs as a text that shows secrets, to look for a value that must not be there."""
        return str(_revealed(self.inputs))


# Properties that a plugin adds to those of a request.
Computed = Mapping[str, Any] | Callable[[pulumi.runtime.MockResourceArgs], Mapping[str, Any]]


@dataclass
class Program:
    """The registrations, exports and warnings of a program's run."""

    resources: list[Registration] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Return `type name` of every resource."""
        names = [str(resource) for resource in self.resources]
        assert len(names) == len(set(names)), f"registered twice: {names}"
        return set(names)

    def __getitem__(self, name: str) -> Registration:
        matching = [resource for resource in self.resources if str(resource) == name]
        assert matching, f"{name!r} is none of {sorted(self.names)}"
        return matching[0]

    def awaited_by(self, name: str) -> set[str]:
        """Return the resources that one waits for, without the servers that every workload needs."""
        return {each for each in self[name].depends_on if not each.startswith("local:Server")}


class _Monitor(RecordingMonitor):
    """Records also what a test of a program does not look at: versions, time limits, and how often something comes."""

    def __init__(self, program: Program, stack: str, computed: Mapping[str, Computed]) -> None:
        super().__init__("shop", stack, _answers(computed), lambda token, arguments: {})
        self.program = program

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        if request.type != "pulumi:pulumi:Stack":
            self.program.resources.append(
                Registration(
                    type=request.type.removeprefix("flyte:"),
                    name=request.name,
                    inputs=values_of(request.object),
                    depends_on=frozenset(_short(urn) for urn in request.dependencies),
                    parent=_short(request.parent),
                    provider=_short(request.provider.rpartition("::")[0]),
                    version=request.version,
                    create_timeout=request.customTimeouts.create,
                    ignore_changes=tuple(request.ignoreChanges),
                )
            )
        return super().RegisterResource(request)


def _answers(computed: Mapping[str, Computed]) -> Answers:
    def answer(args: pulumi.runtime.MockResourceArgs) -> Mapping[str, object]:
        properties = computed.get(args.typ.removeprefix("flyte:"), {})
        return properties(args) if callable(properties) else properties

    return answer


class _Warnings(logging.Handler):
    def __init__(self, program: Program) -> None:
        super().__init__(logging.WARNING)
        self.program = program

    def emit(self, record: logging.LogRecord) -> None:
        self.program.warnings.append(record.getMessage())


def run(
    declare: Callable[[], Mapping[str, pulumi.Input[Any]] | object],
    config: Mapping[str, str] | None = None,
    *,
    preview: bool = False,
    computed: Mapping[str, Computed] | None = None,
    stack: str = "dev",
) -> Program:
    """Run `declare` as a program of the project `shop`.

    `declare` may return a mapping of Outputs, which are exported: UNKNOWN where a preview does not know them.
    `computed` holds the properties that the plugin would answer with, by type; they may depend on the request.
    """
    program = Program()
    logger = logging.Logger("program")
    logger.addHandler(_Warnings(program))
    monitor = _Monitor(program, stack, computed or {})
    exported: dict[str, pulumi.Output[Any]] = {}

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def execute() -> None:
        returned = declare()
        if isinstance(returned, Mapping):
            exported.update({key: pulumi.Output.from_input(value) for key, value in returned.items()})

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    async def read() -> None:
        for key, output in exported.items():
            program.outputs[key] = await output.future() if await output.is_known() else UNKNOWN

    with event_loop():
        pulumi.runtime.set_mocks(
            monitor.mocks, project="shop", stack=stack, preview=preview, logger=logger, monitor=monitor
        )
        pulumi.runtime.set_all_config(dict(config or {}))
        execute()
        read()
    return program


def error_of(declare: Callable[[], object], config: Mapping[str, str] | None = None) -> str:
    """Run a wrong program. Return the text of its error, which Pulumi prints without a traceback."""
    return _refused(declare, config)[0]


def problems_of(declare: Callable[[], object], config: Mapping[str, str] | None = None) -> list[str]:
    """Run a program with a wrong component and nothing else besides environments. Return its problems, and check that
    it registered no part of the component."""
    text, program = _refused(declare, config)
    registered = {each for each in program.names if each.split()[0] in ("index:App", "index:Task", "index:Secret")}
    assert not registered, f"refused, and registered {registered} all the same"
    return problems_in(text)


def problems_in(text: str) -> list[str]:
    """Return the problems that an ArgumentsError lists, and check that it counts them."""
    header, *lines = text.splitlines()
    expected = "1 problem:" if len(lines) == 1 else f"{len(lines)} problems:"
    assert header.endswith(expected), header
    return [line.removeprefix("  - ") for line in lines]


def _refused(declare: Callable[[], object], config: Mapping[str, str] | None) -> tuple[str, Program]:
    errors: list[str] = []

    def attempt() -> None:
        try:
            declare()
        except pulumi.RunError as error:
            errors.append(str(error))

    program = run(attempt, config)
    assert errors, "the program was not refused"
    return errors[0], program


def check_problems(actual: Sequence[str], expected: Mapping[str, str]) -> None:
    """Check that there is exactly one problem for each path, and that it contains the expected words."""
    by_path = dict(problem.split(": ", 1) for problem in actual)
    assert len(by_path) == len(actual), f"two problems of one path: {actual}"
    assert set(by_path) == set(expected), f"expected problems of {sorted(expected)}, got {actual}"
    for path, words in expected.items():
        assert words in by_path[path], f"{path}: expected {words!r} in {by_path[path]!r}"


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretValue):
        return _revealed(value.reveal())
    if isinstance(value, Mapping):
        return {key: _revealed(item) for key, item in value.items()}
    return [_revealed(item) for item in value] if isinstance(value, list) else value


def _short(urn: str) -> str:
    """Return `api:App web` of a URN, and nothing for the stack."""
    if not urn or "pulumi:pulumi:Stack::" in urn:
        return ""
    _, _, types, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    return f"{types.split('$')[-1].removeprefix('flyte:')} {name}"
