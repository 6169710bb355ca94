"""Wiring for tests of code that uses this library.

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
    """Wire the process like a container within a `with` block, and undo that after it.

    Blocks may be nested. In blocks that overlap, the block that was entered last wins.

    An input is a URL (an app), `project/domain/name[@version]` (a task), any other string (a value), an ASGI
    application, a `FakeTask`, or a model of flyte_runtime.contract. `secrets` maps keys to values.

    - An ASGI application is called in the event loop of the test. Its exceptions are raised by the call, its lifespan
      does not run, and a streamed body comes in one piece.
    - Webhooks remember deliveries until the block ends, unless FLYTE_STATE_FOLDER is set.
    - `rt.lifespan` does not check aliases that are not wired here, since they may belong to the code of other tests.
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
    """Skip the pauses between attempts, or make them again with `on=False`."""
    pacing.skip_sleeps(on)


# A setting of a wiring: ("variable", name), ("application", URL) or ("backend", task).
_Key = tuple[str, Any]
# For each open block, in the order of their entry, the values before it.
_layers: list[dict[_Key, Any]] = []


def _put(key: _Key, value: Any) -> Any:
    """Change a setting. None removes it. Return its value before."""
    kind, name = key
    if kind == "application":
        from flyte_runtime.apps import pools

        return pools.override(name, value)
    if kind == "backend":
        from flyte_runtime.tasks import handle

        return handle.override(name, value)
    previous = os.environ.pop(name, None)
    if value is not None:
        os.environ[name] = value
    return previous


def _remove(layer: dict[_Key, Any]) -> None:
    """Restore the values before a block. If a later block has changed the same setting, it will restore that value."""
    index = next(number for number, each in enumerate(_layers) if each is layer)
    later_layers = _layers[index + 1 :]
    del _layers[index]
    for key, previous in layer.items():
        later_layer = next((each for each in later_layers if key in each), None)
        if later_layer is None:
            _put(key, previous)
        else:
            later_layer[key] = previous


def _wire(inputs: Mapping[str, Any], secrets: Mapping[str, str], identity: Identity) -> tuple[Wiring, dict[_Key, Any]]:
    wired_inputs: dict[str, Input] = {}
    settings: dict[_Key, Any] = {}
    for alias, target in inputs.items():
        if isinstance(target, str):
            wired_inputs[alias] = _from_text(alias, target)
            settings["variable", variable_name(alias)] = target
            continue
        if isinstance(target, FakeTask):
            task = TaskInput(project=identity.project, domain=identity.domain, name=alias)
            settings["backend", task] = target.backend
            target = task
        elif not isinstance(target, (AppInput, TaskInput)):
            url = f"http://{alias.replace('_', '-').lower()}.test"
            settings["application", url] = _asgi(target)
            target = AppInput(project=identity.project, domain=identity.domain, name=alias, url=url)
        wired_inputs[alias] = target
        settings["variable", variable_name(alias)] = target.url if isinstance(target, AppInput) else target.reference
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
