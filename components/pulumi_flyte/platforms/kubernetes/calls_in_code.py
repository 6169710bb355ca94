"""The apps that code calls by Flyte's own means, without an input: `depends_on` and `environment.endpoint`."""

from __future__ import annotations

from pulumi_flyte.links import AppLink
from pulumi_flyte.naming import names
from pulumi_flyte.platforms.kubernetes.objects import KubernetesObject
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring import program


def called_in_code(name: str, settings: Settings) -> list[AppLink]:
    """Return links to the apps of this program that the code of a workload names."""
    here = program.current(settings)
    # What a workload waits for is an app, a task, or a whole environment of tasks.
    waits = {other for other in here.waits.get(name, ()) if isinstance(here.resources.get(other), KubernetesObject)}
    return [
        AppLink(settings.project, settings.domain, app, names.app_endpoint(app, settings.target))
        for app in sorted(here.endpoints.get(name, set()) | waits)
    ]
