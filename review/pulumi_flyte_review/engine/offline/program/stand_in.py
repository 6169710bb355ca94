"""`StandIn`: the decisions of the engine about each resource of a program, against the declarations of another one.

The first checkout runs against an empty state. Its result is the state after an `up`. The second checkout runs against
this result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pulumi_flyte.naming.urns import Urn
from pulumi_flyte.version import VERSION
from pulumi_flyte_provider.properties.difference import Change, Difference
from pulumi_flyte_provider.properties.values import Properties

from pulumi_flyte_review.engine.offline.program import flyte_plugin, kubernetes_plugin
from pulumi_flyte_review.engine.offline.program.aliases import Alias, former_urns
from pulumi_flyte_review.engine.offline.program.declared import PROVIDER, Declared
from pulumi_flyte_review.engine.offline.program.differences import differences, ignoring, without_unmoved
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Operation


@dataclass(frozen=True, slots=True)
class Registration:
    """A resource as the program registers it."""

    declared: Declared
    aliases: tuple[Alias, ...] = ()
    ignored: tuple[str, ...] = ()
    version: str = ""
    is_import: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The step of an update for one resource. before: None for a new one. after: None for one that is deleted."""

    operation: Operation
    before: Declared | None
    after: Declared | None
    changes: tuple[Change, ...] = ()


