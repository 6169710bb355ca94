"""Names of workloads: a link has the Flyte name, and a report the Pulumi name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.workload import Workload


class Target(NamedTuple):
    """The target of a link: an app, a task or a secret, by its Flyte name."""

    kind: str
    project: str
    domain: str
    name: str

    @classmethod
    def of(cls, link: Json) -> Target | None:
        """Return the target of a link, or None for any other value."""
        if not isinstance(link, Mapping) or "kind" not in link or "name" not in link:
            return None
        return cls(*(str(link.get(key, "")) for key in ("kind", "project", "domain", "name")))


class Names:
    """The Pulumi names of a stack's workloads. Each name is that of one workload of its kind."""

    def __init__(self, workloads: Iterable[Workload]) -> None:
        self._names: dict[Target, str] = {}
        self._taken: set[tuple[str, str]] = set()
        for workload in workloads:
            self._taken.add((workload.kind, workload.name))
            for outputs in workload.outputs:
                target = Target.of(outputs.get("link"))
                if target is not None:
                    self._names[target] = workload.name

    def are_one(self, target: Target, other: Target | None) -> bool:
        """Return whether two targets are one workload, which may have another Flyte name or place than before."""
        if other is None or target.kind != other.kind:
            return False
        return target in self._names and self._names[target] == self._names.get(other)

    def has(self, target: Target) -> bool:
        """Return whether a target is a workload of this stack, before or after."""
        return target in self._names

    def label(self, target: Target) -> str:
        """Return the kind and the name of a target as a report has them, such as `app backend`."""
        return f"{target.kind} {self.of(target)}"

    def of(self, target: Target) -> str:
        """Return the Pulumi name of a target, or the Flyte name of one that is in another stack.

        The Flyte name has its place before it where a workload of this stack has that name.
        """
        if target in self._names or (target.kind, target.name) not in self._taken:
            return self._names.get(target, target.name)
        return f"{target.project}/{target.domain}/{target.name}"
