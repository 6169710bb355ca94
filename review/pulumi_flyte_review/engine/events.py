"""The engine's event log as a `Preview`. Pure.

An event is a line of JSON, as `pulumi preview --event-log` writes it (`apitype.EngineEvent` of Pulumi's SDK for Go).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any, cast

from pulumi_flyte.naming.urns import urn_of
from pulumi_flyte.notation.engine_marks import SECRET, UNKNOWN

from pulumi_flyte_review.engine.colour import without_colour
from pulumi_flyte_review.engine.secret_values import is_secret
from pulumi_flyte_review.model.preview import (
    Diagnostic,
    Operation,
    PolicyViolation,
    Preview,
    PropertyChange,
    PropertyEdit,
    Severity,
    Snapshot,
    Step,
)

Event = Mapping[str, Any]

_OPERATIONS: Mapping[str, Operation] = {
    "same": "same",
    "create": "create",
    "update": "update",
    "delete": "delete",
    "import": "import",
    "read": "read",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "read-replacement": "replace",
    "import-replacement": "replace",
    "discard": "delete",
    "discard-replaced": "replace",
    "remove-pending-replace": "delete",
}
# A replacement ends with a removal. Without a replacement, it is of what an earlier update left to be deleted: the
# engine tells that by the URN of the resource that the program has now.
_REMOVALS = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"})
# As the engine sends what is unknown (`plugin.UnknownStringValue`).
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SEVERITY: tuple[Operation, ...] = ("delete", "read", "same", "import", "update", "create", "replace")
_LEVELS: Mapping[str, Severity] = {"warning": "warning", "error": "error", "info": "info", "info#err": "info"}


def preview_of(events: Iterable[Event], *, refreshed: bool = False) -> Preview:
    """Return the preview that a log tells. Its names are empty if the engine did not start.

    refreshed: whether the engine compared the state with the live resources first.
    """
    events = tuple(events)
    looks: dict[str, Event] = {}
    announcements: dict[str, list[Event]] = {}
    for kind, metadata in _steps(events):
        urn = metadata["urn"]
        if metadata["op"] in _OPERATIONS:
            announcements.setdefault(urn, []).append(metadata)
        elif metadata["op"] == "refresh" and kind == "resOutputsEvent":
            looks[urn] = metadata
    steps = {urn: _step_of(each) for urn, each in announcements.items()}
    refreshed_steps = (_with_look(step, looks[urn]) if urn in looks else step for urn, step in steps.items())
    return _preview(events, refreshed_steps, refreshed=refreshed)


def drift_of(events: Iterable[Event]) -> Preview:
    """Return what the log of a refresh tells: no program ran, so every resource stays as the state has it."""
    events = tuple(events)
    looks = {metadata["urn"]: metadata for kind, metadata in _steps(events) if kind == "resOutputsEvent"}
    return _preview(events, map(_looked_at, looks.values()), refreshed=True)


def _steps(events: Iterable[Event]) -> Iterator[tuple[str, Event]]:
    """Yield the steps, each with the kind of its event. A step is announced, and told again with its outputs."""
    for event in events:
        for kind in ("resourcePreEvent", "resOutputsEvent"):
            if kind in event:
                yield kind, event[kind]["metadata"]


def _preview(events: Iterable[Event], steps: Iterable[Step], *, refreshed: bool) -> Preview:
    configuration: Mapping[str, str] = {}
    diagnostics: dict[Diagnostic, None] = {}
    policies: dict[PolicyViolation, None] = {}
    for event in events:
        if "preludeEvent" in event:
            configuration = event["preludeEvent"].get("config") or {}
        elif "diagnosticEvent" in event:
            diagnostics |= dict.fromkeys(_diagnostic(event["diagnosticEvent"]))
        elif "policyEvent" in event:
            policies[_violation(event["policyEvent"])] = None
    order = tuple(steps)
    stack, project = _place(order[0].urn if order else "")
    return Preview(project, stack, order, configuration, tuple(diagnostics), tuple(policies), refreshed=refreshed)


def _looked_at(metadata: Event) -> Step:
    state = _snapshot(metadata.get("old"))
    parent = (metadata.get("old") or {}).get("parent") or None
    step = Step(metadata["urn"], metadata["type"], "same", parent, before=state, after=state)
    return _with_look(step, metadata)


def _with_look(step: Step, metadata: Event) -> Step:
    """Return a step with what a refresh saw."""
    state, live = _snapshot(metadata.get("old")), _snapshot(metadata.get("new"))
    if live is None:
        return replace(step, gone=True, before=state)
    drifted = _properties(metadata)
    return replace(step, live=live, drifted=drifted, before=state) if drifted else step


def _place(urn: str) -> tuple[str, str]:
    """Return the names of the stack and of the project in a URN."""
    parsed = urn_of(urn)
    return ("", "") if parsed is None else (parsed.stack, parsed.project)


def _step_of(announcements: Iterable[Event]) -> Step:
    """Return one step of all that the engine announces of a resource. A replacement has three steps."""
    announcements = tuple(announcements)
    removals = [each for each in announcements if each["op"] in _REMOVALS]
    others = [each for each in announcements if each["op"] not in _REMOVALS]
    if not others:
        return replace(reduce(_merged, map(_step, removals)), operation="delete", after=None)
    if removals and not any(_OPERATIONS[each["op"]] == "replace" for each in others):
        return replace(reduce(_merged, map(_step, others)), leftover=True)
    return reduce(_merged, map(_step, announcements))


def _step(metadata: Event) -> Step:
    old, new = metadata.get("old"), metadata.get("new")
    operation = _OPERATIONS[metadata["op"]]
    return Step(
        urn=metadata["urn"],
        type=metadata["type"],
        operation=operation,
        parent=(new or old or {}).get("parent") or None,
        before=None if operation == "create" else _snapshot(old),
        after=None if metadata["op"] in ("delete", "delete-replaced", "discard") else _snapshot(new),
        properties=_properties(metadata),
    )


def _merged(earlier: Step, later: Step) -> Step:
    """Return one step of two. A resource is announced, and told again with its outputs."""
    return replace(
        later,
        operation=max(earlier.operation, later.operation, key=_SEVERITY.index),
        before=earlier.before or later.before,
        after=later.after or earlier.after,
        properties=later.properties or earlier.properties,
    )


def _snapshot(state: Event | None) -> Snapshot | None:
    if state is None:
        return None
    return Snapshot(_with_words(state.get("inputs") or {}), _with_words(state.get("outputs") or {}))


def _with_words(value: Any) -> Any:
    """Return a value with a word for what is unknown until the update, and for what is secret.

    The engine itself writes `[secret]`, but for the stack's outputs: there it writes the value, as in a state.
    """
    if isinstance(value, Mapping):
        return SECRET if is_secret(value) else {key: _with_words(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_words(item) for item in value]
    return UNKNOWN if value == _UNKNOWN else value


def _properties(metadata: Event) -> tuple[PropertyChange, ...]:
    """Return the properties that differ. A provider that names no paths names properties at least."""
    replacing = set(metadata.get("keys") or ())
    detailed: Mapping[str, Event] = metadata.get("detailedDiff") or {}
    if detailed:
        kinds = ((path, str(difference["diffKind"])) for path, difference in detailed.items())
        changes = [
            PropertyChange(path, cast(PropertyEdit, kind.partition("-")[0]), kind.endswith("-replace"))
            for path, kind in kinds
        ]
        return tuple(sorted(changes))
    return tuple(PropertyChange(path, "update", path in replacing) for path in sorted(metadata.get("diffs") or ()))


def _diagnostic(event: Event) -> Iterable[Diagnostic]:
    severity = _LEVELS.get(event["severity"])
    message = without_colour(str(event["message"])).strip()
    if severity is not None and message and not event.get("ephemeral"):
        yield Diagnostic(severity, message, event.get("urn") or None)


def _violation(event: Event) -> PolicyViolation:
    return PolicyViolation(
        pack=event["policyPackName"],
        policy=event["policyName"],
        message=str(event["message"]).strip(),
        mandatory=event["enforcementLevel"] == "mandatory",
        urn=event.get("resourceUrn") or None,
    )
