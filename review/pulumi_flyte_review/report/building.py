"""A preview as a report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pulumi_flyte_review.model.preview import Diagnostic, Operation, Preview
from pulumi_flyte_review.model.reason import UpstreamReason
from pulumi_flyte_review.model.report import Change, Report
from pulumi_flyte_review.model.workload import Workload, stack_of
from pulumi_flyte_review.reasons.explanation import Surroundings, reasons_of
from pulumi_flyte_review.report.changes import change_of
from pulumi_flyte_review.report.contracts import contracts_of
from pulumi_flyte_review.report.dependents import dependents_of
from pulumi_flyte_review.report.others import others_of
from pulumi_flyte_review.wiring.picture import graph_of
from pulumi_flyte_review.wiring.reachability import reachability_of

# What cannot be undone comes first.
ORDER: tuple[Operation, ...] = ("delete", "replace", "create", "import", "update", "read", "same")


def report_of(preview: Preview, *, drift: bool = False) -> Report:
    """Return what a reviewer reads of a preview. drift: whether the preview is that of a refresh only."""
    stack = stack_of(preview)
    around = Surroundings.of(stack)
    dependents = dependents_of(stack.workloads, around.names)
    changes = [change for each in stack.workloads if (change := change_of(each, around, dependents)) is not None]
    settings = [change for change in _settings_changes(stack.workloads, around) if _is_cause(change, changes)]
    changes += [change for change in settings if change.urn not in {each.urn for each in changes}]
    contracts = contracts_of(stack)
    return Report(
        project=preview.project,
        stack=preview.stack,
        changes=tuple(sorted(changes, key=_rank)),
        reachability=reachability_of(stack),
        contracts=contracts.breaks,
        unchecked=contracts.unchecked,
        graph=graph_of(stack, {change.urn: change.operation for change in changes}),
        others=others_of(stack.others),
        diagnostics=tuple(each for each in preview.diagnostics if _is_told(each)),
        policies=preview.policies,
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
    reason = UpstreamReason(change.kind, change.name, "settings")
    return any(reason in each.reasons for each in changes)


def _rank(change: Change) -> int:
    """Return the place in the order. Changes of one operation stay in the engine's order, callees first."""
    return ORDER.index(change.operation)


def _is_told(diagnostic: Diagnostic) -> bool:
    """Return whether a message is for a reviewer. What the program prints is for its author."""
    return diagnostic.severity in ("warning", "error")
