"""Hooks that Pulumi's engine calls around the making of an object, and after it could not be made.

pulumi-kubernetes makes no difference between an object that it makes and one that it finds. Of a Deployment whose pods
did not become ready, it knows some of the reasons: not that no node has room, a quota, a policy of the namespace, or a
failing probe; it says nothing before its time limit is over, and it waits for a Secret that is missing. All of it is
read from the cluster, by the connection of the object's own provider. So is whether its account may watch a rollout.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pulumi

from pulumi_flyte.engine.error_hooks import has_hooks
from pulumi_flyte.engine.per_run import PerRun
from pulumi_flyte.platforms.kubernetes.autoscaler_pin import Pin, pin_autoscaler, release_autoscaler
from pulumi_flyte.platforms.kubernetes.cluster_reading import ClusterReader, Rollout, UnreadableError
from pulumi_flyte.platforms.kubernetes.connection import Connection
from pulumi_flyte.platforms.kubernetes.existing_secrets import ExistingEntry, refuse_missing
from pulumi_flyte.platforms.kubernetes.failures import conflict, rollout_reasons
from pulumi_flyte.platforms.kubernetes.guard import refuse_foreign
from pulumi_flyte.platforms.kubernetes.rollout_rights import refuse_unwatchable
from pulumi_flyte.platforms.kubernetes.rollout_watch import early_warning, lasting_obstacles

# What the SDK takes as a hook.
Hook: TypeAlias = pulumi.ResourceHook | Callable[[pulumi.ResourceHookArgs], Awaitable[None] | None]


@dataclass
class _Hooks:
    """The hooks of the objects of one cluster. A run registers them once."""

    connection: Connection
    number: int
    lookups: int = 0
    owner: pulumi.ResourceHook = field(init=False)
    rights: pulumi.ResourceHook = field(init=False)
    begin: pulumi.ResourceHook = field(init=False)
    end: pulumi.ResourceHook = field(init=False)
    reasons: pulumi.ErrorHook = field(init=False)
    pin: pulumi.ResourceHook = field(init=False)
    pins: dict[str, Pin] = field(default_factory=dict)
    watches: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    watchable: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.owner = pulumi.ResourceHook(f"pulumi-flyte-owner-{self.number}", self._refuse_foreign)
        self.rights = pulumi.ResourceHook(f"pulumi-flyte-rights-{self.number}", self._refuse_unwatchable)
        self.begin = pulumi.ResourceHook(f"pulumi-flyte-watch-{self.number}", self._begin_watch)
        self.end = pulumi.ResourceHook(f"pulumi-flyte-watched-{self.number}", self._end_watch)
        self.reasons = pulumi.ErrorHook(f"pulumi-flyte-reasons-{self.number}", self._explain)
        self.pin = pulumi.ResourceHook(f"pulumi-flyte-replicas-{self.number}", self._pin)

    def binding(
        self, *, guarded: bool, awaited: bool, reads: Sequence[ExistingEntry] = (), fixed_replicas: bool = False
    ) -> pulumi.ResourceHookBinding:
        """Return the hooks of an object. awaited: it is a Deployment, whose rollout is waited for."""
        lookups: list[Hook] = [self.secrets(reads)] if reads else []
        watches: list[Hook] = [self.rights, self.begin] if awaited else []
        ends: list[Hook] | None = [self.end] if awaited else None
        return pulumi.ResourceHookBinding(
            before_create=[*([self.owner] if guarded else []), *lookups, *watches] or None,
            before_update=[*lookups, *watches, *([self.pin] if fixed_replicas else [])] or None,
            after_create=ends,
            after_update=ends,
            on_error=[self.reasons],
        )

    def secrets(self, secrets: Sequence[ExistingEntry]) -> pulumi.ResourceHook:
        """Return a hook that looks up entries of Secrets that others keep."""

        async def look_up(args: pulumi.ResourceHookArgs) -> None:
            metadata: dict[str, Any] = dict(args.new_inputs or {})["metadata"]
            await refuse_missing(await self.connection.resolved(), metadata["namespace"], secrets)

        self.lookups += 1
        return pulumi.ResourceHook(f"pulumi-flyte-secrets-{self.number}-{self.lookups}", look_up)

    async def _refuse_foreign(self, args: pulumi.ResourceHookArgs) -> None:
        await refuse_foreign(self.connection, dict(args.new_inputs or {}))

    async def _refuse_unwatchable(self, args: pulumi.ResourceHookArgs) -> None:
        """Look up the rights in a namespace once."""
        namespace: str = dict(args.new_inputs or {})["metadata"]["namespace"]
        if namespace not in self.watchable:
            await refuse_unwatchable(await self.connection.resolved(), namespace)
            self.watchable.add(namespace)

    async def _pin(self, args: pulumi.ResourceHookArgs) -> None:
        pin = await pin_autoscaler(await self.connection.resolved(), dict(args.new_inputs or {}))
        if pin is not None:
            self.pins[args.urn] = pin

    async def _begin_watch(self, args: pulumi.ResourceHookArgs) -> None:
        inputs: dict[str, Any] = dict(args.new_inputs or {})
        self.watches[args.urn] = asyncio.create_task(self._watch(inputs["metadata"]))

    async def _end_watch(self, args: pulumi.ResourceHookArgs) -> None:
        self._cancel_watch(args.urn)

    def _cancel_watch(self, urn: str) -> None:
        watch = self.watches.pop(urn, None)
        if watch is not None:
            watch.cancel()

    async def _watch(self, metadata: Mapping[str, str]) -> None:
        """Warn of what keeps a rollout from going on."""
        cluster, name = await self.connection.resolved(), metadata["name"]
        reasons = await lasting_obstacles(lambda: _rollout(cluster, metadata["namespace"], name))
        if reasons:
            pulumi.log.warn(early_warning(name, reasons))

    async def _explain(self, args: pulumi.ErrorHookArgs) -> bool:
        """Log the reason of a failure. Nothing is tried again."""
        self._cancel_watch(args.urn)
        pin = self.pins.pop(args.urn, None)
        if pin is not None:
            await release_autoscaler(await self.connection.resolved(), pin)
        inputs: dict[str, Any] = dict(args.new_inputs or {})
        kind, metadata = str(inputs.get("kind")), inputs.get("metadata") or {}
        name, namespace = str(metadata.get("name", args.name)), metadata.get("namespace")
        message = conflict(kind, name, "\n".join(args.errors))
        if message is None and kind == "Deployment" and isinstance(namespace, str):
            cluster = await self.connection.resolved()
            rollout = await _rollout(cluster, namespace, name)
            reasons = [] if rollout is None else rollout_reasons(rollout.deployment, rollout.pods, rollout.events)
            listed = "\n".join(f"  - {reason}" for reason in reasons)
            message = f"the app {name!r} did not become ready:\n{listed}" if reasons else None
        if message is not None:
            pulumi.log.error(message)
        return False


async def _rollout(cluster: ClusterReader, namespace: str, name: str) -> Rollout | None:
    """Return a rollout. Where it cannot be read, the provider's own message is all that there is."""
    try:
        return await asyncio.to_thread(cluster.rollout, namespace, name)
    except UnreadableError as error:
        pulumi.log.debug(f"the cluster could not be read: {error}")
        return None


