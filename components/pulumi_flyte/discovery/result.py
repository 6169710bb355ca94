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
    """Components by Flyte name. The error about an unknown name suggests a similar one."""

    def __missing__(self, name: str) -> T:
        raise FlyteError(f"discover has declared nothing with the name {name!r}{nearest(name, self)}")


@dataclass(frozen=True)
class Discovered:
    """The components that `discover` declared. Other components can refer to them in `inputs` and `secrets`.

    apps: by name. tasks: by `environment.function`. secrets: the secrets that the code requests, by key.
    """

    apps: ByName[App] = field(default_factory=ByName)
    tasks: ByName[Task] = field(default_factory=ByName)
    secrets: ByName[Secret] = field(default_factory=ByName)
