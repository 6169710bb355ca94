"""The quickstart's files, imported as themselves; its apps run in the test's own process."""

from __future__ import annotations

import importlib.util
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn

QUICKSTART = Path(__file__).resolve().parents[2] / "examples" / "quickstart"


def load(name: str) -> ModuleType:
    """A fresh copy of `examples/quickstart/<name>.py`, under a name that no other example's file has."""
    spec = importlib.util.spec_from_file_location(f"quickstart_{name}", QUICKSTART / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tasks() -> ModuleType:
    return load("tasks")


@pytest.fixture
def model_api() -> ModuleType:
    return load("model_api")


@pytest.fixture
def gateway() -> ModuleType:
    return load("gateway")


@pytest.fixture(scope="session")
def finish() -> ModuleType:
    return load("finish")


@pytest.fixture(scope="session")
def split(tasks: ModuleType) -> list[Any]:
    return tasks.split()


@pytest.fixture(scope="session")
def classifier(tasks: ModuleType, split: list[Any]) -> Any:
    return tasks.fit(split[0], split[2], 1.0)


@pytest.fixture
def serve_model(model_api: ModuleType, classifier: Any, split: list[Any]) -> Callable[[], None]:
    """`serve_model()` puts a trained model on model-api's shelf, as a training run would."""

    def put() -> None:
        _, rows, _, labels = split
        report = {"rows": rows.tolist(), "labels": labels.tolist(), "predictions": classifier.predict(rows).tolist()}
        model_api.shelf.model = model_api.Model("r1", classifier, report)

    return put


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """Serve the ASGI application by a real server. Yields its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def serving() -> Callable[[Any], AbstractContextManager[str]]:
    return listening
