"""What one run of a program has declared so far: the order that its references ask for.

References in code cannot form a cycle. Names can: a Flyte environment's own `depends_on` orders by name, and only
when the second of the two is declared is the cycle there to be seen.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field

import pulumi
from pulumi.runtime import settings as runtime_settings

from pulumi_flyte.errors import CycleError
from pulumi_flyte.graph import describe_cycle, find_cycle


@dataclass
class Program:
    """One run's workloads by Flyte name, and who waits for whom."""

    resources: dict[str, pulumi.CustomResource] = field(default_factory=dict)
    waits: dict[str, set[str]] = field(default_factory=dict)
    unmet: dict[str, str] = field(default_factory=dict)

    def declare(self, key: str, waits_for: Iterable[str], label: str) -> list[pulumi.CustomResource]:
        """Adds a workload. Returns the resources among those it waits for by name. Raises CycleError with the path,
        or where a name that somebody already waits for comes too late."""
        wanted = set(waits_for)
        self.waits.setdefault(key, set()).update(wanted)
        cycle = find_cycle(self.waits)
        if cycle is not None:
            raise CycleError(
                f"these wait for each other, so none could start first: {describe_cycle(cycle)}. Replace one "
                'reference by AppEndpoint("name"), which carries the endpoint and orders nothing'
            )
        if key in self.unmet:
            raise CycleError(f"{self.unmet[key]} depends_on {key!r}, which is declared after it: declare {key!r} first")
        for name in wanted - self.waits.keys():
            self.unmet[name] = label
        return [self.resources[name] for name in sorted(wanted) if name in self.resources]


_programs: weakref.WeakKeyDictionary[object, Program] = weakref.WeakKeyDictionary()


def current() -> Program:
    """The run that the caller is part of; automation API programs of one process have one each."""
    monitor = runtime_settings.get_monitor()
    return _programs.setdefault(monitor, Program())
