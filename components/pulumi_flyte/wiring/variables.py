"""Turns the edges of a workload into the variables of its container.

The consumer's side is `flyte_runtime.contract`; a property test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import pulumi
from flyte_runtime import contract

from pulumi_flyte.engine.outputs import Text, lift
from pulumi_flyte.wiring.edge import Edges


class Guard(NamedTuple):
    """The check of an app's callers: the audience of their credentials, and the public keys.

    enforced_by: who refuses the others, the platform's front or the app itself through the runtime library.
    """

    audience: str
    keys: pulumi.Input[list[dict[str, str]]]
    enforced_by: Literal["platform", "app"]


def wiring_variables(
    identity: contract.Identity, edges: Edges, platform: str, guard: Guard | None = None
) -> dict[str, Text]:
    """Return the variable of each alias, and `FLYTE_WIRING`. Each stands alone, so that one unknown value leaves the
    others known."""
    variables = {contract.variable_name(edge.alias): edge.value for edge in edges.inputs}
    document = {
        "platform": platform,
        "identity": identity,
        "inputs": {edge.alias: edge.entry for edge in edges.inputs},
        # A key may be an Output, which a mapping's key cannot be.
        "secrets": [[edge.link.name, edge.variable] for edge in edges.secrets],
        "auth": None if guard is None else _entry(guard),
    }
    variables[contract.WIRING_VARIABLE] = lift(_text, document)
    return variables


def placeholder_variables(kind: Literal["app", "task"], edges: Edges, platform: str) -> dict[str, str]:
    """Return a container's variables for reading its source: every name is there, no value is real."""
    identity = contract.Identity(kind=kind, project="placeholder", domain="development", name="placeholder")
    stand_ins = Edges(
        tuple(edge.placeholder() for edge in edges.inputs), tuple(edge.placeholder() for edge in edges.secrets)
    )
    wired = wiring_variables(identity, stand_ins, platform)
    texts = {name: value for name, value in wired.items() if isinstance(value, str)}
    return texts | {edge.variable: "placeholder" for edge in edges.secrets}


def _entry(guard: Guard) -> dict[str, Any]:
    return {"audience": guard.audience, "keys": guard.keys, "enforced_by": guard.enforced_by}


def _text(document: Mapping[str, Any]) -> str:
    return contract.Wiring.model_validate({**document, "secrets": dict(document["secrets"])}).to_json()
