"""The built-in task that builds images for Flyte's SDK, and the part of the server's environment that its process gets.

A build is a run like any other: it queues, has logs and a page, and can be aborted.
"""

from __future__ import annotations

import os

from flyteidl2.core.identifier_pb2 import Identifier
from flyteidl2.core.types_pb2 import SimpleType
from flyteidl2.task.task_definition_pb2 import TaskIdentifier, TaskSpec

from flyte_local.home import HOME_VARIABLE
from flyte_local.images.uv import CONFIGURATION
from flyte_local.state.context import ORGANIZATION, Context
from flyte_local.version import VERSION

# Where the SDK looks for it, and what it calls its inputs (flyte/_internal/imagebuild/remote_builder.py).
PROJECT, DOMAIN, TASK = "system", "production", "build-image"
INPUTS = ("spec", "context", "target_image")
OUTPUT = "fully_qualified_image"
_OUTPUTS = "/var/outputs"


def identifier() -> TaskIdentifier:
    """Return the identifier of the task in this version of the server."""
    return TaskIdentifier(org=ORGANIZATION, project=PROJECT, domain=DOMAIN, name=TASK, version=VERSION)


def builder_variables(task: Identifier, context: Context) -> dict[str, str]:
    """Return the additional variables of the built-in task: the place of builds, and uv's settings.

    Other tasks get none of them: the URL of an index may hold a credential.
    """
    if (task.project, task.domain, task.name) != (PROJECT, DOMAIN, TASK):
        return {}
    passed = {name: os.environ[name] for name in CONFIGURATION if name in os.environ}
    search = os.pathsep.join([os.path.dirname(context.python), os.environ.get("PATH", os.defpath)])
    return {**passed, "PATH": search, HOME_VARIABLE: str(context.home.path)}


def build_task() -> TaskSpec:
    """Return the task: a command that gets its inputs as arguments and writes its output to a file."""
    spec = TaskSpec(short_name=TASK)
    template = spec.task_template
    for key in ("org", "project", "domain", "name", "version"):
        setattr(template.id, key, getattr(identifier(), key))
    template.type = "raw-container"
    for name in INPUTS:
        template.interface.inputs.variables.add(key=name).value.type.simple = SimpleType.STRING
    template.interface.outputs.variables.add(key=OUTPUT).value.type.simple = SimpleType.STRING
    container = template.container
    container.image = "local/python"
    container.command.extend(["python", "-m", "flyte_local.images.build"])
    container.args.extend([*(f"{{{{.inputs.{name}}}}}" for name in INPUTS), f"{_OUTPUTS}/{OUTPUT}"])
    container.data_config.enabled = True
    container.data_config.output_path = _OUTPUTS
    return spec
