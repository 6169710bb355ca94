"""The schemas of the Kubernetes API, release by release. The package kubernetes-validate brings them.

Its own function reads 3 MB of definitions for every object.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema.validators import Draft202012Validator
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

# The oldest release that still is common, the one of the tests on real pods, and the newest.
RELEASES = ("1.30", "1.34", "1.37")


def check(manifest: Mapping[str, Any]) -> None:
    """Fail where a release of Kubernetes does not know a field of the object, or takes another type."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    name = "-".join(filter(None, (manifest["kind"].lower(), group.partition(".")[0], version)))
    for release in RELEASES:
        errors = [f"{error.json_path}: {error.message}" for error in _validator(release, name).iter_errors(manifest)]
        assert not errors, f"Kubernetes {release} refuses {manifest['kind']} {manifest['metadata']['name']}: {errors}"


@cache
def _validator(release: str, name: str) -> Draft202012Validator:
    folder = f"kubernetes-json-schema/v{release}.0-local-strict"
    schema = schema_contents(f"{folder}/{name}.json", release)
    return Draft202012Validator(schema, registry=Resource.from_contents(schema) @ _definitions(folder, release))


@cache
def _definitions(folder: str, release: str) -> Registry[Any]:
    definitions = schema_contents(f"{folder}/_definitions.json", release)
    registry: Registry[Any] = Resource.from_contents(definitions) @ Registry()
    return registry
