"""Read a report from its JSON document. Pure. The document can come from code that nobody has read yet."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, JsonValue, ValidationError

from pulumi_flyte_review.errors import ReviewError
from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import Diagnostic, Operation, PolicyViolation, PropertyEdit
from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    ConfigurationReason,
    DriftReason,
    FileReason,
    PackageReason,
    PropertyReason,
    Reason,
    SecretReason,
    UpstreamReason,
)
from pulumi_flyte_review.model.report import (
    Change,
    Connection,
    ContractBreak,
    Edge,
    Graph,
    Loss,
    Node,
    Others,
    Reachability,
    Rename,
    Report,
)
from pulumi_flyte_review.model.workload import Kind

# A report on 1,000 apps has less than one million characters.
LARGEST = 64_000_000


class ReportError(ReviewError):
    """A file that `pulumi-flyte diff --format json` did not write."""


class _Why(BaseModel):
    """Any of the reasons. The first key that is there says which."""

    file: str | None = None
    edit: Literal["add", "update", "delete"] = "update"
    argument: str | None = None
    config: str | None = None
    upstream: str | None = None
    by: str = "version"
    secret: str | bool = False
    package: str | None = None
    drift: str | None = None
    property: str | None = None
    resource: str = ""
    old: JsonValue = None
    new: JsonValue = None

    def value(self) -> Reason:
        if self.file is not None:
            return FileReason(self.file, self.edit)
        if self.argument is not None:
            return ArgumentReason(self.argument, self.old, self.new, self.secret is True)
        if self.config is not None:
            return ConfigurationReason(self.config, self.secret is True)
        if self.upstream is not None:
            kind, _, name = self.upstream.partition(" ")
            return UpstreamReason(kind, name, self.by)
        if isinstance(self.secret, str):
            return SecretReason(self.secret)
        if self.package is not None:
            return PackageReason(self.package, _version(self.old), _version(self.new))
        if self.drift is not None:
            return DriftReason(self.drift, self.old, self.new)
        return PropertyReason(self.resource, self.property or "", self.old, self.new)


def _version(value: JsonValue) -> str | None:
    return None if value is None else str(value)


class _Loss(BaseModel):
    resource: str
    op: Literal["replace", "delete"]
    because: tuple[str, ...] = ()


class _Rename(BaseModel):
    name: str
    flyte_name: str | None = None


class _Change(BaseModel):
    type: Kind
    name: str
    urn: str
    op: Operation
    restarts: bool = False
    replaced_because: tuple[str, ...] = ()
    why: tuple[_Why, ...] = ()
    resources: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    losses: tuple[_Loss, ...] = ()
    rename: _Rename | None = None

    def value(self) -> Change:
        reasons = tuple(reason.value() for reason in self.why)
        return Change(
            self.type,
            self.name,
            self.urn,
            self.op,
            reasons,
            self.restarts,
            self.replaced_because,
            self.resources,
            self.dependents,
            tuple(Loss(each.resource, each.op, each.because) for each in self.losses),
            None if self.rename is None else Rename(self.rename.name, self.rename.flyte_name),
        )


class _Reachability(BaseModel):
    gained: tuple[tuple[str, str, str], ...] = ()
    lost: tuple[tuple[str, str, str], ...] = ()


class _ContractBreak(BaseModel):
    caller: str
    callee: str
    operation: str
    problem: str
    file: str
    line: int


class _Policy(BaseModel):
    pack: str
    policy: str
    message: str
    mandatory: bool
    urn: str | None = None


class _Warning(BaseModel):
    message: str
    urn: str | None = None


class _Export(BaseModel):
    name: str
    edit: PropertyEdit
    old: JsonValue = None
    new: JsonValue = None


class _Node(BaseModel):
    type: Kind
    name: str
    op: Operation


class _Edge(BaseModel):
    caller: str = Field(alias="from")
    callee: str = Field(alias="to")
    edit: Literal["same", "add", "delete"]


class _Graph(BaseModel):
    nodes: tuple[_Node, ...] = ()
    edges: tuple[_Edge, ...] = ()


class _Document(BaseModel):
    format: Literal[1]
    project: str = Field(min_length=1, max_length=200)
    stack: str = Field(min_length=1, max_length=200)
    drift: bool = False
    token: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.:=+/-]+$", max_length=1000)
    changes: tuple[_Change, ...] = ()
    reachability: _Reachability = _Reachability()
    contracts: tuple[_ContractBreak, ...] = ()
    unchecked: tuple[str, ...] = ()
    others: dict[Operation, tuple[str, ...]] = {}
    outputs: tuple[_Export, ...] = ()
    graph: _Graph = _Graph()
    policies: tuple[_Policy, ...] = ()
    warnings: tuple[_Warning, ...] = ()


def report_from_json(text: str | bytes) -> Report:
    """Return the report. Raises ReportError that says where the document is wrong."""
    if len(text) > LARGEST:
        raise ReportError(f"The report has {len(text):,} characters. The largest that is read has {LARGEST:,}.")
    try:
        document = _Document.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, problem["loc"])) or "the text"
        raise ReportError(
            f"This is no report of `pulumi-flyte diff --format json`: {place}: {problem['msg']}."
        ) from None
    return _report(document)


def _report(document: _Document) -> Report:
    return Report(
        document.project,
        document.stack,
        changes=tuple(change.value() for change in document.changes),
        reachability=Reachability(
            tuple(Connection(*connection) for connection in document.reachability.gained),
            tuple(Connection(*connection) for connection in document.reachability.lost),
        ),
        contracts=tuple(ContractBreak(**each.model_dump()) for each in document.contracts),
        unchecked=document.unchecked,
        others=Others(
            {operation: len(names) for operation, names in document.others.items() if names}, document.others
        ),
        exports=tuple(ExportChange(each.name, each.edit, each.old, each.new) for each in document.outputs),
        graph=Graph(
            tuple(Node(node.type, node.name, node.op) for node in document.graph.nodes),
            tuple(Edge(edge.caller, edge.callee, edge.edit) for edge in document.graph.edges),
        ),
        diagnostics=tuple(Diagnostic("warning", warning.message, warning.urn) for warning in document.warnings),
        policies=tuple(PolicyViolation(**each.model_dump()) for each in document.policies),
        token=document.token,
        drift=document.drift,
    )
