"""The runtime reads the variables that a component writes."""

from __future__ import annotations

import json
import os

import flyte_runtime as rt
from flyte_runtime import contract
from flyte_runtime.container import wiring
from flyte_runtime.contract import AppInput, Identity, TaskInput, ValueInput, Wiring
from hypothesis import given
from hypothesis import strategies as st

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
aliases = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
seconds = st.none() | st.floats(min_value=0.001, max_value=1e6)
inputs = st.one_of(
    st.builds(
        AppInput,
        project=names,
        domain=names,
        name=names,
        url=text,
        public_url=st.none() | text,
        timeout=seconds,
        retries=st.none() | st.integers(0, 10),
        credential_variable=st.none() | aliases,
    ),
    st.builds(TaskInput, project=names, domain=names, name=names, version=st.none() | names, timeout=seconds),
    st.builds(ValueInput),
)
wirings = st.builds(
    Wiring,
    platform=st.sampled_from(["local", "flyte", "kubernetes"]),
    identity=st.builds(
        Identity, kind=st.sampled_from(["app", "task"]), project=names, domain=names, name=names, org=text
    ),
    inputs=st.dictionaries(aliases, inputs, max_size=6),
    secrets=st.dictionaries(names, aliases, max_size=4),
)


@given(wirings)
def test_round_trip(document: Wiring) -> None:
    assert Wiring.from_json(document.to_json()) == document


@given(wirings)
def test_the_runtime_reads_from_its_environment_what_was_written(document: Wiring) -> None:
    before = os.environ.get(contract.WIRING_VARIABLE)
    os.environ[contract.WIRING_VARIABLE] = document.to_json()
    try:
        assert wiring.current() == document
        for alias, wired in document.inputs.items():
            if isinstance(wired, AppInput):
                assert rt.app(alias).input == wired
            elif isinstance(wired, TaskInput):
                assert rt.task(alias).input == wired
    finally:
        os.environ.pop(contract.WIRING_VARIABLE)
        if before is not None:
            os.environ[contract.WIRING_VARIABLE] = before


@given(
    st.builds(
        TaskInput,
        project=names,
        domain=names,
        name=st.from_regex(r"[a-z_.]{1,30}", fullmatch=True),
        version=st.none() | names,
    )
)
def test_a_task_reference_round_trips(task: TaskInput) -> None:
    assert contract.parse_task_reference(task.reference) == task


def test_an_older_runtime_reads_a_document_with_fields_it_does_not_know() -> None:
    document = Wiring(identity=Identity(kind="app", project="p", domain="d", name="n"))
    newer = json.loads(document.to_json()) | {"lanes": 3}
    newer["identity"]["zone"] = "b"
    assert Wiring.from_json(json.dumps(newer)) == document


def test_equal_wirings_give_equal_bytes() -> None:
    def build() -> Wiring:
        return Wiring(identity=Identity(kind="app", project="p", domain="d", name="n"), secrets={"a": "A", "b": "B"})

    assert build().to_json() == build().to_json()
