"""The private names of Flyte's SDK that the reader uses. Checked with flyte 2.12.

The reader runs in the interpreter of the user's code. It asks Flyte's SDK which objects it would deploy, and deploys
nothing. The public `flyte.extras.serialize` (github.com/flyteorg/flyte-sdk/pull/1368) returns that for a task, but not
the names that its links need and not its triggers. There is no such function for apps. A function below without a link
to an upstream issue has no issue yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .inspection import namespace_of

if TYPE_CHECKING:
    from flyte import Environment, Image, TaskTemplate, Trigger
    from flyte.app import AppEnvironment
    from flyte.models import SerializationContext, TaskContext
    from flyteidl2.app.app_definition_pb2 import App
    from flyteidl2.task.common_pb2 import NamedParameter
    from flyteidl2.task.task_definition_pb2 import TaskSpec, TaskTrigger

    AnyTask = TaskTemplate[..., Any, Any]

_GIVEN_ARGUMENTS = "_given_arguments"


def is_loaded() -> bool:
    """Check that Flyte's package is imported. A stand-in in `sys.modules` has no folder of modules."""
    return "__path__" in namespace_of(sys.modules.get("flyte"))


def restart_thread() -> None:
    """Start the SDK's thread in a fork, which leaves it behind (flyte/syncify/_api.py)."""
    with contextlib.suppress(Exception):
        from flyte.syncify import syncify

        loop: Any = syncify._bg_loop
        type(loop).__init__(loop, loop.thread.name)


def environments() -> list[Environment]:
    """Return the environments that exist in this process, in the order of their making.

    `flyte deploy --all` (flyte/cli/_deploy.py) deploys these.
    """
    if not is_loaded():
        return []
    from flyte._environment import list_loaded_environments

    return list(list_loaded_environments())


def declaring_file(environment: Environment) -> str | None:
    """Return the path of the file that makes an environment, to which its `include` is relative."""
    return getattr(environment, "_declaring_file", None)


def hooks(environment: AppEnvironment) -> Iterator[Any]:
    """Return the functions that `@env.server`, `@env.on_startup` and `@env.on_shutdown` have registered."""
    yield from (environment._server, environment._on_startup, environment._on_shutdown)


def task_spec(
    task: AnyTask, context: SerializationContext, defaults: list[NamedParameter], links: TaskContext
) -> TaskSpec:
    """Return what Flyte's own deploy sends for a task, with its docstrings (flyte/_deploy.py)."""
    from flyte._deploy import _update_interface_inputs_and_outputs_docstring
    from flyte._internal.runtime.task_serde import translate_task_to_wire
    from flyte._utils.description_parser import parse_description

    spec = translate_task_to_wire(task, context, default_inputs=defaults, task_context=links)
    interface = spec.task_template.interface
    interface.CopyFrom(_update_interface_inputs_and_outputs_docstring(interface, task.native_interface))
    docstring = task.interface.docstring
    if docstring is not None and docstring.short_description:
        spec.documentation.short_description = parse_description(docstring.short_description, 255)
    if docstring is not None and docstring.long_description:
        spec.documentation.long_description = parse_description(docstring.long_description, 2048)
    return spec


def default_inputs(task: AnyTask) -> list[NamedParameter]:
    """Return the defaults of a task's plain inputs as literals. Those of files and data frames would be uploaded."""
    from flyte._internal.runtime.convert import convert_upload_default_inputs

    return asyncio.run(convert_upload_default_inputs(task.interface))


def trigger_message(trigger: Trigger, spec: TaskSpec, defaults: list[NamedParameter]) -> TaskTrigger:
    """Return what Flyte's own deploy sends for a trigger of a task."""
    from flyte._internal.runtime.trigger_serde import to_task_trigger

    template = spec.task_template
    return asyncio.run(to_task_trigger(trigger, template.id.name, template.interface.inputs, defaults))


def app_message(environment: AppEnvironment, context: SerializationContext) -> App:
    """Return what Flyte's own deploy sends for an app environment."""
    from flyte.app._runtime.app_serde import translate_app_env_to_idl

    return translate_app_env_to_idl(environment, context)


def remember_arguments() -> None:
    """Make app environments remember which arguments they were given, from now on.

    `requires_auth` is True by default, and only who writes it means it. The SDK does not tell the two apart.
    """
    from flyte.app import AppEnvironment

    def made(cls: type[Any], *args: Any, **kwargs: Any) -> Any:
        self = object.__new__(cls)
        self.__dict__[_GIVEN_ARGUMENTS] = frozenset(kwargs)
        return self

    clone = AppEnvironment.clone_with

    def cloned(self: Any, *args: Any, **kwargs: Any) -> Any:
        # Flyte gives a clone every argument, written or not.
        copy = clone(self, *args, **kwargs)
        copy.__dict__[_GIVEN_ARGUMENTS] = self.__dict__.get(_GIVEN_ARGUMENTS, frozenset()) | frozenset(kwargs)
        return copy

    AppEnvironment.__new__ = made  # type: ignore[method-assign]
    AppEnvironment.clone_with = cloned  # type: ignore[method-assign]


