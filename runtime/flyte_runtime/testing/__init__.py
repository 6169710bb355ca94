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
from tempfile import TemporaryDirectory
from typing import Any

from flyte_runtime.container import declarations
from flyte_runtime.container.secrets import default_variable
from flyte_runtime.contract import (
    STATE_FOLDER_VARIABLE,
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
from flyte_runtime.event_loop import pacing
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
    """Within the block, the process is wired as a container would be; afterwards everything is as it was. Blocks may
    lie within each other; of two that overlap, both see what was entered last.

    An input is a URL (an app), `project/domain/name[@version]` (a task), any other string (a value), an ASGI
    application, a `FakeTask`, or one of the contract's own models. `secrets` maps keys to values.

    An ASGI application is called in the test's own loop: what it raises comes out of the call, its lifespan is not
    run, and a streamed body comes as one. Webhooks remember deliveries for as long as the block lasts, unless
    FLYTE_STATE_FOLDER is set. `rt.lifespan` asks for no alias that is not wired here: other tests' code may want it.
    """
    document, settings = _wire(inputs, secrets or {}, identity)
    with TemporaryDirectory(prefix="flyte-wired-", ignore_cleanup_errors=True) as folder:
        if STATE_FOLDER_VARIABLE not in os.environ:
            settings["variable", STATE_FOLDER_VARIABLE] = folder
        layer = {key: _put(key, value) for key, value in settings.items()}
        _layers.append(layer)
        declarations.allow_unknown_aliases(True)
        try:
            yield document
        finally:
            _remove(layer)
            declarations.allow_unknown_aliases(bool(_layers))


def set_testing(on: bool = True) -> None:
    """Pauses between attempts take no time."""
    pacing.skip_sleeps(on)


# What a wiring sets: a variable by its name, an application by its URL, a task's backend by the task.
_Key = tuple[str, Any]
# What each block that is open found, the one entered first first.
_layers: list[dict[_Key, Any]] = []


def _put(key: _Key, value: Any) -> Any:
    """Set it, or remove it with None. What it was before."""
    kind, name = key
    if kind == "application":
        from flyte_runtime.apps import pools

        return pools.override(name, value)
    if kind == "backend":
        from flyte_runtime.tasks import handle

        return handle.override(name, value)
    before = os.environ.pop(name, None)
    if value is not None:
        os.environ[name] = value
    return before


def _remove(layer: dict[_Key, Any]) -> None:
    """Put back what it found; where a block that was entered later has set the same, that one will."""
    at = next(number for number, one in enumerate(_layers) if one is layer)
    later = _layers[at + 1 :]
    del _layers[at]
    for key, found in layer.items():
        heir = next((one for one in later if key in one), None)
        if heir is None:
            _put(key, found)
        else:
            heir[key] = found


def _wire(inputs: Mapping[str, Any], secrets: Mapping[str, str], identity: Identity) -> tuple[Wiring, dict[_Key, Any]]:
    wired_inputs: dict[str, Input] = {}
    settings: dict[_Key, Any] = {}
    for alias, given in inputs.items():
        if isinstance(given, str):
            wired_inputs[alias] = _from_text(alias, given)
            settings["variable", variable_name(alias)] = given
            continue
        if isinstance(given, FakeTask):
            task = TaskInput(project=identity.project, domain=identity.domain, name=alias)
            settings["backend", task] = given.backend
            given = task
        elif not isinstance(given, (AppInput, TaskInput)):
            url = f"http://{alias.replace('_', '-').lower()}.test"
            settings["application", url] = _asgi(given)
            given = AppInput(project=identity.project, domain=identity.domain, name=alias, url=url)
        wired_inputs[alias] = given
        settings["variable", variable_name(alias)] = given.url if isinstance(given, AppInput) else given.reference
    for key, value in secrets.items():
        settings["variable", default_variable(key)] = value
    document = Wiring(identity=identity, inputs=wired_inputs, secrets={key: default_variable(key) for key in secrets})
    settings["variable", WIRING_VARIABLE] = document.to_json()
    return document, settings


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
