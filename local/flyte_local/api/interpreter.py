"""The Python that a client on this machine wants for a workload. It travels in a header of the request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from flyte_local.wire.identifiers import invalid

INTERPRETER_HEADER = "x-flyte-local-python"


def interpreter_of(headers: Mapping[str, str]) -> str | None:
    """Return the interpreter that a client named, or None if it named none.

    Raises INVALID_ARGUMENT if none is there.
    """
    path = headers.get(INTERPRETER_HEADER)
    if not path:
        return None
    if not os.path.isabs(path) or not Path(path).is_file() or not os.access(path, os.X_OK):
        raise invalid(
            f"{INTERPRETER_HEADER} is {path!r}, which is not a Python interpreter on this machine: give the absolute "
            "path of one"
        )
    return path
