"""Checks that the project of an object exists. Flyte OSS accepts an app in a project that does not exist."""

from __future__ import annotations

from pulumi_flyte.problems import nearest

from pulumi_flyte_provider.errors import ApiError, MissingProjectError, ProviderError
from pulumi_flyte_provider.flyte_api.identifiers import Scoped
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.project import calls
from pulumi_flyte_provider.resources.project.identity import TOKEN


def require_project(operation: Operation, scope: Scoped) -> None:
    """Raise an error if the project or its domain does not exist, unless the control plane creates projects."""
    connection = operation.connection
    if connection.control_plane.makes_projects:
        return
    try:
        live = calls.get(connection, scope.project, scope.org)
    except ApiError:
        return  # The user may deploy, but not read projects. The platform reports a missing project itself.
    if live is None:
        raise MissingProjectError(
            f"the Flyte project {scope.project!r} does not exist at {connection.config.endpoint}: declare it with"
            " flyte:api:Project, or choose another with `pulumi config set flyte:project …`"
        )
    domains = [domain.id for domain in live.domains]
    if domains and scope.domain not in domains:
        raise ProviderError(
            f"the Flyte project {scope.project!r} has no domain {scope.domain!r}{nearest(scope.domain, domains)}"
            f" (it has {', '.join(domains)}): choose one with `pulumi config set flyte:domain …`"
        )


def foresee_project(operation: Operation, scope: Scoped) -> None:
    """Report in a preview, once for all its objects, that a project or its domain does not exist.

    A missing project is only a warning, because another resource of the program may create it.
    """
    if operation.run.claims.holder(TOKEN, scope.project) is not None:
        return
    if not operation.run.is_first(f"the project {scope.org}/{scope.project}/{scope.domain}", str(operation.urn)):
        return
    try:
        operation.look(lambda: require_project(operation, scope))
    except MissingProjectError as error:
        operation.warn(str(error))
