"""Flyte 2 apps, tasks, secrets and environments as Pulumi infrastructure as code.

Its modules and rooms, from the ground up; each imports from the floors below its own only:

    discovery                           all that existing code defines
    app · task · secret                 what a program declares
    workload                            arguments and source as a resource's properties
    source                              the user's code: read, bundled, staged
    wiring                              references, their order and credentials, a container's variables
    environment                         where workloads run
    platforms                           what differs between these places
    settings · api · local · provider   what an environment settles · the plugin's resources
    engine                              how declarations cross Pulumi's engine
    image · links                       the values of arguments
    notation                            values as people write them and as Flyte takes them
    naming                              names, endpoints, scopes and control planes

Beside them `errors`, `problems` and `version`, which everybody may import.

Importing this package loads none of it: each name below loads its module when it is first used (PEP 562). A program
pays for what it declares, and the plugin for the few pure modules that it shares with components. So a room's modules
are imported one by one, and not from the room.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pulumi_flyte.version import VERSION as __version__

if TYPE_CHECKING:
    from pulumi_flyte import api as api
    from pulumi_flyte import local as local
    from pulumi_flyte.app import App as App
    from pulumi_flyte.discovery.declaration import Discovered as Discovered
    from pulumi_flyte.discovery.declaration import discover as discover
    from pulumi_flyte.environment import Environment as Environment
    from pulumi_flyte.errors import ArgumentsError as ArgumentsError
    from pulumi_flyte.errors import CycleError as CycleError
    from pulumi_flyte.errors import FlyteError as FlyteError
    from pulumi_flyte.errors import SourceError as SourceError
    from pulumi_flyte.image import Image as Image
    from pulumi_flyte.links import AppEndpoint as AppEndpoint
    from pulumi_flyte.links import Link as Link
    from pulumi_flyte.links import TaskRef as TaskRef
    from pulumi_flyte.provider import Provider as Provider
    from pulumi_flyte.secret import Secret as Secret
    from pulumi_flyte.task import Task as Task

# No module may be called as a name that another one gives out: importing it would put it in the name's place.
_HOME_OF = {
    "App": "app",
    "AppEndpoint": "links",
    "ArgumentsError": "errors",
    "CycleError": "errors",
    "Discovered": "discovery.declaration",
    "Environment": "environment",
    "FlyteError": "errors",
    "Image": "image",
    "Link": "links",
    "Provider": "provider",
    "Secret": "secret",
    "SourceError": "errors",
    "Task": "task",
    "TaskRef": "links",
    "discover": "discovery.declaration",
}
_SUBMODULES = frozenset({"api", "local"})

__all__ = [
    "App",
    "AppEndpoint",
    "ArgumentsError",
    "CycleError",
    "Discovered",
    "Environment",
    "FlyteError",
    "Image",
    "Link",
    "Provider",
    "Secret",
    "SourceError",
    "Task",
    "TaskRef",
    "__version__",
    "discover",
]


if not TYPE_CHECKING:  # for a type checker, a name that is not above is an error

    def __getattr__(name: str) -> Any:
        if name in _SUBMODULES:
            return importlib.import_module(f"{__name__}.{name}")
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_SUBMODULES})