_registered: PerRun[dict[int, _Hooks]] = PerRun(dict)


def hooks_of(
    opts: pulumi.ResourceOptions,
    *,
    guarded: bool,
    awaited: bool,
    reads: Sequence[ExistingEntry] = (),
    fixed_replicas: bool = False,
) -> pulumi.ResourceHookBinding | None:
    """Return the hooks of an object with these options, if the engine calls any.

    reads: the entries of others' Secrets that its pods read. fixed_replicas: it is a Deployment whose number of
    replicas the program says, not an autoscaler.
    """
    if not has_hooks():
        return None
    provider = provider_of(opts)
    hooks = _registered.current()
    if id(provider) not in hooks:
        connection = Connection.of(provider)
        if connection is None:
            return None
        hooks[id(provider)] = _Hooks(connection, len(hooks))
    return hooks[id(provider)].binding(guarded=guarded, awaited=awaited, reads=reads, fixed_replicas=fixed_replicas)


def provider_of(opts: pulumi.ResourceOptions) -> pulumi.ProviderResource | None:
    """Return the explicit provider of an object, if it has one."""
    listed: Iterable[object] = opts.providers.values() if isinstance(opts.providers, dict) else opts.providers or ()
    for each in listed:
        if isinstance(each, pulumi.ProviderResource) and each.package == "kubernetes":
            return each
    return None if opts.parent is None else opts.parent.get_provider("kubernetes::")
