"""Reachability: who may call which app, before and after an update. The pairs are those of the components. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flyte_runtime import contract
from pulumi_flyte.errors import FlyteError
from pulumi_flyte.links import AppLink
from pulumi_flyte.notation.engine_marks import UNKNOWN
from pulumi_flyte.platforms import Platform, platform_of
from pulumi_flyte.platforms.base import Access
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.inputs import stored_edge
from pulumi_flyte.wiring.pairs import SERVING_PORT, Pair, Peer, pairs_of
from pulumi_flyte.workload.manifest import Manifest

from pulumi_flyte_review.model.names import Names, Target
from pulumi_flyte_review.model.preview import Json, Step
from pulumi_flyte_review.model.report import Connection, Reachability
from pulumi_flyte_review.model.workload import Stack, Workload

INTERNET = "the internet"
_CREDENTIAL = "flyte:api:EdgeCredential"
# What pairs do not depend on, and what an edge may lack in a preview.
_UNKNOWN_PARTS = ("authKey", "publicUrl", "version")


@dataclass(frozen=True, slots=True)
class Member:
    """An app or a task as it is on one side of an update."""

    workload: Workload
    peer: Peer
    settings: Settings
    inputs: Mapping[str, Json]
    manifest: Manifest
    audiences: frozenset[str]

    @property
    def platform(self) -> Platform:
        """The platform that it runs on."""
        return platform_of(self.settings)

    @property
    def access(self) -> Access:
        """The arguments of an app that say who may call it."""
        return Access(*(_flag(self.inputs.get(key)) for key in ("requiresAuth", "public")))

    def pairs(self) -> Iterable[Pair]:
        """Return the pairs that the workload is the caller of."""
        inputs = self.inputs.get("inputs")
        entries = inputs if isinstance(inputs, Mapping) else {}
        edges = [stored_edge(alias, _told(entry), self.settings) for alias, entry in entries.items()]
        in_code = [AppLink(self.peer.project, self.peer.domain, name, "") for name in self.manifest.in_code]
        return pairs_of(self.peer, edges, self.manifest.starts, in_code).fixed


def reachability_of(stack: Stack, names: Names) -> Reachability:
    """Return the connections that an update opens and closes."""
    sides = [members(stack, side) for side in (0, 1)]
    before, after = (frozenset(connections(side, names)) for side in sides)
    open_before, open_after = (_open_to_workloads(side, names) for side in sides)
    gained = [each for each in after - before if each.callee not in open_before]
    lost = [each for each in before - after if each.callee not in open_after]
    return Reachability(tuple(sorted(gained)), tuple(sorted(lost)))


def _open_to_workloads(those: Iterable[Member], names: Names) -> frozenset[str]:
    """Return the apps that every workload reaches, wired or not. An edge opens and closes nothing there."""
    return frozenset(
        names.label(_target(member.peer))
        for member in those
        if member.peer.kind == "app"
        and not member.platform.separates_workloads()
        and member.platform.is_open(member.access, member.settings)
    )


def members(stack: Stack, side: int) -> list[Member]:
    """Return the apps and tasks that exist on a side: 0 before the update, 1 after it."""
    each = (_member(workload, side) for workload in stack.workloads if workload.kind in ("app", "task"))
    return [member for member in each if member is not None]


def connections(those: Iterable[Member], names: Names) -> Iterator[Connection]:
    """Yield who may call which app."""
    those = list(those)
    apps = {member.peer: member for member in those if member.peer.kind == "app"}
    tasks = {member.peer for member in those if member.peer.kind == "task"}
    for peer, app in apps.items():
        if app.platform.is_open(app.access, app.settings):
            yield Connection(INTERNET, names.label(_target(peer)), SERVING_PORT)
    for member in those:
        for pair in member.pairs():
            callee = apps.get(pair.callee)
            if callee is None and names.has(_target(pair.callee)):
                continue  # an app of this stack that does not exist on this side
            if callee is None or _lets_in(callee, member):
                for caller in (pair.caller, *(task for task in pair.started if task in tasks)):
                    yield Connection(names.label(_target(caller)), names.label(_target(pair.callee)), pair.port)


def _lets_in(app: Member, caller: Member) -> bool:
    """Return whether an app takes the calls of a wired caller."""
    if not app.platform.needs_credentials(app.access):
        return True
    return contract.audience(app.peer.project, app.peer.domain, app.peer.name) in caller.audiences


def _member(workload: Workload, side: int) -> Member | None:
    snapshot = (workload.step.before, workload.step.after)[side]
    if snapshot is None:
        return None
    environment = snapshot.inputs.get("environment")
    try:
        settings = Settings.from_dict(environment) if isinstance(environment, Mapping) else None
    except (TypeError, KeyError, ValueError, FlyteError):
        settings = None
    if settings is None:
        return None
    link = Target.of(snapshot.outputs.get("link"))
    name = link.name if link is not None else str(snapshot.inputs.get("name") or workload.step.name)
    peer = Peer("app" if workload.kind == "app" else "task", settings.project, settings.domain, name)
    manifest = workload.manifests[side] or Manifest()
    audiences = frozenset(_audiences(workload.resources, side))
    return Member(workload, peer, settings, snapshot.inputs, manifest, audiences)


def _audiences(resources: Iterable[Step], side: int) -> Iterator[str]:
    for step in resources:
        snapshot = (step.before, step.after)[side]
        if step.type == _CREDENTIAL and snapshot is not None:
            yield str(snapshot.inputs.get("audience"))


def _told(entry: Json) -> object:
    """Return an entry without the parts that a preview may not know, and that pairs do not depend on."""
    if not isinstance(entry, Mapping):
        return UNKNOWN
    if "to" in entry:
        return {"to": _told(entry["to"])}
    return {key: value for key, value in entry.items() if key not in _UNKNOWN_PARTS}


def _flag(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


def _target(peer: Peer) -> Target:
    return Target(peer.kind, peer.project, peer.domain, peer.name)
