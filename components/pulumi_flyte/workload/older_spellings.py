"""The switch for the older spellings of Flyte's SDK: a workload's variable, and who reads it in the container. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flyte_runtime.contract import COMPAT_VARIABLE

from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.workload.container import Container
from pulumi_flyte.workload.flyte_internals import APP_RESOLVER, TASK_RESOLVER

# The class that loads a container's code, in Flyte's SDK and in flyte_runtime, which reads the variable first.
_RESOLVERS = {
    APP_RESOLVER: "flyte_runtime.compat.resolvers.AppResolver",
    TASK_RESOLVER: "flyte_runtime.compat.resolvers.TaskResolver",
}
_READERS = ("flyte_runtime", "flyte-runtime")


def with_readers(words: Sequence[Text], env: Mapping[str, Text]) -> tuple[Text, ...]:
    """Return a command, or its arguments, in which something reads the variable where the workload has it."""
    if COMPAT_VARIABLE not in env:
        return tuple(words)
    return tuple(_RESOLVERS.get(word, word) if isinstance(word, str) else word for word in words)


def warnings(container: Container, own_env: Mapping[str, Text]) -> list[str]:
    """Say that nothing reads a variable that is this workload's own, and not its environment's."""
    words = [word for word in (*container.command, *container.args) if isinstance(word, str)]
    # Flyte's entrypoint starts what follows `--`, where anything follows; the resolver before it is then not the app's.
    started = words[words.index("--") + 1 :] if "--" in words else []
    reads = any(reader in word for word in started or words for reader in _READERS)
    if reads or COMPAT_VARIABLE not in own_env:
        return []
    return [
        f"{COMPAT_VARIABLE} has no effect, because this workload has its own command: serve an ASGI application with"
        " `flyte-runtime serve module:attribute`, or call flyte_runtime.compat.install() in the code"
    ]
