"""Flyte's own entrypoint, which brings a bundle into the container of an app."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from flyte_runtime import contract

from pulumi_flyte.engine.outputs import Text, lift


def with_bundle(command: Sequence[Text], identity: contract.Identity) -> list[Text]:
    """Return a command that fetches the bundle and starts `command` beside its files.

    Each element of the command arrives at the process as one argument, unchanged.
    """
    return [
        "fserve",
        "--version",
        "{{version}}",
        "--project",
        identity.project,
        "--domain",
        identity.domain,
        "--org",
        identity.org or "local",
        "--tgz",
        "{{bundle}}",
        "--dest",
        ".",
        "--",
        *(lift(_quoted, argument) for argument in command),
    ]


def _quoted(argument: str) -> str:
    """Quote an argument for `fserve`, which joins its arguments with blanks and has a shell run the line.

    Two more would replace a variable's name: `fserve` in an argument that begins with `$`, and Kubernetes in `$(NAME)`,
    even inside quotes, where a value with a quote would end them. So a `$` is never the first character, and never
    stands before `(` or another `$`.
    """
    return shlex.quote(argument).replace("$", "$''")
