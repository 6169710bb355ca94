"""Reports for tests: generated ones, and one of a given size."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st
from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import Diagnostic, Json, Operation, PolicyViolation
from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    ConfigurationReason,
    DriftReason,
    FileReason,
    PackageReason,
    PropertyReason,
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
    Reachability,
    Rename,
    Report,
)
from pulumi_flyte_review.model.workload import Kind

operations: st.SearchStrategy[Operation] = st.sampled_from(get_args(Operation))
kinds: st.SearchStrategy[Kind] = st.sampled_from(get_args(Kind))
# Text that wants to be markup, an HTML comment, a hidden line of Bitbucket, a command to GitLab, or a mention.
texts = st.sampled_from(
    [
        "a",
        "resize",
        "a b",
        "`x`",
        "<!-- x -->",
        "[//]: # (x)",
        "/approve",
        "@everyone",
        "a, b",
        "x\n/merge",
        "ü🌈",
        "|*_",
    ]
) | st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20)
names = st.text(alphabet="abcdefghij-", min_size=1, max_size=30)
values: st.SearchStrategy[Json] = st.none() | st.booleans() | st.integers(0, 10**6) | texts
edits = st.sampled_from(("add", "update", "delete"))
reasons = st.one_of(
    st.builds(FileReason, texts, edits),
    st.builds(ArgumentReason, texts, values, values, st.booleans()),
    st.builds(ConfigurationReason, texts, st.booleans()),
    st.builds(UpstreamReason, st.builds("{} {}".format, kinds, names), texts),
    st.builds(SecretReason, texts),
    st.builds(PackageReason, texts, st.none() | texts, st.none() | texts),
    st.builds(DriftReason, texts),
    st.builds(PropertyReason, texts, texts, values, values),
)


def tuples(items: st.SearchStrategy[object], size: int = 4) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=size).map(tuple)


losses = st.builds(Loss, texts, st.sampled_from(("replace", "delete")), tuples(texts, 2))
renames = st.none() | st.builds(Rename, names, st.none() | names)
changes = st.builds(
    Change,
    kinds,
    names,
    names,
    operations,
    tuples(reasons),
    st.booleans(),
    tuples(texts, 2),
    tuples(names, 2),
    losses=tuples(losses, 2),
    rename=renames,
)
exports = st.builds(ExportChange, texts, edits, values, values)


connections = tuples(st.builds(Connection, texts, texts, texts))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    return draw(
        st.builds(
            Report,
            project=names,
            stack=names,
            changes=tuples(changes, 8),
            reachability=st.builds(
                Reachability,
                tuples(st.builds(Connection, texts, texts, texts)),
                tuples(st.builds(Connection, texts, texts, texts)),
            ),
            contracts=tuples(st.builds(ContractBreak, texts, texts, texts, texts, texts, st.integers(1, 999))),
            unchecked=tuples(texts),
            others=st.dictionaries(operations, st.lists(texts, min_size=1, max_size=4).map(tuple), max_size=3),
            exports=tuples(exports),
            graph=st.builds(
                Graph,
                tuples(st.builds(Node, kinds, names, operations)),
                tuples(st.builds(Edge, names, names, st.sampled_from(("same", "add", "delete")))),
            ),
            diagnostics=tuples(st.builds(Diagnostic, st.just("warning"), texts, st.none() | names)),
            policies=tuples(st.builds(PolicyViolation, texts, texts, texts, st.booleans(), st.none() | names)),
            token=st.none() | st.just("r1.abc.def"),
        )
    )


def large_report(stack: str = "production", *, apps: int = 1000, edges: int = 5000, deleted: int = 100) -> Report:
    """Return a report in which every app changes. Names are as long as Flyte allows: 30 characters."""
    app_names = [f"app-{position:04}-{'x' * 21}" for position in range(apps)]
    replaced = deleted // 2

    def operation(position: int) -> Operation:
        return "delete" if position < deleted else "replace" if position < deleted + replaced else "update"

    pairs = [(app_names[edge % apps], app_names[(edge * 7 + edge // apps + 1) % apps]) for edge in range(edges)]
    callees: dict[str, list[str]] = {}
    for caller, callee in pairs:
        callees.setdefault(caller, []).append(callee)
    return Report(
        "shop",
        stack,
        changes=tuple(
            Change(
                "app",
                name,
                f"urn:pulumi:{stack}::shop::flyte:index:App::{name}",
                operation(position),
                (
                    FileReason(f"services/{name}/main.py", "update"),
                    *(UpstreamReason(f"app {callee}", "version") for callee in callees.get(name, ())),
                ),
                restarts=True,
            )
            for position, name in enumerate(app_names)
        ),
        reachability=Reachability(gained=tuple(Connection(f"app {a}", f"app {b}", "8080") for a, b in pairs)),
        others={"delete": tuple(f"aws:s3:Bucket bucket-{n:03}" for n in range(40))},
        graph=Graph(
            tuple(Node("app", name, operation(position)) for position, name in enumerate(app_names)),
            tuple(Edge(a, b, "add") for a, b in pairs),
        ),
        token="r1.0123456789abcdef",
    )
