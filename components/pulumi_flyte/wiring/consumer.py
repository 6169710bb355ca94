"""`Consumer`: the component whose references are resolved."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pulumi_flyte.settings import Settings

ComponentKind = Literal["App", "Task", "Secret"]


class Consumer(NamedTuple):
    """A component with references. `settings`: None if the environment has problems."""

    kind: ComponentKind
    name: str
    settings: Settings | None
