"""The outputs of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Outputs"]


class Outputs(tuple[Any, ...]):
    """What a run has put out: a tuple in the order of the task's interface, and by name in `named_outputs`.

    Python tasks have the names o0, o1 … unless they name their outputs; raw containers always name them.
    """

    named_outputs: Mapping[str, Any]

    def __new__(cls, named_outputs: Mapping[str, Any]) -> Outputs:
        outputs = super().__new__(cls, named_outputs.values())
        outputs.named_outputs = dict(named_outputs)
        return outputs

    def __getnewargs__(self) -> tuple[Any]:
        return (self.named_outputs,)

    def __repr__(self) -> str:
        return f"Outputs({', '.join(f'{name}={value!r}' for name, value in self.named_outputs.items())})"
