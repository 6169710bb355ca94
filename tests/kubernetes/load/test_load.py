"""The short form of `python -m tests.kubernetes.load`: no request and no WebSocket message is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.kubernetes.load.run import run
from tests.kubernetes.load.running_app import RunningApp
from tests.kubernetes.load.stack_app import StackApp
from tests.kubernetes.load.upheavals import Kind
from tests.kubernetes.stack import ClusterStack

Deploy = Callable[[int], RunningApp]
_REQUESTS, _SOCKETS = 2_000, 20


@pytest.fixture
def deploy(stack: ClusterStack) -> Iterator[Deploy]:
    with contextlib.ExitStack() as opened:

        def deployed(replicas: int) -> RunningApp:
            app = StackApp(stack.cluster, replicas, stack=stack)
            opened.callback(app.close)
            app.start()
            return app

        yield deployed


# The long form also rotates a secret and changes the image, which end pods as a change of code does.
@pytest.mark.parametrize(("kind", "replicas"), [("code", 1), ("scale", 1), ("evict", 2), ("evict", 1)])
async def test_what_is_planned_loses_nothing(deploy: Deploy, kind: Kind, replicas: int) -> None:
    result = await run(kind, deploy(replicas), requests=_REQUESTS, web_sockets=_SOCKETS, wired=False)
    assert (result.tally.failed, result.tally.gaps, result.tally.socket_failures.total()) == (0, 0, 0), result.words()
    assert result.tally.closes.keys() <= {"1012"}, result.words()


async def test_a_caller_with_rt_app_sees_nothing_of_a_death(deploy: Deploy) -> None:
    result = await run("kill", deploy(2), requests=_REQUESTS, web_sockets=_SOCKETS, wired=True)
    assert (result.tally.failed, result.tally.gaps, result.tally.socket_failures.total()) == (0, 0, 0), result.words()