def is_given(environment: AppEnvironment, argument: str) -> bool:
    """Check whether the code gives an argument to an app environment, rather than leaving it to its default."""
    return argument in environment.__dict__.get(_GIVEN_ARGUMENTS, ())


@dataclass(frozen=True)
class Layer:
    """One layer of an image. `kind` is the name of the SDK's class for it.

    `packages`, `requirements` with `options`, and `variables` are what a Python environment can have of it. `skipped`
    says in words what only an image builder can do. `paths` are the files that the layer is made from. `step` is the
    layer for an image builder (images/flyte_layers.py). It is empty for what the bundle brings.
    """

    kind: str
    packages: list[str] | None = None
    requirements: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] | None = None
    skipped: str | None = None
    paths: tuple[Path, ...] = ()
    step: Mapping[str, Any] = field(default_factory=dict)


def layers(image: Image) -> list[Layer]:
    """Return the layers of an image (flyte/_image.py). The SDK has no public way to them."""
    return [_layer(each) for each in getattr(image, "_layers", ())]


# What only prepares the build, or is there already: the code comes with the bundle.
_SILENT = ("DockerIgnore", "CodeBundleLayer", "_DockerLines")


def _layer(layer: Any) -> Layer:
    kind = type(layer).__name__
    paths = tuple(value for value in vars(layer).values() if isinstance(value, Path))
    step = _step(kind, layer)
    if kind == "PipPackages":
        return Layer(kind, packages=list(layer.packages or ()), options=_pip_options(layer), paths=paths, step=step)
    if kind == "Requirements":
        return Layer(kind, requirements=layer.file, options=_pip_options(layer), paths=paths, step=step)
    if kind == "UVScript":
        packages = _script_packages(layer)
        return Layer(kind, packages=packages, options=_pip_options(layer), paths=paths, step=step)
    if kind == "Env":
        return Layer(kind, variables=layer.env_vars, paths=paths, step=step)
    return Layer(kind, skipped=None if kind in _SILENT else _in_words(kind, layer), paths=paths, step=step)


def _script_packages(layer: Any) -> list[str]:
    from flyte._utils import parse_uv_script_file

    return list(parse_uv_script_file(layer.script).dependencies)


def _step(kind: str, layer: Any) -> dict[str, Any]:
    """Return what Flyte's own builder does for a layer (flyte/_internal/imagebuild/docker_builder.py)."""
    if getattr(layer, "secret_mounts", None):
        return {"unsupported": f"{kind} with secret_mounts"}
    if kind in ("PipPackages", "UVScript"):
        packages = _script_packages(layer) if kind == "UVScript" else list(layer.packages or ())
        return {"packages": packages, "options": layer.get_pip_install_args()}
    if kind == "Requirements":
        return {"requirements": layer.file.read_text(), "options": layer.get_pip_install_args()}
    if kind == "UVProject" and layer.uvlock is not None and layer.project_install_mode == "dependencies_only":
        return {"project": str(layer.pyproject.absolute()), "lock": str(layer.uvlock.absolute())}
    if kind == "Env":
        return {"env": [list(pair) for pair in layer.env_vars]}
    if kind == "AptPackages":
        return {"apt": list(layer.packages)}
    if kind == "Commands":
        return {"commands": list(layer.commands)}
    if kind == "WorkDir":
        return {"workdir": layer.workdir}
    if kind == "CopyConfig":
        return {"copy": str(layer.src.absolute()), "to": layer.dst}
    return {} if kind in _SILENT else {"unsupported": kind}


def _pip_options(layer: Any) -> dict[str, Any]:
    options = {
        "index_url": layer.index_url,
        "extra_index_urls": list(layer.extra_index_urls or ()),
        "pre": layer.pre,
        "extra_args": layer.extra_args,
    }
    return {key: value for key, value in options.items() if value}


def _in_words(kind: str, layer: Any) -> str:
    if kind == "AptPackages":
        return f"the system packages {', '.join(layer.packages)}"
    if kind == "Commands":
        return f"the command {'; '.join(layer.commands)!r}"
    if kind == "CopyConfig":
        return f"the files that go to {layer.dst!r}"
    if kind == "WorkDir":
        return f"the working folder {layer.workdir!r}"
    return f"the layer {kind}"
