"""The package schema. Resources are described by their shapes, components and the provider by their declarations.

The format is that of pulumi/pulumi `pkg/codegen/schema/pulumi.json`.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from pulumi_flyte.arguments.provider import ProviderArguments
from pulumi_flyte.version import VERSION

from pulumi_flyte_provider.plugin import component_schema
from pulumi_flyte_provider.plugin.type_schema import Types
from pulumi_flyte_provider.properties.shape import Shape
from pulumi_flyte_provider.resources.app.shape import AppInputs
from pulumi_flyte_provider.resources.auth.auth_key import AuthKeyInputs
from pulumi_flyte_provider.resources.auth.edge_credential import EdgeCredentialInputs
from pulumi_flyte_provider.resources.project.shape import ProjectInputs
from pulumi_flyte_provider.resources.secret.shape import SecretInputs
from pulumi_flyte_provider.resources.server.shape import ServerInputs
from pulumi_flyte_provider.resources.task.shape import TaskInputs
from pulumi_flyte_provider.resources.trigger.shape import TriggerInputs

REPOSITORY = "https://github.com/pulumi-flyte/pulumi-flyte"
# Generated SDKs and YAML programs pass this URL to the engine, which downloads the plugin from it. Without it, the
# engine looks for a plugin of this name in Pulumi's own organisation.
PLUGIN_DOWNLOAD_URL = "github://api.github.com/pulumi-flyte/pulumi-flyte"

STRING: dict[str, Any] = {"type": "string"}
_OWNER = {**STRING, "description": "The owner of the object: Pulumi project, stack and resource."}
_VERSION = {**STRING, "description": "A text that changes only if the value changes."}
_KEY = {**STRING, "description": "The random key of the versions.", "secret": True}
_PRIVATE_KEY = {**STRING, "description": "The private key that signs credentials.", "secret": True}
_PUBLIC_KEYS = {
    "type": "array",
    "items": {"type": "object", "additionalProperties": STRING},
    "description": "The valid public keys as JWKs, the newest first.",
}
_CREATED_AT = {"type": "integer", "description": "The time of the newest key, in unix seconds."}
_CREDENTIAL = {**STRING, "description": "The credential, a JWT.", "secret": True}
_EPOCH = {"type": "integer", "description": "A counter of lost states of the server. Pass it as `instance`."}
_ENDPOINT = {**STRING, "description": "The URL of the server's Flyte API."}

_RESOURCES: dict[str, tuple[type[Shape], str, dict[str, Any], tuple[str, ...]]] = {
    "flyte:api:App": (
        AppInputs,
        "A Flyte app: a long-running service behind a URL. Its id is `project/domain/name`.",
        {"owner": _OWNER},
        ("project", "domain", "org", "endpoint", "publicEndpoint", "consoleUrl"),
    ),
    "flyte:api:Task": (
        TaskInputs,
        "A version of a Flyte task. A new version is an update. `destroy` does not delete it: Flyte keeps all versions."
        " Its id is `project/domain/name`.",
        {"owner": _OWNER},
        ("project", "domain", "org", "consoleUrl"),
    ),
    "flyte:api:Secret": (
        SecretInputs,
        "A secret in Flyte's store. Its id is `name`, `domain/name` or `project/domain/name`.",
        {"version": _VERSION, "versionKey": _KEY, "owner": _OWNER},
        ("project", "domain", "org", "version"),
    ),
    "flyte:api:Trigger": (
        TriggerInputs,
        "A trigger of a task: a cron expression, a fixed interval, or neither (on demand)."
        " Its id is `project/domain/task/trigger`.",
        {"owner": _OWNER},
        ("project", "domain", "org"),
    ),
    "flyte:api:Project": (
        ProjectInputs,
        "A Flyte project. Flyte cannot delete projects, so `destroy` archives it. Its id is its name.",
        {"owner": _OWNER},
        ("org",),
    ),
    "flyte:api:AuthKey": (
        AuthKeyInputs,
        "The key that signs the credentials of an app's callers. It exists only in Pulumi's state.",
        {"privateKey": _PRIVATE_KEY, "keys": _PUBLIC_KEYS, "createdAt": _CREATED_AT},
        ("privateKey", "keys", "createdAt"),
    ),
    "flyte:api:EdgeCredential": (
        EdgeCredentialInputs,
        "The credential of one caller for one app that requires credentials.",
        {"credential": _CREDENTIAL},
        ("credential",),
    ),
    "flyte:local:Server": (
        ServerInputs,
        "The embedded control plane of this machine. `up` starts it; a preview never does.",
        {"endpoint": _ENDPOINT, "epoch": _EPOCH, "owner": _OWNER},
        ("port", "endpoint", "epoch"),
    ),
}


@cache
def package_schema_json() -> str:
    """Return the schema as JSON."""
    return json.dumps(package_schema())


def package_schema() -> dict[str, Any]:
    """Return the schema."""
    types = Types()
    resources = {token: _resource(*entry, types) for token, entry in _RESOURCES.items()}
    resources |= {token: component_schema.resource(token, types) for token in component_schema.TOKENS}
    settings = types.properties(ProviderArguments)
    return {
        "name": "flyte",
        "displayName": "Flyte",
        "version": VERSION,
        "description": "Flyte 2 apps, tasks, secrets and triggers as infrastructure as code.",
        "keywords": ["pulumi", "flyte", "kind/component", "category/infrastructure"],
        "publisher": "pulumi-flyte",
        "homepage": REPOSITORY,
        "repository": REPOSITORY,
        "pluginDownloadURL": PLUGIN_DOWNLOAD_URL,
        "license": "Apache-2.0",
        "config": {"variables": settings},
        "provider": {
            "description": "The address of the Flyte API, and defaults for names.",
            "inputProperties": settings,
        },
        "types": types.collected,
        "resources": resources,
        "language": {
            "python": {"packageName": "pulumi_flyte", "respectSchemaVersion": True, "pyproject": {"enabled": True}},
            "nodejs": {"packageName": "@pulumi-flyte/flyte", "respectSchemaVersion": True},
            "go": {
                "importBasePath": "github.com/pulumi-flyte/pulumi-flyte/sdk/go/flyte",
                "respectSchemaVersion": True,
            },
            "csharp": {"rootNamespace": "PulumiFlyte", "respectSchemaVersion": True},
        },
    }


def _resource(
    shape: type[Shape], description: str, outputs: dict[str, Any], always: tuple[str, ...], types: Types
) -> dict[str, Any]:
    inputs, required = types.properties(shape), types.required(shape)
    return {
        "description": description,
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": {**inputs, **outputs},
        "required": sorted({*required, *always}),
    }
