"""`python -m flyte_local.images.build`: the process of the built-in task `build-image`.

Its arguments are the URIs of the SDK's image specification and of the uploaded context (or an empty string), the name
of the image, and the file that gets the name under which workloads then find it.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from flyteidl2.imagebuilder.definition_pb2 import ImageSpec

from flyte_local.errors import ImageError
from flyte_local.home import Home
from flyte_local.images.environments import Environments
from flyte_local.images.layers import from_spec
from flyte_local.state.data_files import path_of


def main(arguments: Sequence[str]) -> int:
    """Build one image and return the exit code. The output is uv's, and the last line of a failure is the error."""
    spec, context, image, result = arguments
    try:
        build(spec, context, image)
    except ImageError as error:
        print(f"error: {error}", flush=True)
        return 1
    Path(result).write_text(image)
    return 0


def build(spec: str, context: str, image: str) -> None:
    """Build the environment and give it the image's name. Raises ImageError."""
    environments = Environments(Home())
    definition = from_spec(ImageSpec.FromString(path_of(spec).read_bytes()))
    with tempfile.TemporaryDirectory(prefix="flyte-image-") as folder:
        if context:
            with tarfile.open(path_of(context)) as archive:
                archive.extractall(folder, filter="data")
        environment = environments.get(
            definition, sys.executable, Path(folder) if context else None, say=lambda line: print(line, flush=True)
        )
    environments.name(image, environment)
    print(f"{image} is {Path(environment.python).parent.parent}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
