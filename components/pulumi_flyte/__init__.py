"""Flyte 2 apps, tasks, secrets and environments as Pulumi infrastructure as code.

Its modules and rooms, from the ground up; each imports from the floors below its own only:

    testing · policies                  unit tests of a program, and rules about what it declares
    discovery                           all that existing code defines
    app · task · secret                 what a program declares
    component                           what apps and tasks have in common
    registration                        a component from its call to its resource
    environment                         where workloads run
    platforms                           local, flyte and kubernetes: a specification as resources
    api · local · provider              the plugin's resources
    workload                            arguments, source and references as a specification of any platform
    wiring                              references as edges, their order, a container's variables
    settings                            what an environment settles
    engine                              how declarations cross Pulumi's engine
    links                               references
    arguments                           what each component takes: one typed declaration for each
    source                              the user's code: read, described, bundled, staged
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
    from pulumi_flyte.app import AppOverrides as AppOverrides
    from pulumi_flyte.arguments.app_domain import AppDomain as AppDomain
    from pulumi_flyte.arguments.app_domain import AppDomainDict as AppDomainDict
    from pulumi_flyte.arguments.cluster import Cluster as Cluster
    from pulumi_flyte.arguments.cluster import ClusterDict as ClusterDict
    from pulumi_flyte.arguments.console_link import ConsoleLink as ConsoleLink
    from pulumi_flyte.arguments.console_link import ConsoleLinkDict as ConsoleLinkDict
    from pulumi_flyte.arguments.health import Health as Health
    from pulumi_flyte.arguments.health import HealthDict as HealthDict
    from pulumi_flyte.arguments.image import Image as Image
    from pulumi_flyte.arguments.image import ImageDict as ImageDict
    from pulumi_flyte.arguments.kubernetes import Kubernetes as Kubernetes
    from pulumi_flyte.arguments.kubernetes import KubernetesDict as KubernetesDict
    from pulumi_flyte.arguments.resources import Amount as Amount
    from pulumi_flyte.arguments.resources import Quantity as Quantity
    from pulumi_flyte.arguments.resources import Resources as Resources
    from pulumi_flyte.arguments.resources import ResourcesDict as ResourcesDict
    from pulumi_flyte.arguments.scaling import Replicas as Replicas
    from pulumi_flyte.arguments.scaling import Scaling as Scaling
    from pulumi_flyte.arguments.scaling import ScalingDict as ScalingDict
    from pulumi_flyte.arguments.task_interface import TaskInterface as TaskInterface
    from pulumi_flyte.arguments.task_interface import TaskInterfaceDict as TaskInterfaceDict
    from pulumi_flyte.arguments.timeouts import Timeouts as Timeouts
    from pulumi_flyte.arguments.timeouts import TimeoutsDict as TimeoutsDict
    from pulumi_flyte.arguments.toleration import Toleration as Toleration
    from pulumi_flyte.arguments.toleration import TolerationDict as TolerationDict
    from pulumi_flyte.arguments.trigger import PlainValue as PlainValue
    from pulumi_flyte.arguments.trigger import Trigger as Trigger
    from pulumi_flyte.arguments.trigger import TriggerDict as TriggerDict
    from pulumi_flyte.component import Workload as Workload
    from pulumi_flyte.discovery.declaration import discover as discover
    from pulumi_flyte.discovery.result import Discovered as Discovered
    from pulumi_flyte.environment import Environment as Environment
    from pulumi_flyte.environment import EnvironmentArgument as EnvironmentArgument
    from pulumi_flyte.errors import ArgumentsError as ArgumentsError
    from pulumi_flyte.errors import CycleError as CycleError
    from pulumi_flyte.errors import FlyteError as FlyteError
    from pulumi_flyte.errors import SourceError as SourceError
    from pulumi_flyte.links import AppEndpoint as AppEndpoint
    from pulumi_flyte.links import AppEndpointDict as AppEndpointDict
    from pulumi_flyte.links import AppLink as AppLink
    from pulumi_flyte.links import AppLinkDict as AppLinkDict
    from pulumi_flyte.links import ControlPlaneDict as ControlPlaneDict
    from pulumi_flyte.links import Link as Link
    from pulumi_flyte.links import LinkDict as LinkDict
    from pulumi_flyte.links import SecretLink as SecretLink
    from pulumi_flyte.links import SecretLinkDict as SecretLinkDict
    from pulumi_flyte.links import StackLink as StackLink
    from pulumi_flyte.links import StackLinkDict as StackLinkDict
    from pulumi_flyte.links import TaskLink as TaskLink
    from pulumi_flyte.links import TaskLinkDict as TaskLinkDict
    from pulumi_flyte.links import TaskRef as TaskRef
    from pulumi_flyte.links import TaskRefDict as TaskRefDict
    from pulumi_flyte.links import WorkloadInput as WorkloadInput
    from pulumi_flyte.links import WorkloadReference as WorkloadReference
    from pulumi_flyte.links import WorkloadSecret as WorkloadSecret
    from pulumi_flyte.naming.names import Platform as Platform
    from pulumi_flyte.naming.names import Scheme as Scheme
    from pulumi_flyte.provider import Provider as Provider
    from pulumi_flyte.secret import Secret as Secret
    from pulumi_flyte.settings import EnvironmentSettingsDict as EnvironmentSettingsDict
    from pulumi_flyte.source.read_source import ReadSource as ReadSource
    from pulumi_flyte.task import Task as Task
    from pulumi_flyte.task import TaskOverrides as TaskOverrides

# No module may be called as a name that another one gives out: importing it would put it in the name's place.
_HOME_OF = {
    "Amount": "arguments.resources",
    "App": "app",
    "AppDomain": "arguments.app_domain",
    "AppDomainDict": "arguments.app_domain",
    "AppEndpoint": "links",
    "AppEndpointDict": "links",
    "AppLink": "links",
    "AppLinkDict": "links",
    "AppOverrides": "app",
    "ArgumentsError": "errors",
    "Cluster": "arguments.cluster",
    "ClusterDict": "arguments.cluster",
    "ConsoleLink": "arguments.console_link",
    "ConsoleLinkDict": "arguments.console_link",
    "ControlPlaneDict": "links",
    "CycleError": "errors",
    "Discovered": "discovery.result",
    "Environment": "environment",
    "EnvironmentArgument": "environment",
    "EnvironmentSettingsDict": "settings",
    "FlyteError": "errors",
    "Health": "arguments.health",
    "HealthDict": "arguments.health",
    "Image": "arguments.image",
    "ImageDict": "arguments.image",
    "Kubernetes": "arguments.kubernetes",
    "KubernetesDict": "arguments.kubernetes",
    "Link": "links",
    "LinkDict": "links",
    "PlainValue": "arguments.trigger",
    "Platform": "naming.names",
    "Provider": "provider",
    "Quantity": "arguments.resources",
    "ReadSource": "source.read_source",
    "Replicas": "arguments.scaling",
    "Resources": "arguments.resources",
    "ResourcesDict": "arguments.resources",
    "Scaling": "arguments.scaling",
    "ScalingDict": "arguments.scaling",
    "Scheme": "naming.names",
    "Secret": "secret",
    "SecretLink": "links",
    "SecretLinkDict": "links",
    "SourceError": "errors",
    "StackLink": "links",
    "StackLinkDict": "links",
    "Task": "task",
    "TaskInterface": "arguments.task_interface",
    "TaskInterfaceDict": "arguments.task_interface",
    "TaskLink": "links",
    "TaskLinkDict": "links",
    "TaskOverrides": "task",
    "TaskRef": "links",
    "TaskRefDict": "links",
    "Timeouts": "arguments.timeouts",
    "TimeoutsDict": "arguments.timeouts",
    "Toleration": "arguments.toleration",
    "TolerationDict": "arguments.toleration",
    "Trigger": "arguments.trigger",
    "TriggerDict": "arguments.trigger",
    "Workload": "component",
    "WorkloadInput": "links",
    "WorkloadReference": "links",
    "WorkloadSecret": "links",
    "discover": "discovery.declaration",
}
_SUBMODULES = frozenset({"api", "local"})

__all__ = [
    "Amount",
    "App",
    "AppDomain",
    "AppDomainDict",
    "AppEndpoint",
    "AppEndpointDict",
    "AppLink",
    "AppLinkDict",
    "AppOverrides",
    "ArgumentsError",
    "Cluster",
    "ClusterDict",
    "ConsoleLink",
    "ConsoleLinkDict",
    "ControlPlaneDict",
    "CycleError",
    "Discovered",
    "Environment",
    "EnvironmentArgument",
    "EnvironmentSettingsDict",
    "FlyteError",
    "Health",
    "HealthDict",
    "Image",
    "ImageDict",
    "Kubernetes",
    "KubernetesDict",
    "Link",
    "LinkDict",
    "PlainValue",
    "Platform",
    "Provider",
    "Quantity",
    "ReadSource",
    "Replicas",
    "Resources",
    "ResourcesDict",
    "Scaling",
    "ScalingDict",
    "Scheme",
    "Secret",
    "SecretLink",
    "SecretLinkDict",
    "SourceError",
    "StackLink",
    "StackLinkDict",
    "Task",
    "TaskInterface",
    "TaskInterfaceDict",
    "TaskLink",
    "TaskLinkDict",
    "TaskOverrides",
    "TaskRef",
    "TaskRefDict",
    "Timeouts",
    "TimeoutsDict",
    "Toleration",
    "TolerationDict",
    "Trigger",
    "TriggerDict",
    "Workload",
    "WorkloadInput",
    "WorkloadReference",
    "WorkloadSecret",
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
