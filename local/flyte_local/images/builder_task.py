"""The built-in task with which Flyte's SDK has images built: what it is, and what its process may see of the server's
environment. A build is a run like any other: it queues, has logs and a page, and can be aborted."""

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
    """The task of this version of the server."""
    return TaskIdentifier(org=ORGANIZATION, project=PROJECT, domain=DOMAIN, name=TASK, version=VERSION)


def builder_variables(task: Identifier, context: Context) -> dict[str, str]:
    """What the built-in task's process gets besides what every task gets: where things are built, and how uv finds
    packages. Nothing for any other task: an index's URL may hold a credential."""
    if (task.project, task.domain, task.name) != (PROJECT, DOMAIN, TASK):
        return {}
    passed = {name: os.environ[name] for name in CONFIGURATION if name in os.environ}
    search = os.pathsep.join([os.path.dirname(context.python), os.environ.get("PATH", os.defpath)])
    return {**passed, "PATH": search, HOME_VARIABLE: str(context.home.path)}


def build_task() -> TaskSpec:
    """The task: a command that gets its inputs as arguments and leaves its output in a file."""
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
