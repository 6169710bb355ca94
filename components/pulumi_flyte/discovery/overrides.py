"""The arguments `secrets` and `overrides` of `discover`, checked against what was discovered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_flyte.discovery.plan import Workload, requested_keys
from pulumi_flyte.problems import Problem, nearest

# What a discovered workload has from its code.
_FROM_CODE = ("environment", "source", "name", "command", "args", "interface")
_SECRETS = 'expected a mapping, such as {"API_KEY": config.require_secret("apiKey")}'
_OVERRIDES = 'expected a mapping, such as {"web": {"port": 8081}}'
_ARGUMENTS = 'expected a mapping from argument to value, such as {"port": 8081}'


@dataclass(frozen=True)
class Overrides:
    """Arguments of components, by the name of an app, a task, or an environment with tasks."""

    by_name: Mapping[str, Mapping[str, Any]]

    @classmethod
    def parse(cls, value: object) -> Overrides:
        """Take what is a mapping of names to mappings, and leave out everything else."""
        entries = value.items() if isinstance(value, Mapping) else ()
        return cls({str(name): arguments for name, arguments in entries if isinstance(arguments, Mapping)})

    def of(self, workload: Workload) -> dict[str, Any]:
        """Return the workload's own arguments, over those of its environment."""
        return {**self.by_name.get(workload.environment, {}), **self.by_name.get(workload.name, {})}


def override_problems(value: object, workloads: Sequence[Workload]) -> Iterator[Problem]:
    """Find what is wrong with `overrides={"web": {"scaling": …}}`."""
    yield from _mapping_problems(value, "overrides", _OVERRIDES)
    names = {each.name for each in workloads} | {each.environment for each in workloads}
    for name, arguments in value.items() if isinstance(value, Mapping) else ():
        path = f"overrides.{name}"
        if not isinstance(name, str):
            continue
        if name not in names:
            yield Problem(path, f"no discovered app, task or environment has this name{nearest(name, names)}")
            continue
        yield from _mapping_problems(arguments, path, _ARGUMENTS)
        for key in arguments if isinstance(arguments, Mapping) else ():
            if key in _FROM_CODE:
                yield Problem(f"{path}.{key}", "the code sets this: change it there")


def secret_problems(value: object, workloads: Sequence[Workload]) -> Iterator[Problem]:
    """Find what is wrong with `secrets={"KEY": …}`: every key is one that the code requests."""
    yield from _mapping_problems(value, "secrets", _SECRETS)
    keys = requested_keys(workloads)
    for key in value if isinstance(value, Mapping) else ():
        if isinstance(key, str) and key not in keys:
            yield Problem(f"secrets.{key}", f"no discovered code requests this secret{nearest(key, keys)}")


def _mapping_problems(value: object, path: str, expected: str) -> Iterator[Problem]:
    if value is not None and not isinstance(value, Mapping):
        yield Problem(path, expected, value)
    for key in value if isinstance(value, Mapping) else ():
        if not isinstance(key, str):
            yield Problem(path, "expected names as its keys", key)
