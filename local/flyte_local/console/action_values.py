"""The inputs and outputs of an action, in the console."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from connectrpc.errors import ConnectError
from flyteidl2.task.common_pb2 import NamedLiteral
from flyteidl2.workflow.run_definition_pb2 import ActionDetails

from flyte_local.console.values import value_text
from flyte_local.runs.phases import RECOVERED, SUCCEEDED
from flyte_local.runs.records import Records, outputs_uri
from flyte_local.secrets.redaction import Mask
from flyte_local.state.data_files import path_of, read_inputs, read_outputs
from flyte_local.wire.identifiers import action_key

_MOST_CHARACTERS = 5000
_MOST_VALUES = 50
_LONGEST_LINE = 200


@dataclass(frozen=True)
class NamedValue:
    """A value as text. `block`: it has several lines, or a long one."""

    name: str
    text: str
    block: bool = False


@dataclass(frozen=True)
class Values:
    """Inputs or outputs, or the problem of reading them."""

    title: str
    entries: Sequence[NamedValue] = ()
    problem: str = ""


def values(records: Records, action: ActionDetails, mask: Mask) -> list[Values]:
    """Return the inputs, and the outputs of an action that has succeeded."""
    plan = records.plan(action_key(action.id))
    sections: list[Values] = []
    try:
        if plan is not None and plan.inputs:
            sections.append(Values("Inputs", _entries(read_inputs(plan.inputs).literals, mask)))
    except ConnectError as error:
        sections.append(Values("Inputs", problem=error.message))
    if action.status.phase not in (SUCCEEDED, RECOVERED):
        return sections
    try:
        location = outputs_uri(action, plan.outputs if plan else "")
        outputs = read_outputs(path_of(location)) if location else None
    except ConnectError:
        outputs = None
    if outputs is not None:
        sections.append(Values("Outputs", _entries(outputs.literals, mask)))
    return sections


def _entries(literals: Iterable[NamedLiteral], mask: Mask) -> list[NamedValue]:
    entries: list[NamedValue] = []
    left = _MOST_CHARACTERS
    for literal in literals:
        if left <= 0 or len(entries) >= _MOST_VALUES:
            entries.append(NamedValue("…", "more is not shown here: `flyte get io` prints everything"))
            break
        text = value_text(literal.value, mask)
        if len(text) > left:
            text = f"{text[:left]} … ({len(text)} characters)"
        left -= len(escape(text))
        entries.append(NamedValue(literal.name, text, block="\n" in text or len(text) > _LONGEST_LINE))
    return entries
