"""Runs a program on Pulumi's mock monitor, and records what it registers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import mocks, rpc

FLYTE = {
    "flyte:platform": "flyte",
    "flyte:endpoint": "dns:///flyte.example.com",
    "flyte:baseDomain": "apps.example.com",
}


@dataclass(frozen=True)
class SecretText:
    """A property that crosses the engine as a secret."""

    value: Any


class UnknownValue:
    """A property that a preview does not know."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnknownValue)

    def __hash__(self) -> int:
        return hash(UnknownValue)

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = UnknownValue()


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


class _Monitor(mocks.MockMonitor):
    """Answers with the inputs, as docs/testing.md tells users to, and records each request whole."""

    def __init__(self, program: Program, computed: Mapping[str, Computed]) -> None:
        super().__init__(_Echo(computed))
        self.program = program

    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            inputs = rpc.deserialize_properties(request.object, keep_unknowns=True)
            self.program.resources.append(
                Registration(
                    type=request.type.removeprefix("flyte:"),
                    name=request.name,
                    inputs={key: _plain(value) for key, value in inputs.items()},
                    depends_on=frozenset(_short(urn) for urn in request.dependencies),
                    parent=_short(request.parent),
                    provider=_short(request.provider.rpartition("::")[0]),
                    version=request.version,
                    create_timeout=request.customTimeouts.create,
                    ignore_changes=tuple(request.ignoreChanges),
                )
            )
        with _event_loop():
            return super().RegisterResource(request)


class _Echo(pulumi.runtime.Mocks):
    def __init__(self, computed: Mapping[str, Computed]) -> None:
        self._computed = computed

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        answer = self._computed.get(args.typ.removeprefix("flyte:"), {})
        return f"{args.name}-id", {**args.inputs, **(answer(args) if callable(answer) else answer)}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return {}, []


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
    monitor = _Monitor(program, computed or {})
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

    with _event_loop():
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


def _plain(value: Any) -> Any:
    if isinstance(value, Unknown):
        return UNKNOWN
    if rpc.is_rpc_secret(value):
        return SecretText(_plain(rpc.unwrap_rpc_secret(value)))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _short(urn: str) -> str:
    """Return `api:App web` of a URN, and nothing for the stack."""
    if not urn or "pulumi:pulumi:Stack::" in urn:
        return ""
    _, _, types, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    return f"{types.split('$')[-1].removeprefix('flyte:')} {name}"


@contextlib.contextmanager
def _event_loop() -> Iterator[None]:
    """Give the thread an event loop and close it: the SDK makes one where there is none, and leaves it open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        loop.close()
        asyncio.set_event_loop(None)
