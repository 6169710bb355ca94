"""The outputs of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Outputs"]


class Outputs(tuple[Any, ...]):
    """The outputs of a run: a tuple in the order of the task's interface, and a mapping by name in `named_outputs`.

    The outputs of Python tasks are named o0, o1 … unless the task names them. Raw containers always name them.
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
