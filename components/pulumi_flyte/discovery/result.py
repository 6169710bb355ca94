"""The result of `discover`: components by the names that they have in the code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pulumi_flyte.app import App
from pulumi_flyte.errors import FlyteError
from pulumi_flyte.problems import nearest
from pulumi_flyte.secret import Secret
from pulumi_flyte.task import Task

T = TypeVar("T")


class ByName(dict[str, T], Generic[T]):
    """Components by Flyte name; an unknown name is an error that says the nearest one."""

    def __missing__(self, name: str) -> T:
        raise FlyteError(f"nothing discovered is called {name!r}{nearest(name, self)}")


@dataclass(frozen=True)
class Discovered:
    """The components that `discover` declared; each is a reference for other components' `inputs` and `secrets`.

    apps: by name. tasks: by `environment.function`. secrets: by key, those that the code requests.
    """

    apps: ByName[App] = field(default_factory=ByName)
    tasks: ByName[Task] = field(default_factory=ByName)
    secrets: ByName[Secret] = field(default_factory=ByName)
