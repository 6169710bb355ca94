"""`preview_offline`: a preview of the working tree against a Git reference, without an engine or a state."""

from __future__ import annotations

from pathlib import Path

from pulumi_flyte_review.engine.configuration import only_stack, read_configuration, stack_file
from pulumi_flyte_review.engine.offline.cache import writable_cache
from pulumi_flyte_review.engine.offline.checkout import checkout, is_tracked
from pulumi_flyte_review.engine.offline.process import Declarations, Side, declarations, steps
from pulumi_flyte_review.engine.project import Project, project_in, read_project
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Preview


def preview_offline(folder: Path, base: str, stack: str | None = None) -> Preview:
    """Return what an update from the program at the Git reference `base` to that of the working tree does.

    It needs no credential, passphrase, state, plugin or network, and writes nothing to the folder. `stack`: by default
    the only one that has a configuration there. Raises EngineError and CheckoutError.
    """
    folder = folder.resolve()
    project = _python_project(folder)
    name = stack or only_stack(project)
    file = stack_file(project, name)
    head = Side("the working tree", project, read_configuration(project, file), project.interpreter)
    with checkout(base, folder) as base_folder, writable_cache():
        former = _declarations_at_base(base, base_folder, head, name)
        changes, messages = steps(head, name, former)
    return Preview(project.name, name, changes, head.configuration.masked, messages)


def declared_offline(project: Project, name: str) -> Preview:
    """Return a preview of all that a program in Python declares, as if nothing were there. See `preview_offline`."""
    configuration = read_configuration(project, stack_file(project, name))
    with writable_cache():
        changes, messages = steps(Side("the working tree", project, configuration, project.interpreter), name, [])
    return Preview(project.name, name, changes, configuration.masked, messages)


def _python_project(folder: Path) -> Project:
    project = project_in(folder)
    if project.runtime != "python":
        raise EngineError(
            f"--offline runs programs in Python only, and this project has the runtime {project.runtime!r}."
            " `pulumi-flyte diff` without --offline reports on it, and needs the stack's state and passphrase."
            " `pulumi-flyte graph` draws it without them"
        )
    return project


def _declarations_at_base(base: str, folder: Path, head: Side, stack: str) -> Declarations:
    """Return what the reference declares: nothing if the project is new. The interpreter is the working tree's."""
    project = read_project(folder)
    if project is None:
        return []
    file, current = stack_file(project, stack), stack_file(head.project, stack)
    # A file that Git does not track is this machine's: it is the same for both.
    if not file.is_file() and current.is_file() and not is_tracked(current):
        file = current
    return declarations(Side(base, project, read_configuration(project, file), head.interpreter), stack)
