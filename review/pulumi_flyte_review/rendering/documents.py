"""A report as a JSON document, of the schema docs/reference/review.schema.json. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    ConfigurationReason,
    DriftReason,
    FileReason,
    PackageReason,
    Reason,
    SecretReason,
    UpstreamReason,
)
from pulumi_flyte_review.model.report import Change, Report
from pulumi_flyte_review.rendering.pictures import graph_document

FORMAT = 1


def json_text(report: Report) -> str:
    """Return the document as text."""
    return json.dumps(document(report), indent=2, ensure_ascii=False) + "\n"


def document(report: Report) -> Mapping[str, Json]:
    """Return the document."""
    return {
        "format": FORMAT,
        "project": report.project,
        "stack": report.stack,
        "token": report.token,
        "drift": report.drift,
        "changes": [_change(change) for change in report.changes],
        "reachability": {
            "gained": [[each.caller, each.callee, each.port] for each in report.reachability.gained],
            "lost": [[each.caller, each.callee, each.port] for each in report.reachability.lost],
        },
        "contracts": [
            {
                "caller": each.caller,
                "callee": each.callee,
                "operation": each.operation,
                "problem": each.problem,
                "file": each.file,
                "line": each.line,
            }
            for each in report.contracts
        ],
        "unchecked": list(report.unchecked),
        "others": {operation: list(names) for operation, names in report.others.names.items()},
        "outputs": [
            {"name": each.name, "edit": each.edit, "old": each.old, "new": each.new} for each in report.exports
        ],
        "graph": graph_document(report.graph),
        "policies": [
            {
                "pack": each.pack,
                "policy": each.policy,
                "message": each.message,
                "mandatory": each.mandatory,
                "urn": each.urn,
            }
            for each in report.policies
        ],
        "warnings": [
            {"message": each.message, "urn": each.urn} for each in report.diagnostics if each.severity == "warning"
        ],
    }


def _change(change: Change) -> Mapping[str, Json]:
    rename = change.rename
    return {
        "type": change.kind,
        "name": change.name,
        "urn": change.urn,
        "op": change.operation,
        "restarts": change.restarts,
        "replaced_because": list(change.replaced_because),
        "why": [why(reason) for reason in change.reasons],
        "resources": list(change.resources),
        "dependents": list(change.dependents),
        "losses": [
            {"resource": each.resource, "op": each.operation, "because": list(each.because)} for each in change.losses
        ],
        "rename": None if rename is None else {"name": rename.name, "flyte_name": rename.flyte_name},
    }


def why(reason: Reason) -> Mapping[str, Json]:
    """Return a reason as an object whose first key says of which kind it is."""
    if isinstance(reason, FileReason):
        return {"file": reason.path, "edit": reason.edit}
    if isinstance(reason, ArgumentReason):
        hidden: Mapping[str, Json] = {"secret": True} if reason.secret else {}
        return {"argument": reason.path, "old": reason.old, "new": reason.new, **hidden}
    if isinstance(reason, ConfigurationReason):
        return {"config": reason.key, **({"secret": True} if reason.secret else {})}
    if isinstance(reason, UpstreamReason):
        return {"upstream": f"{reason.kind} {reason.name}", "by": reason.by}
    if isinstance(reason, SecretReason):
        return {"secret": reason.name}
    if isinstance(reason, PackageReason):
        return {"package": reason.name, "old": reason.old, "new": reason.new}
    if isinstance(reason, DriftReason):
        return {"drift": reason.path, "old": reason.old, "new": reason.new}
    return {"property": reason.path, "resource": reason.resource, "old": reason.old, "new": reason.new}
