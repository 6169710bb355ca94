"""Decides which commands may start in a child of a warm worker. Pure, except for reading a script's first lines."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

COMMAND = "a0"
# Variables that an interpreter or an import of flyte reads once, too early for a forked child. Variables of
# flyte's logging are not here: a child sets logging up again. A test compares this with what the imports read.
_NAMES = frozenset({"HOME", "LANG", "FLYTE_UPLOAD_TIMEOUT", "_F_P_WRITE_CHUNK_SIZE", "_F_TE_MAX_COROS"})
_PREFIXES = (
    "PYTHON", "_PYTHON", "LD_", "LC_", "MALLOC_", "FLYTE_IO_", "FSSPEC_", "MSGPACK_", "OTEL_", "PYDANTIC_",
    "PROTOCOL_BUFFERS_", "TEMPORARILY_DISABLE_PROTOBUF_",
)  # fmt: skip
# `#!/venv/bin/python`, and what pip and uv write where that line would be too long for the system or has a space.
_SHEBANG = re.compile(
    rb"#!(?P<plain>/(?:\S*/)?python[0-9.]*)\n"
    rb"|#!/bin/sh\n'''exec' (?P<quote>['\"]?)(?P<shell>/(?:[^'\"\n]*/)?python[0-9.]*)(?P=quote) \"\$0\" \"\$@\"\n"
)


def is_read_at_start(variable: str) -> bool:
    """Return whether an interpreter reads the variable while it starts and imports flyte."""
    return variable in _NAMES or variable.startswith(_PREFIXES)


def startup_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a worker must have been started with to fit a task."""
    return {name: value for name, value in environment.items() if is_read_at_start(name)}


def script_of(command: str, search: str) -> Path | None:
    """Return the path of `a0` on this search path, or None for any other command."""
    path = shutil.which(COMMAND, path=search) if command == COMMAND else None
    return None if path is None else Path(path)


def interpreter_of(script: Path) -> str | None:
    """Return the Python that an installed script starts with. None if its first lines do not tell."""
    try:
        with script.open("rb") as file:
            match = _SHEBANG.match(file.read(1024))
    except OSError:
        return None
    return (match["plain"] or match["shell"]).decode(errors="replace") if match else None
