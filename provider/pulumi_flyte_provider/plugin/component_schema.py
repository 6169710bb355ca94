"""The schema of the components, as other languages see them: the keywords of the Python classes in camelCase.

A test holds the properties equal to the classes' keywords.
"""

from __future__ import annotations

from typing import Any

STRING: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
INTEGER: dict[str, Any] = {"type": "integer"}
BOOLEAN: dict[str, Any] = {"type": "boolean"}
ANY: dict[str, Any] = {"$ref": "pulumi.json#/Any"}
STRINGS: dict[str, Any] = {"type": "array", "items": STRING}
STRING_MAP: dict[str, Any] = {"type": "object", "additionalProperties": STRING}
ANY_MAP: dict[str, Any] = {"type": "object", "additionalProperties": ANY}
ANY_MAPS: dict[str, Any] = {"type": "array", "items": ANY_MAP}


def _described(kind: dict[str, Any], text: str, *, plain: bool = False) -> dict[str, Any]:
    return {**kind, "description": text, **({"plain": True} if plain else {})}


_ENVIRONMENT_SETTINGS = _described(ANY, "An Environment's `settings`.")
_ADOPT = _described(BOOLEAN, "Take over an object that exists and is not this resource's.")
_NAME = _described(STRING, "The Flyte name, by default the Pulumi name.")
_WIRING = _described(ANY_MAP, "What it may call, by alias: a link, `{app: name}`, `{task: name}` or a plain string.")
_SECRETS = _described(ANY_MAP, "Variable name to a Secret's `link`.")
_RESOURCES = _described(ANY_MAP, "Such as `{cpu: 500m, memory: 512Mi, gpu: 'T4:1'}`; a pair is request and limit.")
_ENV = _described(STRING_MAP, "Plain environment variables.")
_IMAGE = _described(
    ANY,
    "The URI of a container image, or `{python, packages, requirements, apt}`, or `{dockerfile}`: on `local` its "
    "packages become an environment of their own.",
)
_INCLUDE = _described(STRINGS, "More files of the bundle: paths, folders or globs.")
_DESCRIPTION = _described(STRING, "A short text.")

