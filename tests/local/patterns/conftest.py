"""One server for all patterns; each program is deployed by Flyte's own CLI and reached over the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.local.tasks.conftest import DOMAIN, PROJECT, World, _world, until

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Patterns:
    """The server, what deploys to it and what asks its apps."""

    world: World

    def flyte(self, *arguments: str, folder: str = "") -> str:
        """Flyte's own CLI, in the programs' folder."""
        return self.world.flyte(*arguments, cwd=PROGRAMS / folder)

    def deploy(self, file: str, *arguments: str, folder: str = "") -> str:
        """Every environment of a file."""
        return self.flyte("deploy", "--all", *arguments, file, folder=folder)

    def endpoint(self, app: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.world.port}/apps/{PROJECT}/{DOMAIN}/{app}"

    def get(self, app: str, path: str = "/", **options: Any) -> httpx.Response:
        """Return an app's answer, with any status. A request waits until the app has started."""
        return httpx.get(self.endpoint(app) + path, timeout=120, **options)

    def post(self, app: str, path: str, **options: Any) -> httpx.Response:
        return httpx.post(self.endpoint(app) + path, timeout=120, **options)

    def up(self, app: str, path: str = "/") -> httpx.Response:
        """Return the first answer that is not a failure to start."""

        def answer() -> httpx.Response | None:
            response = self.get(app, path)
            return response if response.status_code < 500 else None

        return until(answer)

    def phase(self, run: str) -> str:
        """A run's phase once it has ended."""
        code = f"run = remote.Run.get({run!r}); run.wait(quiet=True); print(json.dumps(run.phase.value))"
        return str(self.world.python(code))


@pytest.fixture(scope="session")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patterns]:
    for world in _world(tmp_path_factory.mktemp("patterns")):
        yield Patterns(world)


@pytest.fixture(scope="session")
def deployed(patterns: Patterns) -> Callable[..., Patterns]:
    """`deployed("file.py")`: the server with that program on it; deployed once a session."""
    done: set[str] = set()

    def deploy(file: str, *arguments: str, folder: str = "") -> Patterns:
        if file not in done:
            patterns.deploy(file, *arguments, folder=folder)
            done.add(file)
        return patterns

    return deploy
