"""Wiring in one line, for tests of code that uses this library.

with rt.testing.wired({"backend_url": "http://127.0.0.1:8000", "train": "demo/development/ml.train@v1"}):
    …
with rt.testing.wired({"backend_url": backend_app}):      # an ASGI application, called without a network
    …
train = rt.testing.FakeTask(lambda epochs: {"loss": 1 / epochs})
with rt.testing.wired({"train": train}):                  # a task that records its runs: train.runs
    …
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flyte_runtime import pacing
from flyte_runtime.contract import (
    WIRING_VARIABLE,
    AppInput,
    Identity,
    Input,
    TaskInput,
    ValueInput,
    Wiring,
    parse_task_reference,
    variable_name,
)
from flyte_runtime.secrets import default_variable
from flyte_runtime.testing.fake_tasks import FakeRun as FakeRun
from flyte_runtime.testing.fake_tasks import FakeTask

__all__ = ["FakeRun", "FakeTask", "set_testing", "wired"]

_TEST = Identity(kind="app", project="test", domain="development", name="under-test")


@contextmanager
def wired(
    inputs: Mapping[str, str | AppInput | TaskInput | FakeTask | Callable[..., Any]],
    *,
    secrets: Mapping[str, str] | None = None,
    identity: Identity = _TEST,
) -> Iterator[Wiring]:
    """Within the block, the process is wired as a container would be; afterwards everything is as it was.

    An input is a URL (an app), `project/domain/name[@version]` (a task), any other string (a value), an ASGI
    application, a `FakeTask`, or one of the contract's own models. `secrets` maps keys to values.

    An ASGI application is called in the test's own loop: what it raises comes out of the call, its lifespan is not
    run, and a streamed body comes as one.
    """
    from flyte_runtime.apps import transport
    from flyte_runtime.tasks import handle

    document, variables, applications, fakes = _wire(inputs, secrets or {}, identity)
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    transports = {url: transport.override(url, _asgi(application)) for url, application in applications.items()}
    backends = [(found, handle.override(found, fake.backend)) for found, fake in fakes]
    try:
        yield document
    finally:
        for url, earlier in transports.items():
            transport.override(url, earlier)
        for found, runs in backends:
            handle.override(found, runs)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def set_testing(on: bool = True) -> None:
    """Pauses between attempts take no time."""
    pacing.skip_sleeps(on)


def _wire(
    inputs: Mapping[str, Any], secrets: Mapping[str, str], identity: Identity
) -> tuple[Wiring, dict[str, str], dict[str, Any], list[tuple[TaskInput, FakeTask]]]:
    wired_inputs: dict[str, Input] = {}
    variables: dict[str, str] = {}
    applications: dict[str, Any] = {}
    fakes: list[tuple[TaskInput, FakeTask]] = []
    for alias, given in inputs.items():
        if isinstance(given, str):
            wired_inputs[alias] = _from_text(alias, given)
            variables[variable_name(alias)] = given
            continue
        if isinstance(given, FakeTask):
            task = TaskInput(project=identity.project, domain=identity.domain, name=alias)
            fakes.append((task, given))
            given = task
        elif not isinstance(given, (AppInput, TaskInput)):
            url = f"http://{alias.replace('_', '-').lower()}.test"
            applications[url] = given
            given = AppInput(project=identity.project, domain=identity.domain, name=alias, url=url)
        wired_inputs[alias] = given
        variables[variable_name(alias)] = given.url if isinstance(given, AppInput) else given.reference
    for key, value in secrets.items():
        variables[default_variable(key)] = value
    document = Wiring(identity=identity, inputs=wired_inputs, secrets={key: default_variable(key) for key in secrets})
    variables[WIRING_VARIABLE] = document.to_json()
    return document, variables, applications, fakes


def _from_text(alias: str, text: str) -> Input:
    if text.startswith(("http://", "https://")):
        return AppInput(project="test", domain="development", name=alias, url=text)
    try:
        return parse_task_reference(text)
    except ValueError:
        return ValueInput()


def _asgi(application: Any) -> Any:
    import httpx

    return httpx.ASGITransport(app=application)
