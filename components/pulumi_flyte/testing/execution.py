"""Runs a program in this process as Pulumi's language host does, with a monitor in the engine's place."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from google.protobuf import empty_pb2
from pulumi.runtime import configure, mocks, run_in_stack, set_all_config
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.settings import set_root_resource

_PARALLEL = 16
_SEVERITIES = {engine_pb2.INFO: "info", engine_pb2.WARNING: "warning", engine_pb2.ERROR: "error"}


@dataclass(frozen=True)
class Run:
    """The surroundings of a run. `configuration` has full keys, such as `shop:apiKey`."""

    project: str
    stack: str
    organization: str = "organization"
    folder: str = "."
    configuration: Mapping[str, str] = field(default_factory=dict)
    secret_keys: Collection[str] = ()
    preview: bool = True


class LogEngine:
    """The engine's log. `take` gets severity, message and URN."""

    def __init__(self, take: Callable[[str, str, str], None]) -> None:
        self._take = take

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:
        """Take one message. Those for debugging are left out."""
        if request.severity in _SEVERITIES:
            self._take(_SEVERITIES[request.severity], request.message, request.urn)
        return empty_pb2.Empty()

    def GetRootResource(self, request: engine_pb2.GetRootResourceRequest) -> engine_pb2.GetRootResourceResponse:
        """Say that the engine keeps no root resource."""
        return engine_pb2.GetRootResourceResponse()

    def SetRootResource(self, request: engine_pb2.SetRootResourceRequest) -> engine_pb2.SetRootResourceResponse:
        """Take the stack's URN."""
        return engine_pb2.SetRootResourceResponse()


def execute(
    program: Callable[[], Awaitable[None] | None], run: Run, monitor: mocks.MockMonitor, engine: LogEngine
) -> None:
    """Run a program to its end, with everything that it starts. Raises what the program raises.

    Nothing of it is left in Pulumi's SDK: its settings are those of a context, and this context ends.
    """
    contextvars.copy_context().run(_execute, program, run, monitor, engine)


def _execute(
    program: Callable[[], Awaitable[None] | None], run: Run, monitor: mocks.MockMonitor, engine: LogEngine
) -> None:
    set_all_config(dict(run.configuration), list(run.secret_keys))
    configure(
        mocks.MockSettings(  # type: ignore[no-untyped-call]
            monitor=monitor,
            engine=engine,
            project=run.project,
            stack=run.stack,
            organization=run.organization,
            root_directory=run.folder,
            dry_run=run.preview,
            parallel=_PARALLEL,
            monitor_features=set(),
            outputs=set(),
            lock=threading.Lock(),
            package_refs={},
            callbacks=None,
        )
    )
    set_root_resource(None)  # type: ignore[arg-type]
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        with ThreadPoolExecutor(max_workers=_PARALLEL * 4) as executor:
            loop.set_default_executor(executor)
            loop.run_until_complete(run_in_stack(program))
    finally:
        # Of a program that fails, registrations may still be under way.
        pending = asyncio.all_tasks(loop)
        for task in pending:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()
