"""A preview of all that a program in any language declares, by the real engine on an empty stack.

The stack is in a temporary folder, with a passphrase of its own. So neither the state and passphrase of the real one
nor an account of Pulumi's service is needed, and nothing is written to the program's folder.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pulumi_flyte_review.engine.configuration import Configuration, plain_values, read_configuration, stack_file
from pulumi_flyte_review.engine.project import Project
from pulumi_flyte_review.engine.pulumi import Program, output_of, preview
from pulumi_flyte_review.model.preview import Json, Preview


def declared_on_empty_stack(project: Project, stack: str) -> Preview:
    """Return a preview in which everything is new. Raises EngineError."""
    file = stack_file(project, stack)
    configuration, values = read_configuration(project, file), plain_values(project, file)
    with tempfile.TemporaryDirectory(prefix="pulumi-flyte-stack-") as folder:
        os.mkdir(Path(folder, "backend"))
        variables = {
            "PULUMI_BACKEND_URL": f"file://{folder}/backend",
            "PULUMI_CONFIG_PASSPHRASE": secrets.token_urlsafe(),
            # The plugin imports the program's sources, and Python would write their bytecode next to them.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        # A program of its own, as the engine writes a new stack's file next to Pulumi.yaml.
        Path(folder, "Pulumi.yaml").write_text(json.dumps({"name": project.name, "runtime": "yaml"}))
        twin = Program(Path(folder), stack, variables)
        output_of(twin, ["stack", "init", "--no-select"])
        file = Path(folder, f"Pulumi.{stack}.yaml")
        _write_configuration(twin, file, _placeholders(project, configuration, values), values)
        program = Program(project.folder, stack, variables)
        return preview(program, options=("--config-file", str(file)))


def _placeholders(project: Project, configuration: Configuration, values: Mapping[str, Json]) -> dict[str, str]:
    """Return a stand-in for each secret value that is a text."""
    hidden = {key: configuration.values[key] for key in configuration.secret_keys if isinstance(values[key], str)}
    if project.runtime != "yaml":
        return hidden
    # A program in YAML takes digits as a number, whatever type it declares.
    return {key: f"offline-{text}" if _is_text(project, key) else text for key, text in hidden.items()}


def _is_text(project: Project, key: str) -> bool:
    namespace, _, name = key.partition(":")
    declaration = project.defaults.get(name)
    # Providers read the keys of other namespaces.
    return namespace == project.name and (
        not isinstance(declaration, Mapping) or str(declaration.get("type", "string")).lower() == "string"
    )


def _write_configuration(program: Program, file: Path, hidden: Mapping[str, str], values: Mapping[str, Json]) -> None:
    """Write the configuration into the empty stack's file. Placeholders of secrets are secret there."""
    plain = {key: value for key, value in values.items() if key not in hidden}
    # JSON is YAML. The file has the salt of the passphrase already.
    with file.open("a", encoding="utf-8") as text:
        text.write(f"config: {json.dumps(plain, default=str)}\n")
    if hidden:
        pairs = [part for key, value in hidden.items() for part in ("--secret", f"{key}={value}")]
        output_of(program, ["config", "set-all", *pairs])
