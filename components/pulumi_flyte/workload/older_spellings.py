"""The switch for the older spellings of Flyte's SDK: a workload's variable, and who reads it in the container. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flyte_runtime.contract import COMPAT_VARIABLE

from pulumi_flyte.workload.flyte_internals import APP_RESOLVER, TASK_RESOLVER

# The class that loads a container's code, in Flyte's SDK and in flyte_runtime, which reads the variable first.
_RESOLVERS = {
    APP_RESOLVER: "flyte_runtime.compat.resolvers.AppResolver",
    TASK_RESOLVER: "flyte_runtime.compat.resolvers.TaskResolver",
}
_READERS = ("flyte_runtime", "flyte-runtime")


def with_readers(words: Sequence[str] | None, env: Mapping[str, Any]) -> list[str] | None:
    """Return a command, or its arguments, in which something reads the variable where the workload has it."""
    if words is None or COMPAT_VARIABLE not in env:
        return None if words is None else list(words)
    return [_RESOLVERS.get(word, word) for word in words]


def warnings(spec: Mapping[str, Any], env: Mapping[str, Any]) -> list[str]:
    """Say that nothing reads a variable that is this workload's own. `spec` has its command and arguments."""
    words = [*(spec.get("command") or ()), *(spec.get("args") or ())]
    # Flyte's entrypoint starts what follows `--`, where anything follows; the resolver before it is then not the app's.
    started = words[words.index("--") + 1 :] if "--" in words else []
    texts = [word for word in started or words if isinstance(word, str)]
    reads = any(reader in word for word in texts for reader in _READERS)
    if reads or COMPAT_VARIABLE not in env:
        return []
    return [
        f"nothing reads {COMPAT_VARIABLE} here, as this workload has a command of its own: serve an ASGI application"
        " with `flyte-runtime serve module:attribute`, or call flyte_runtime.compat.install() in the code"
    ]
