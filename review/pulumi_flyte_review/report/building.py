"""A preview as a report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pulumi_flyte_review.model.preview import Diagnostic, Operation, PolicyViolation, Preview
from pulumi_flyte_review.model.reason import UpstreamReason
from pulumi_flyte_review.model.report import Change, Report
from pulumi_flyte_review.model.workload import Kind, Workload, stack_of
from pulumi_flyte_review.reasons.explanation import Surroundings, reasons_of
from pulumi_flyte_review.report.changes import change_of
from pulumi_flyte_review.report.contracts import contracts_of
from pulumi_flyte_review.report.dependents import dependents_of
from pulumi_flyte_review.report.exports import export_changes
from pulumi_flyte_review.report.others import others_of
from pulumi_flyte_review.report.renames import renames_of
from pulumi_flyte_review.wiring.picture import graph_of
from pulumi_flyte_review.wiring.reachability import reachability_of

# What cannot be undone comes first.
ORDER: tuple[Operation, ...] = ("delete", "replace", "create", "import", "update", "read", "same")
# What others change because of comes before these.
KINDS: tuple[Kind, ...] = ("environment", "secret", "task", "app", "trigger")


def report_of(preview: Preview, *, drift: bool = False) -> Report:
    """Return what a reviewer reads of a preview. drift: whether the preview is that of a refresh only."""
    stack = stack_of(preview)
    around = Surroundings.of(stack)
    dependents = dependents_of(stack.workloads, around.names)
    renames = renames_of(stack.workloads)
    each_change = (change_of(each, around, dependents, drift=drift) for each in stack.workloads)
    changes = [replace(change, rename=renames.get(change.urn)) for change in each_change if change is not None]
    settings = [change for change in _settings_changes(stack.workloads, around) if _is_cause(change, changes)]
    changes += [change for change in settings if change.urn not in {each.urn for each in changes}]
    contracts = contracts_of(stack)
    return Report(
        project=preview.project,
        stack=preview.stack,
        changes=tuple(sorted(changes, key=_rank)),
        reachability=reachability_of(stack, around.names),
        contracts=contracts.breaks,
        unchecked=contracts.unchecked,
        graph=graph_of(stack, around.names, {change.urn: change.operation for change in changes}),
        others=others_of(stack.others, drift=drift),
        exports=tuple(export_changes(preview)),
        diagnostics=tuple(sorted(filter(_is_told, preview.diagnostics), key=_place)),
        policies=tuple(sorted(preview.policies, key=_place)),
        drift=drift,
    )


def _settings_changes(workloads: Iterable[Workload], around: Surroundings) -> Iterator[Change]:
    """Yield the environments whose settings differ by the configuration alone: none of their resources changes."""
    for each in workloads:
        before, after = (outputs.get("settings") for outputs in each.outputs)
        if each.kind == "environment" and each.step.operation == "same" and before != after:
            yield Change("environment", each.name, each.step.urn, "update", reasons_of(each, around))


def _is_cause(change: Change, changes: Iterable[Change]) -> bool:
    """Return whether another change is because of this one."""
    reason = UpstreamReason(change.label, "settings")
    return any(reason in each.reasons for each in changes)


def _rank(change: Change) -> tuple[int, bool, int, str, str]:
    """Return the place in the order. The engine's own order is another one each time."""
    loses = change.operation not in ("delete", "replace") and bool(change.losses)
    return ORDER.index(change.operation), not loses, KINDS.index(change.kind), change.name, change.urn


def _place(message: Diagnostic | PolicyViolation) -> tuple[str, str]:
    """Return the place in the order of messages."""
    return message.urn or "", message.message


def _is_told(diagnostic: Diagnostic) -> bool:
    """Return whether a message is for a reviewer. What the program prints is for its author."""
    return diagnostic.severity in ("warning", "error")
