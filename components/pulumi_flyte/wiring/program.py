"""The workloads that one run of a program has declared so far, in the order that references and `depends_on` ask for.

References in code cannot form a cycle. Names can: `depends_on` of a Flyte environment refers to names. Such a cycle
shows only when its last workload is declared.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import pulumi
from pulumi.runtime import settings as runtime_settings

from pulumi_flyte.engine.per_run import PerRun
from pulumi_flyte.errors import CycleError
from pulumi_flyte.naming.control_planes import ControlPlane
from pulumi_flyte.problems import meant_by
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.graph import describe_cycle, find_cycle


@dataclass
class Program:
    """One run's workloads of a project and domain, by Flyte name, and who waits for whom.

    A task's environment (`words` of `words.count`) is a name of its own, which waits for its tasks. `guarded` are the
    apps that require credentials, `callers_by_name` who refers to an app by an `AppEndpoint`, `secrets`
    the components by key, `endpoints` the apps whose endpoint the code of a workload reads.
    """

    resources: dict[str, pulumi.Resource] = field(default_factory=dict)
    waits: dict[str, set[str]] = field(default_factory=dict)
    awaited: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, pulumi.ComponentResource] = field(default_factory=dict)
    guarded: set[str] = field(default_factory=set)
    callers_by_name: dict[str, set[str]] = field(default_factory=dict)
    endpoints: dict[str, set[str]] = field(default_factory=dict)

    def declare(self, name: str, references: Iterable[str], by_name: Iterable[str]) -> list[pulumi.Resource]:
        """Add a workload. Return the resources among those that it waits for by name. Raises CycleError with the
        path of a cycle, or where somebody declared earlier already waits for this name."""
        names = set(by_name)
        self.waits.setdefault(name, set()).update(names, references)
        environment = name.split(".")[0]
        if environment != name:
            self.waits.setdefault(environment, set()).add(name)
        late = next((self.awaited[key] for key in (name, environment) if key in self.awaited), None)
        if late is not None or name in names:
            cycle = find_cycle(self.waits)
            if cycle is not None:
                raise CycleError(
                    f"these wait for each other, so none could start first: {describe_cycle(cycle)}. Replace one "
                    'reference by AppEndpoint("name"), which carries the endpoint and orders nothing'
                )
            raise CycleError(f"{late!r} depends_on {name!r}, which is declared after it: declare {name!r} first")
        for other in names:
            if not self._declared(other):
                self.awaited[other] = name
        return [resource for other in sorted(names) for resource in self._declared(other)]

    def misnamed(self) -> list[tuple[str, str, str]]:
        """Return the references by name to apps that nobody declared, if a similar name was declared.

        Each has the caller, the name and the similar name. A name without a similar one may be of another stack.
        """
        return [
            (caller, name, similar)
            for name, callers in sorted(self.callers_by_name.items())
            if name not in self.resources
            if (similar := meant_by(name, self.resources)) is not None
            for caller in sorted(callers)
        ]

    def _declared(self, name: str) -> list[pulumi.Resource]:
        within = [key for key in self.resources if key == name or key.startswith(f"{name}.")]
        return [self.resources[key] for key in within]


_programs: PerRun[dict[tuple[ControlPlane, str, str], Program]] = PerRun(dict)


def current(settings: Settings, project: str | None = None, domain: str | None = None) -> Program:
    """Return the part of the caller's run that is on the control plane of `settings` and in one project and domain.

    Names refer to workloads of the same part. The project and domain are those of `settings` by default.

    Automation API programs of one process are a run each. So is each component that another language asks the plugin
    for: those arrive in any order, so nothing can be ordered among them by name.
    """
    programs = _programs.current()
    scope = (settings.control_plane, project or settings.project, domain or settings.domain)
    if scope not in programs:
        programs[scope] = Program()
        _look_again_at_the_end(programs[scope])
    return programs[scope]


def _look_again_at_the_end(program: Program) -> None:
    """Schedule a warning for when the program has declared all: it runs without a pause in the SDK's event loop.

    A component that another language asks for has no stack around it, and sees nothing of its siblings."""
    if runtime_settings.get_root_resource() is not None:
        with contextlib.suppress(RuntimeError):  # no event loop: nothing is deployed
            asyncio.get_running_loop().call_soon(_warn_of_misnamed, program)


def _warn_of_misnamed(program: Program) -> None:
    for caller, name, similar in program.misnamed():
        pulumi.log.warn(
            f"{caller!r} refers by name to the app {name!r}, which this program does not declare: is {similar!r} meant?"
        )
