"""The variables and files of a container, as the Kubernetes API has them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi

from pulumi_flyte.engine.outputs import Text, lift
from pulumi_flyte.platforms.kubernetes.objects import Body


@dataclass(frozen=True, slots=True)
class SecretEntry:
    """An entry of a Kubernetes Secret. `object_name` is the name of the Secret."""

    object_name: pulumi.Input[str]
    entry: pulumi.Input[str]


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A secret that a container finds as the file `name` in a folder."""

    folder: str
    name: str
    secret: SecretEntry


def variable_entries(plain: Mapping[str, Text], secrets: Mapping[str, SecretEntry]) -> list[Body]:
    """Return the items of `env`, in one order for all machines."""
    values: list[Body] = [{"name": name, "value": literal(value)} for name, value in sorted(plain.items())]
    references: list[Body] = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": each.object_name, "key": each.entry}}}
        for name, each in sorted(secrets.items())
    ]
    return [*values, *references]


def literal(text: Text) -> Text:
    """Return a text in which Kubernetes replaces nothing: it reads `$(NAME)` as a variable, and `$$` as `$`."""
    return lift(lambda plain: plain.replace("$", "$$"), text)


def file_volumes(files: Iterable[SecretFile]) -> tuple[list[Body], list[Body]]:
    """Return the volumes of secret files, and where a container mounts them: one volume for each folder."""
    folders: dict[str, list[SecretFile]] = {}
    for file in files:
        folders.setdefault(file.folder, []).append(file)
    volumes: list[Body] = [
        {"name": f"secrets-{number}", "projected": {"sources": [_source(file) for file in contents]}}
        for number, contents in enumerate(folders.values())
    ]
    mounts: list[Body] = [
        {"name": f"secrets-{number}", "mountPath": folder, "readOnly": True} for number, folder in enumerate(folders)
    ]
    return volumes, mounts


def _source(file: SecretFile) -> Body:
    return {"secret": {"name": file.secret.object_name, "items": [{"key": file.secret.entry, "path": file.name}]}}
