"""What an action was given and what came of it, in the console."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from connectrpc.errors import ConnectError
from flyteidl2.task.common_pb2 import NamedLiteral
from flyteidl2.workflow.run_definition_pb2 import ActionDetails

from flyte_local.console.values import value_text
from flyte_local.runs.phases import RECOVERED, SUCCEEDED
from flyte_local.runs.records import Records, outputs_uri
from flyte_local.secrets.redaction import Mask
from flyte_local.state.data_files import path_of, read_inputs, read_outputs
from flyte_local.web.html import Html, facts, html, preformatted, section, tag
from flyte_local.wire.identifiers import action_key

_MOST = 5000
_MOST_VALUES = 50


def values(records: Records, action: ActionDetails, mask: Mask) -> Html:
    """Inputs, and the outputs of an action that has succeeded."""
    plan = records.plan(action_key(action.id))
    shown = Html()
    try:
        if plan is not None and plan.inputs:
            inputs = read_inputs(plan.inputs)
            shown = Html(shown + section("Inputs", _table(inputs.literals, mask)))
    except ConnectError as error:
        shown = Html(shown + section("Inputs", tag("p", error.message, class_="quiet")))
    if action.status.phase not in (SUCCEEDED, RECOVERED):
        return shown
    try:
        location = outputs_uri(action, plan.outputs if plan else "")
        outputs = read_outputs(path_of(location)) if location else None
    except ConnectError:
        outputs = None
    if outputs is None:
        return shown
    return Html(shown + section("Outputs", _table(outputs.literals, mask)))


def _table(literals: Iterable[NamedLiteral], mask: Mask) -> Html:
    rows: list[tuple[str, object]] = []
    left = _MOST
    for literal in literals:
        if left <= 0 or len(rows) >= _MOST_VALUES:
            rows.append(("…", "more is not shown here: `flyte get io` prints everything"))
            break
        text = value_text(literal.value, mask)
        if len(text) > left:
            text = f"{text[:left]} … ({len(text)} characters)"
        left -= len(escape(text))
        rows.append(
            (literal.name, preformatted(text, literal.name) if "\n" in text or len(text) > 200 else html(text or "''"))
        )
    return facts(rows) if rows else tag("p", "None.", class_="quiet")