class StandIn:
    """One run of a program.

    former: the declarations of the other checkout. None: this is the first one.
    """

    def __init__(
        self, project: str, stack: str, settings: Properties, former: Iterable[Declared] | None = None
    ) -> None:
        self._project, self._stack, self._settings = project, stack, settings
        self._is_first = former is None
        self._former = {each.urn: each for each in former or ()}
        self._flyte = flyte_plugin.FlytePlugin()
        self._decisions: dict[str, Decision] = {}
        self._former_urns: dict[str, tuple[str, ...]] = {}

    @property
    def declared(self) -> list[Declared]:
        """The program's resources, as a state would hold them."""
        return [each.after for each in self._decisions.values() if each.after is not None]

    def decisions(self) -> Iterator[Decision]:
        """Yield what the update does with every resource. What goes comes last, dependents first."""
        yield from self._decisions.values()
        matched = {each.before.urn for each in self._decisions.values() if each.before is not None}
        for gone in reversed([each for urn, each in self._former.items() if urn not in matched]):
            if not gone.is_read:
                yield Decision("delete", gone, None)

    def register(self, registration: Registration) -> Declared:
        """Decide about a resource, and return it with its outputs. Raises EngineError for inputs that are wrong."""
        declared = self._with_provider(registration)
        if declared.urn in self._decisions:
            raise EngineError(f"two resources have the URN {declared.urn}: give one of them another name")
        before = self._before(declared, registration.aliases)
        if not declared.is_custom or declared.is_read or declared.type.startswith(PROVIDER):
            decision = self._simple(declared, before)
        else:
            decision = self._custom(declared, before, registration)
        self._decisions[declared.urn] = decision
        assert decision.after is not None
        return decision.after

    def set_outputs(self, urn: str, outputs: Properties) -> None:
        """Take the outputs of a component."""
        decision = self._decisions[urn]
        if decision.after is not None:
            self._decisions[urn] = replace(decision, after=decision.after.with_outputs(outputs))

    def _before(self, declared: Declared, aliases: Iterable[Alias]) -> Declared | None:
        older = former_urns(declared.urn, declared.parent, aliases, self._former_urns)
        if older:
            self._former_urns[declared.urn] = older
        return next((self._former[urn] for urn in (declared.urn, *older) if urn in self._former), None)

    def _simple(self, declared: Declared, before: Declared | None) -> Decision:
        """Decide about a component, a provider, or a resource that is only looked up."""
        if declared.is_read:
            return Decision("read", before, declared.with_outputs(declared.inputs, declared.id))
        new_id = f"{Urn.parse(declared.urn).name}-id" if declared.is_custom else ""
        if self._is_first:
            return Decision("create", None, declared.with_outputs(declared.inputs, new_id))
        if before is None:
            return Decision("create", None, declared.with_outputs(declared.inputs, "new-id" if new_id else ""))
        changes = self._moved(declared, before, self._changes_of_simple(declared, before))
        replaces = any(change.replace for change in changes)
        after = declared.with_outputs(declared.inputs, "new-id" if replaces else before.id)
        return Decision("replace" if replaces else "update" if changes else "same", before, after, changes)

    def _changes_of_simple(self, declared: Declared, before: Declared) -> tuple[Change, ...]:
        if declared.type != f"{PROVIDER}flyte":
            return differences(before.inputs, declared.inputs)
        # The plugin's own comparison knows which settings are those of another control plane.
        changes = flyte_plugin.difference_of_settings(before.inputs, declared.inputs).changes
        return changes or differences(before.inputs, declared.inputs)

    def _custom(self, declared: Declared, before: Declared | None, registration: Registration) -> Decision:
        if before is not None and before.is_read:
            before = None
        if before is not None and registration.ignored:
            declared = replace(declared, inputs=ignoring(registration.ignored, before.inputs, declared.inputs))
        declared = self._checked(declared, before)
        if self._is_first:
            return Decision("create", None, declared.with_outputs(self._deployed(declared), _id(declared, "0")))
        if before is None:
            operation: Operation = "import" if registration.is_import else "create"
            return Decision(operation, None, declared.with_outputs(self._previewed(declared, None)))
        changes = self._moved(declared, before, self._difference(declared, before).changes)
        if not changes and not self._has_new_provider(declared, before):
            return Decision("same", before, declared.with_outputs(before.outputs, before.id))
        if any(change.replace for change in changes) or self._has_new_provider(declared, before):
            declared = self._checked(replace(declared, inputs=self._unnamed(declared)), None)
            return Decision("replace", before, declared.with_outputs(self._previewed(declared, None)), changes)
        return Decision("update", before, declared.with_outputs(self._previewed(declared, before), before.id), changes)

    def _checked(self, declared: Declared, before: Declared | None) -> Declared:
        """Return a resource with the inputs that its plugin makes of those of the program."""
        if self._flyte.has(declared.type):
            inputs, problems = self._flyte.check(declared.urn, declared.inputs, self._settings_of(declared))
            if problems:
                reasons = "; ".join(str(problem) for problem in problems)
                raise EngineError(f"{declared.type} {Urn.parse(declared.urn).name!r}: {reasons}")
            return replace(declared, inputs=inputs)
        if kubernetes_plugin.is_object(declared.type):
            suffix = kubernetes_plugin.FORMER if self._is_first else kubernetes_plugin.NEW
            former = None if before is None else before.inputs
            name = Urn.parse(declared.urn).name
            return replace(declared, inputs=kubernetes_plugin.with_name(declared.inputs, name, suffix, former))
        return declared

    def _unnamed(self, declared: Declared) -> Properties:
        """Return the inputs for a new object: a name that the provider gave to the former one is not kept."""
        metadata = declared.inputs.get("metadata")
        if not kubernetes_plugin.is_object(declared.type) or not isinstance(metadata, dict):
            return declared.inputs
        if not str(metadata.get("name")).endswith(f"-{kubernetes_plugin.FORMER}"):
            return declared.inputs
        return {**declared.inputs, "metadata": {key: value for key, value in metadata.items() if key != "name"}}

    def _difference(self, declared: Declared, before: Declared) -> Difference:
        if self._flyte.has(declared.type):
            return self._flyte.diff(before, declared.urn, declared.inputs, self._settings_of(declared))
        replacing: tuple[str, ...] = ()
        if kubernetes_plugin.is_object(declared.type):
            replacing = kubernetes_plugin.replacing_paths(before.inputs)
        return Difference(differences(before.inputs, declared.inputs, replacing))

    def _moved(self, declared: Declared, before: Declared, changes: Iterable[Change]) -> tuple[Change, ...]:
        changing = frozenset(
            urn
            for urn, decision in self._decisions.items()
            if decision.operation in ("create", "update", "replace") and decision.after and decision.after.is_custom
        )
        return without_unmoved(changes, before.inputs, declared.inputs, declared.depends_on, changing)

    def _deployed(self, declared: Declared) -> Properties:
        if self._flyte.has(declared.type):
            return self._flyte.deployed(declared.urn, declared.inputs, self._settings_of(declared))
        return declared.inputs

    def _previewed(self, declared: Declared, before: Declared | None) -> Properties:
        if self._flyte.has(declared.type):
            return self._flyte.preview(declared.urn, declared.inputs, self._settings_of(declared), before)
        return declared.inputs

    def _with_provider(self, registration: Registration) -> Declared:
        """Return a resource with its provider: a default one of its package, unless the program chose another."""
        declared = registration.declared
        if declared.provider or not declared.is_custom or declared.type.startswith(("pulumi:", PROVIDER)):
            return replace(declared, provider=declared.provider.rpartition("::")[0])
        package = declared.type.partition(":")[0]
        version = registration.version or (VERSION if package == "flyte" else "")
        name = "_".join(filter(None, ("default", *version.replace("-", ".").split("."))))
        urn = str(Urn.below("", self._stack, self._project, f"{PROVIDER}{package}", name))
        if urn not in self._decisions:
            settings = self._settings if package == "flyte" else {}
            default = Declared(urn, f"{PROVIDER}{package}", "", True, "", {**settings, "version": version})
            self._decisions[urn] = self._simple(default, self._former.get(urn))
        return replace(declared, provider=urn)

    def _settings_of(self, declared: Declared) -> Properties:
        decision = self._decisions.get(declared.provider)
        return decision.after.inputs if decision is not None and decision.after is not None else self._settings

    def _has_new_provider(self, declared: Declared, before: Declared) -> bool:
        """Return whether the resource moves to another control plane or cluster, and so has to be made there."""
        decision = self._decisions.get(declared.provider)
        if decision is not None and decision.operation == "replace":
            return True
        if declared.provider == before.provider:
            return False
        names = (Urn.parse(urn).name for urn in (declared.provider, before.provider) if urn)
        return not all(name.startswith("default") for name in names)


def _id(declared: Declared, suffix: str) -> str:
    return f"{Urn.parse(declared.urn).name}-{suffix}"
