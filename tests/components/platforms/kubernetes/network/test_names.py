"""Names of policies whose callers and callees have as long and as odd names as they may have."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.platforms.kubernetes.network import names
from pulumi_flyte.wiring.pairs import Peer

APPS = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,28}[a-z0-9])?", fullmatch=True)
NAMESPACES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
TASKS = st.from_regex(r"[A-Za-z0-9_]([-.A-Za-z0-9_]{0,253}[A-Za-z0-9_])?", fullmatch=True)
ALIASES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,80}", fullmatch=True)
CALLERS = st.one_of(
    st.builds(Peer, st.just("app"), NAMESPACES, NAMESPACES, APPS),
    st.builds(Peer, st.just("task"), NAMESPACES, NAMESPACES, TASKS),
)


def is_legal(name: str) -> bool:
    labels = name.split(".")
    return len(name) <= 253 and all(re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", each) for each in labels)


@given(CALLERS, NAMESPACES, APPS, NAMESPACES)
def test_the_name_of_an_edge_is_legal(caller: Peer, caller_namespace: str, callee: str, namespace: str) -> None:
    assert is_legal(names.of_entry(caller, caller_namespace, callee, namespace))
    assert is_legal(names.of_entry(caller, namespace, callee, namespace))
    if caller.kind == "app":
        assert is_legal(names.of_exit(caller, caller_namespace, callee, namespace))


@given(CALLERS, NAMESPACES, ALIASES)
def test_the_name_of_a_late_edge_is_legal(caller: Peer, namespace: str, alias: str) -> None:
    assert is_legal(names.of_late_entry(caller, namespace, alias))
    assert is_legal(names.of_late_exit(caller, namespace, alias)) or caller.kind == "task"


@given(st.lists(st.tuples(CALLERS, APPS), unique=True, max_size=8), NAMESPACES)
def test_two_edges_have_two_names(edges: list[tuple[Peer, str]], namespace: str) -> None:
    """Callers of one namespace are told apart by name; their projects are one."""
    of_one_scope = {(Peer(caller.kind, "p", "d", caller.name), callee) for caller, callee in edges}
    made = {names.of_entry(caller, namespace, callee, namespace) for caller, callee in of_one_scope}
    made |= {names.of_app(callee) for _, callee in of_one_scope}
    assert len(made) == len(of_one_scope) + len({callee for _, callee in of_one_scope})


def test_parts_with_dashes_are_told_apart() -> None:
    caller, other = Peer("app", "p", "d", "a"), Peer("app", "p", "d", "a-calls-b")
    assert names.of_entry(caller, "n", "b-calls-c", "n") != names.of_entry(other, "n", "c", "n")
    assert names.of_entry(caller, "calls", "b", "n") != names.of_entry(caller, "n", "b", "n")
    assert names.of_entry(Peer("task", "p", "d", "a"), "n", "b", "n") != names.of_entry(caller, "n", "b", "n")
