"""The project, domain and organisation of inputs, and the parts of ids."""

from __future__ import annotations

from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties
from pulumi_flyte_provider.resources.operation import Operation


def fill(operation: Operation, inputs: Properties) -> Properties:
    """Return the inputs with project, domain and organisation."""
    scope = operation.default_scope()
    defaults = {"project": scope.project, "domain": scope.domain, "org": operation.connection.config.org}
    return {**inputs, **{key: value for key, value in defaults.items() if inputs.get(key) is None}}


def check_domain(operation: Operation, domain: object, problems: Problems) -> None:
    """Check a domain without asking the control plane."""
    if isinstance(domain, str) and domain:
        problems.add("domain", operation.control_plane.domain_problem(domain))


def is_known(properties: Properties, *keys: str) -> bool:
    """Check that all these properties are known texts."""
    return all(isinstance(properties.get(key), str) and properties[key] is not UNKNOWN for key in keys)


def split_id(token: str, id: str, *parts: str) -> list[str]:
    """Return the parts of an id. Raise ProviderError, which shows the expected form, if it has other parts."""
    texts = id.split("/", len(parts) - 1)
    if len(texts) != len(parts) or not all(texts):
        raise ProviderError(f"{id!r} is not the id of a {token}: expected {'/'.join(parts)}")
    return texts
