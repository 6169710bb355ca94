"""Pulumi.yaml: the project, its program and its default configuration."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pulumi_flyte_review.engine.yaml_file import read_yaml
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Json

_NAMES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


@dataclass(frozen=True, slots=True)
class Project:
    """A Pulumi project in a folder.

    program: the folder or file that is run. configuration_folder: where the files of the stacks are.
    virtual_environment: of the program's Python, as Pulumi.yaml names it. defaults: the configuration of all stacks.
    """

    name: str
    folder: Path
    runtime: str
    program: Path
    configuration_folder: Path
    virtual_environment: str | None = None
    defaults: Mapping[str, Json] = field(default_factory=dict)

    @property
    def interpreter(self) -> str:
        """The Python of the program: that of the project's virtual environment, or the one that runs this command."""
        if self.virtual_environment is not None:
            for python in ("bin/python", "Scripts/python.exe"):
                path = self.folder / self.virtual_environment / python
                if path.exists():
                    return str(path)
        return sys.executable

    @property
    def working_folder(self) -> Path:
        """The folder that the program runs in."""
        return self.program if self.program.is_dir() else self.program.parent


def project_in(folder: Path) -> Project:
    """Return the project of a folder. Raises EngineError if it has none."""
    project = read_project(folder.resolve())
    if project is None:
        raise EngineError(f"{folder.resolve()} has no Pulumi.yaml: name the folder of a Pulumi project with --cwd")
    return project


def project_around(folder: Path) -> Project | None:
    """Return the project of a folder or of the nearest one above it, as Pulumi looks for it. Raises EngineError."""
    folder = folder.resolve()
    projects = (read_project(each) for each in (folder, *folder.parents))
    return next((project for project in projects if project is not None), None)


def read_project(folder: Path) -> Project | None:
    """Return the project of a folder, or None if it has none. Raises EngineError."""
    path = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if path is None:
        return None
    document = read_yaml(path)
    if "name" not in document:
        raise EngineError(f"{path.name} has no `name`: it is not a Pulumi project")
    declared = document.get("runtime")
    runtime = declared.get("name") if isinstance(declared, dict) else declared
    options = (declared.get("options") if isinstance(declared, dict) else None) or {}
    defaults = document.get("config")
    configuration_folder = document.get("stackConfigDir") or document.get("config")
    environment = options.get("virtualenv")
    return Project(
        name=str(document["name"]),
        folder=folder,
        runtime=str(runtime),
        program=folder / str(document.get("main") or ""),
        # An older spelling of `stackConfigDir` is a `config` that is a text.
        configuration_folder=folder / (configuration_folder if isinstance(configuration_folder, str) else ""),
        virtual_environment=None if environment is None else str(environment),
        defaults=defaults if isinstance(defaults, dict) else {},
    )
