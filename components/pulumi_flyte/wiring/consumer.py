"""`Consumer`: the component whose references are resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pulumi_flyte.settings import Settings

ComponentKind = Literal["App", "Task", "Secret"]


@dataclass(frozen=True, slots=True)
class Consumer:
    """A component with references. `settings` is None where its environment has problems of its own."""

    kind: ComponentKind
    name: str
    settings: Settings | None
