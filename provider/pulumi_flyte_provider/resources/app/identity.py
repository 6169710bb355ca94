"""The identity of an app, and the URLs that follow from it."""

from __future__ import annotations

from flyteidl2.app.app_definition_pb2 import Identifier
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.properties.values import Properties, reveal, without_nones
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.operation import Operation

TOKEN = "flyte:api:App"
KEYS = ("name", "project", "domain", "org")
ID_PARTS = ("project", "domain", "name")


def identifier_of(plain: Properties) -> Identifier:
    """Return the identifier that revealed inputs name, as far as it is known."""
    return Identifier(**{key: plain[key] for key in KEYS if isinstance(plain.get(key), str)})


def parse_id(id: str, org: str) -> Identifier:
    """Return the identifier that a resource's id names."""
    project, domain, name = scope.split_id(TOKEN, id, *ID_PARTS)
    return Identifier(org=org, project=project, domain=domain, name=name)


def path(identifier: Identifier) -> str:
    """Return `project/domain/name`, the id of the resource."""
    return f"{identifier.project}/{identifier.domain}/{identifier.name}"


def title(identifier: Identifier) -> str:
    """Return the name of the app for messages."""
    return f"the app {path(identifier)}"


def is_same(one: Identifier, other: Identifier) -> bool:
    """Check whether both identify the same app. The organisation is not compared, since the platform may set it."""
    return (one.project, one.domain, one.name) == (other.project, other.domain, other.name)


def claim(operation: Operation, plain: Properties, problems: Problems) -> None:
    """Claim the app's service name, and report another app of the program that has already claimed it.

    Apps with different names may have the same service name, which is made from project, domain and name.
    """
    target = operation.connection.config.target(plain["project"], plain["domain"])
    service = names.service_name(plain["name"], target)
    id = path(identifier_of(plain))
    other = operation.claim(service, f"{id} ({operation.urn.name!r})")
    if other is not None and other.startswith(f"{id} "):
        problems.add("name", f"another resource declares the app {other} already")
    elif other is not None:
        problems.add("name", f"this app and {other} would both be the service {service!r}: rename one", plain["name"])


def with_urls(operation: Operation, properties: Properties) -> Properties:
    """Return the properties with the app's URLs, computed from the provider's settings. They win over the program's."""
    plain = reveal(properties)
    name, target = plain["name"], operation.connection.config.target(plain["project"], plain["domain"])
    urls = {
        "endpoint": names.app_endpoint(name, target),
        "publicEndpoint": names.public_app_endpoint(name, target),
        "consoleUrl": names.console_url("apps", name, target),
    }
    return without_nones({**properties, **urls})
