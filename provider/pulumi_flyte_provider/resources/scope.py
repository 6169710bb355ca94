"""Project, domain and organisation: filled in from the provider's settings, and looked up where that is needed."""

from __future__ import annotations

from flyteidl2.project.project_service_pb2 import GetProjectRequest
from pulumi_flyte.problems import Problems, nearest

from pulumi_flyte_provider.errors import ApiError, MissingProjectError, NotFoundError, ProviderError
from pulumi_flyte_provider.properties.codec import UNKNOWN, Tree
from pulumi_flyte_provider.resources.resource import Call


def fill(call: Call, tree: Tree) -> Tree:
    """The inputs with project, domain and organisation."""
    scope = call.default_scope()
    defaults: Tree = {"project": scope.project, "domain": scope.domain, "org": call.connection.config.org}
    return {**tree, **{key: value for key, value in defaults.items() if tree.get(key) is None}}


def check_domain(call: Call, domain: object, problems: Problems) -> None:
    """Check what is known of a domain without asking the control plane."""
    if isinstance(domain, str) and domain:
        problems.add("domain", call.connection.control_plane.domain_problem(domain))


def is_known(tree: Tree, *keys: str) -> bool:
    """Whether all of the properties are given and known texts."""
    return all(isinstance(tree.get(key), str) and tree[key] is not UNKNOWN for key in keys)


def split_id(token: str, id: str, *parts: str) -> list[str]:
    """The parts of an id. Raises ProviderError that shows the form."""
    found = id.split("/", len(parts) - 1)
    if len(found) != len(parts) or not all(found):
        raise ProviderError(f"{id!r} is not the id of a {token}: expected {'/'.join(parts)}")
    return found


def require_project(call: Call, project: str, domain: str, org: str) -> None:
    """Flyte OSS accepts an app in a project that does not exist, so we look, unless projects are made on first use."""
    connection = call.connection
    if connection.control_plane.makes_projects:
        return
    request = GetProjectRequest(id=project, org=org)
    try:
        answer = connection.call(connection.projects.get_project, request, what=f"looking up the project {project!r}")
    except NotFoundError:
        raise MissingProjectError(
            f"the Flyte project {project!r} does not exist at {connection.config.endpoint}: declare it with"
            " flyte:api:Project, or choose another with `pulumi config set flyte:project …`"
        ) from None
    except ApiError:
        return  # A platform that lets us deploy and not look: it will say itself what is missing.
    domains = [found.id for found in answer.project.domains]
    if domains and domain not in domains:
        raise ProviderError(
            f"the Flyte project {project!r} has no domain {domain!r}{nearest(domain, domains)}"
            f" (it has {', '.join(domains)}): choose one with `pulumi config set flyte:domain …`"
        )


def foresee_project(call: Call, project: str, domain: str, org: str) -> None:
    """Say in a preview, once for all that is in it, that a project or its domain does not exist.

    A missing project is a warning, as another resource of the program may be about to make it.
    """
    if call.claims.holder("flyte:api:Project", project) is not None:
        return
    if call.claims.claim("a look at", f"{org}/{project}/{domain}", call.urn.text, "") is not None:
        return
    try:
        call.look(lambda: require_project(call, project, domain, org))
    except MissingProjectError as error:
        call.warn(str(error))