_APP = {
    "environment": _ENVIRONMENT_SETTINGS,
    "source": _described(STRING, "`file.py:attribute`: an ASGI application or a Flyte AppEnvironment."),
    "image": _IMAGE,
    "command": _described(STRINGS, "The command, where there is no source."),
    "args": _described(STRINGS, "The arguments, where there is no source."),
    "port": _described(INTEGER, "The port that the app listens on, 8080 by default."),
    "inputs": _WIRING,
    "secrets": _SECRETS,
    "env": _ENV,
    "resources": _RESOURCES,
    "scaling": _described(ANY_MAP, "Such as `{replicas: [0, 3], concurrency: 10}`."),
    "requiresAuth": _described(BOOLEAN, "Whether callers need a credential; unset: as the platform does."),
    "authRotation": _described(STRING, "Any text; another one makes a new key and new credentials."),
    "health": _described(ANY, "The path that answers 2xx once the app can take requests."),
    "timeouts": _described(ANY_MAP, "`{request: seconds}`, at most 3600."),
    "domain": _described(ANY_MAP, "`{subdomain: …, customDomain: …}`."),
    "consoleLinks": _described(ANY_MAPS, "Links on the app's console page: `{path, title}`."),
    "include": _INCLUDE,
    "serviceAccount": _described(STRING, "The Kubernetes service account."),
    "description": _DESCRIPTION,
    "active": _described(BOOLEAN, "False stops the app and keeps it deployed."),
    "adopt": _ADOPT,
    "name": _NAME,
}
_TASK = {
    "environment": _ENVIRONMENT_SETTINGS,
    "source": _described(STRING, "`file.py:function`: a Flyte task."),
    "image": _IMAGE,
    "command": _described(STRINGS, "The command, where there is no source."),
    "interface": _described(ANY_MAP, "`{inputs: {text: str}, outputs: {count: int}}`, for an image."),
    "inputs": _WIRING,
    "secrets": _SECRETS,
    "env": _ENV,
    "resources": _RESOURCES,
    "retries": _described(INTEGER, "How often a failed run is repeated."),
    "timeout": _described(NUMBER, "Seconds that one attempt may take."),
    "cache": _described(ANY, "True, or a cache version."),
    "triggers": _described(ANY_MAP, "Name to a cron expression, or to `{cron, timezone, inputs}`."),
    "include": _INCLUDE,
    "description": _DESCRIPTION,
    "adopt": _ADOPT,
    "name": _NAME,
}
# The defaults: pulumi_flyte/naming/scopes.py.
PROJECT = _described(
    STRING,
    "The Flyte project. By default `{Pulumi project}` for a stack that is named as a domain, and"
    " `{Pulumi project}-{stack}` for any other.",
)
DOMAIN = _described(
    STRING,
    "The Flyte domain. By default the one that the stack is named as, such as `staging` or `prod`; `development` for"
    " any other stack.",
)
_SECRET = {
    "environment": _ENVIRONMENT_SETTINGS,
    "value": {**_described(STRING, "The value."), "secret": True},
    "existing": _described(BOOLEAN, "Refers to a secret that somebody else keeps."),
    "adopt": _ADOPT,
    "name": _described(STRING, "The key in the store, by default the Pulumi name."),
}
_ENVIRONMENT = {
    "platform": _described(STRING, "`local` (default) or `flyte`."),
    "project": PROJECT,
    "domain": DOMAIN,
    "org": _described(STRING, "The organisation."),
    "endpoint": _described(STRING, "The URL of the Flyte API."),
    "insecure": _described(BOOLEAN, "Whether an endpoint without a scheme is dialled without TLS."),
    "localPort": _described(INTEGER, "The embedded control plane's port, 8480 by default."),
    "python": _described(STRING, "The interpreter that reads and, on `local`, runs the code."),
    "image": _IMAGE,
    "env": _ENV,
    "resources": _RESOURCES,
    "serviceAccount": _described(STRING, "The Kubernetes service account."),
}
_LINK = _described(ANY_MAP, "What it hands out: pass it in `inputs` or `secrets`.")
_VERSION = _described(STRING, "The deployed version.")
_CONSOLE = _described(STRING, "Its page in the console.")

COMPONENTS: dict[str, dict[str, Any]] = {
    "flyte:index:App": {
        "description": "A service that stays up and answers requests.",
        "inputProperties": _APP,
        "requiredInputs": ["environment"],
        "properties": {
            "endpoint": _described(STRING, "The URL under which other workloads reach the app."),
            "publicEndpoint": _described(STRING, "The URL for people."),
            "consoleUrl": _CONSOLE,
            "version": _VERSION,
            "link": _LINK,
        },
    },
    "flyte:index:Task": {
        "description": "Work that is started with inputs, runs to completion and has outputs.",
        "inputProperties": _TASK,
        "requiredInputs": ["environment"],
        "properties": {
            "name": _described(STRING, "The Flyte name."),
            "version": _VERSION,
            "consoleUrl": _CONSOLE,
            "link": _LINK,
        },
    },
    "flyte:index:Secret": {
        "description": "A value in the platform's secret store.",
        "inputProperties": _SECRET,
        "requiredInputs": ["environment"],
        "properties": {"version": _described(STRING, "Changes exactly when the value does."), "link": _LINK},
    },
    "flyte:index:Environment": {
        "description": "Where workloads run.",
        "inputProperties": _ENVIRONMENT,
        "properties": {"settings": _described(ANY, "Pass it as the `environment` of what runs here.")},
    },
}
TOKENS = tuple(COMPONENTS)


def resources() -> dict[str, dict[str, Any]]:
    """The components' part of the package schema."""
    return {token: {"isComponent": True, **schema} for token, schema in COMPONENTS.items()}


def outputs(token: str) -> list[str]:
    """The attributes of a component class that are its outputs."""
    return [_snake(key) for key in COMPONENTS[token]["properties"]]


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
