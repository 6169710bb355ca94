"""The configuration of a stack as a program sees it, without the passphrase: secrets have placeholders.

A placeholder depends on the encrypted text alone. So a secret that was set again counts as changed, and nothing else
does.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pulumi_flyte.notation.engine_marks import SECRET

from pulumi_flyte_review.engine.project import Project
from pulumi_flyte_review.engine.yaml_file import read_yaml
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Json

_DIGITS = 32
# The plugin reads these settings as API keys of Flyte: base64 of `endpoint:client:secret:organisation`.
_API_KEYS = frozenset({"flyte:apiKey", "flyte:containerApiKey"})


@dataclass(frozen=True, slots=True)
class Configuration:
    """All values of a stack as texts, and which of them are secret."""

    values: Mapping[str, str]
    secret_keys: frozenset[str]

    @property
    def masked(self) -> dict[str, str]:
        """The values without those that are secret."""
        return {key: SECRET if key in self.secret_keys else value for key, value in self.values.items()}


def stack_file(project: Project, stack: str) -> Path:
    """Return the path of a stack's configuration."""
    return project.configuration_folder / f"Pulumi.{stack}.yaml"


def stacks_of(project: Project) -> list[str]:
    """Return the stacks that have a configuration in the project's folder."""
    paths = sorted(project.configuration_folder.glob("Pulumi.*.yaml"))
    return [path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in paths]


def read_configuration(project: Project, path: Path) -> Configuration:
    """Return the values of a stack's file, and the project's defaults for all others. A missing file is empty."""
    entries = _entries(project, path)
    secret_keys = frozenset(key for key, value in entries.items() if _has_secret(value))
    return Configuration({key: _text(key, value) for key, value in entries.items()}, secret_keys)


def plain_values(project: Project, path: Path) -> dict[str, Json]:
    """Return the values of a stack as its file has them, with placeholders for what is secret."""
    return {key: _without_ciphertext(key, value) for key, value in _entries(project, path).items()}


def only_stack(project: Project) -> str:
    """Return the only stack that has a configuration. Raises EngineError if there are none or several."""
    stacks = stacks_of(project)
    if len(stacks) != 1:
        listed = f" (it has {', '.join(stacks)})" if stacks else ""
        raise EngineError(f"this command needs the configuration of one stack{listed}: name it with --stack")
    return stacks[0]


def read_ciphertexts(project: Project, path: Path) -> dict[str, str]:
    """Return the encrypted text of each value of a stack that has secrets."""
    entries = _entries(project, path)
    return {key: json.dumps(value, sort_keys=True, default=str) for key, value in entries.items() if _has_secret(value)}


def _entries(project: Project, path: Path) -> dict[str, Json]:
    """Return the values of a stack's file, over the project's defaults, as the files have them."""
    entries = {_full_key(key, project): value for key, value in _default_values(project.defaults)}
    configuration = (read_yaml(path) if path.is_file() else {}).get("config") or {}
    if not isinstance(configuration, Mapping):
        raise EngineError(f"{path} is not the configuration of a stack: its `config` has no keys")
    entries.update({_full_key(key, project): value for key, value in configuration.items()})
    return entries


def _default_values(defaults: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the project's values. A declaration of a type with neither value nor default gives none."""
    for key, entry in defaults.items():
        if isinstance(entry, Mapping) and {"value", "default", "type"} & entry.keys():
            value = entry.get("value", entry.get("default"))
            if value is not None:
                yield key, {"secure": str(value)} if entry.get("secret") else value
        elif entry is not None:
            yield key, entry


def _full_key(key: str, project: Project) -> str:
    return str(key) if ":" in str(key) else f"{project.name}:{key}"


def _has_secret(value: Json) -> bool:
    if isinstance(value, Mapping):
        return set(value) == {"secure"} or any(map(_has_secret, value.values()))
    return isinstance(value, list) and any(map(_has_secret, value))


def _text(key: str, value: Json) -> str:
    """Return a value as Pulumi hands it to a program: objects and lists as JSON."""
    plain = _without_ciphertext(key, value)
    if isinstance(plain, str):
        return plain
    return json.dumps(plain, separators=(",", ":"), default=str)


def _without_ciphertext(key: str, value: Json) -> Json:
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            return placeholder(key, str(value["secure"]))
        return {name: _without_ciphertext(key, item) for name, item in value.items()}
    return [_without_ciphertext(key, item) for item in value] if isinstance(value, list) else value


def placeholder(key: str, ciphertext: str) -> str:
    """Return a stand-in for a secret value.

    It is 32 digits, so that programs can read it as a number, as JSON, as hexadecimal digits and as base64, too.
    """
    digest = hashlib.sha256(f"{key}\0{ciphertext}".encode()).hexdigest()
    # No leading zero: JSON has no such numbers.
    digits = "1" + str(int(digest, 16))[: _DIGITS - 1]
    return base64.b64encode(f"offline:{digits}:{digits}:".encode()).decode() if key in _API_KEYS else digits
