"""One checkout, control plane and PULUMI_HOME for all examples; each is a stack of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.e2e.harness import VENV_BIN
from tests.examples.example import Example
from tests.ports import free_port

Deploy = Callable[..., AbstractContextManager[Example]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "examples" in item.path.parts:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(600))
            # One worker, and so one server, for all of them.
            item.add_marker(pytest.mark.xdist_group("examples"))


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploy]:
    """`with deployed("webhook", webhookKey="…") as example`: after `pulumi up`, and before `pulumi destroy`."""
    checkout, port = tmp_path_factory.mktemp("checkout"), free_port()
    examples: list[Example] = []

    @contextmanager
    def deploy(name: str, **secrets: str) -> Iterator[Example]:
        example = Example(checkout, port=port, example=name)
        examples.append(example)
        if len(examples) == 1:
            # A control plane that is started by hand stays when the stack of an example is gone.
            example.run(str(VENV_BIN / "flyte-local"), "start", "--port", str(port))
        example.deploy(secrets)
        yield example
        gone = example.destroy()
        assert gone.code == 0, gone.text

    yield deploy
    if examples:
        examples[0].run(str(VENV_BIN / "flyte-local"), "stop", check=False)
        examples[0].close()
