"""Flyte 2 apps, tasks, secrets and environments as Pulumi infrastructure as code."""

from pulumi_flyte.app import App
from pulumi_flyte.discover import Discovered, discover
from pulumi_flyte.environment import Environment
from pulumi_flyte.errors import ArgumentsError, CycleError, FlyteError, SourceError
from pulumi_flyte.image import Image
from pulumi_flyte.links import AppEndpoint, Link, TaskRef
from pulumi_flyte.provider import Provider
from pulumi_flyte.secret import Secret
from pulumi_flyte.task import Task
from pulumi_flyte.version import VERSION as __version__

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
