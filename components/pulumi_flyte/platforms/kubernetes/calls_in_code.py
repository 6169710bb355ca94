"""The apps that code calls by Flyte's own means, without an input: `depends_on` and `environment.endpoint`."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_flyte.links import AppLink
from pulumi_flyte.naming import names
from pulumi_flyte.platforms.kubernetes.objects import KubernetesObject
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring import program


def called_in_code(name: str, depends_on: Iterable[str], settings: Settings) -> list[AppLink]:
    """Return links to the apps of this program that the code of a workload names.

    depends_on: the names of the Flyte environments that the workload starts after: apps, and environments of tasks.
    """
    here = program.current(settings)
    waits = {other for other in depends_on if isinstance(here.resources.get(other), KubernetesObject)}
    return [
        AppLink(settings.project, settings.domain, app, names.app_endpoint(app, settings.target))
        for app in sorted(here.endpoints.get(name, set()) | waits)
    ]
