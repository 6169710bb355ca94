"""The command of a Flyte `AppEnvironment`, which brings its code along as an archive.

Flyte's `fserve` fetches the archive, unpacks it and imports the environment from it. Here the image has the archive,
and the folder that it is unpacked into is one that the process may write to.
"""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.images.recipe import HOME
from pulumi_flyte.platforms.runtime_library import library_files
from pulumi_flyte.source.bundle import Bundle
from pulumi_flyte.workload.container import Container

_ARCHIVE = "flyte-bundle.tgz"
# Where the process starts: fserve writes into it.
WORK_FOLDER = "/tmp"
# Flyte's own server, which listens for a sidecar, and the runtime library's way to run it without one.
_SERVER, _SERVER_IN_POD = "fserve", ("python", "-m", "flyte_runtime.serving.flyte_app")
# Flyte fills it in with a place of its object store, of which a cluster alone has none.
_RAW_DATA = ("--raw-data-path", "{{.rawOutputDataPrefix}}")


def with_archive(container: Container) -> Container:
    """Return a container whose image has the code as the archive that `fserve` unpacks."""
    if container.bundle is None:
        return container
    whole = Bundle({**library_files(), **container.bundle.files})
    return container._replace(
        # The files themselves say which packages the image needs.
        bundle=Bundle({**container.bundle.files, _ARCHIVE: whole.archive()}),
        command=_command(container.command, whole.digest),
        args=_command(container.args, whole.digest),
    )


def without_archive(bundle: Bundle | None) -> Bundle | None:
    """Return the files of a bundle that somebody wrote."""
    return None if bundle is None else Bundle({path: file for path, file in bundle.files.items() if path != _ARCHIVE})


def _command(words: Sequence[Text], digest: str) -> tuple[Text, ...]:
    """Return a command without its placeholders."""
    values = {"{{bundle}}": f"{HOME}/{_ARCHIVE}", "{{version}}": digest[:16]}
    filled = [values.get(word, word) if isinstance(word, str) else word for word in words]
    if filled[:1] == [_SERVER]:
        filled[:1] = _SERVER_IN_POD
    for index in range(len(filled) - 1):
        if tuple(filled[index : index + 2]) == _RAW_DATA:
            return (*filled[:index], *filled[index + 2 :])
    return tuple(filled)
