"""A resource in Pulumi's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_flyte_provider.properties.values import Properties, reveal


@dataclass(frozen=True)
class State:
    """The id, inputs and outputs of a resource.

    failures: the reasons why the object exists but does not work. The next `up` tries again.
    """

    id: str
    inputs: Properties
    outputs: Properties
    failures: Sequence[str] = ()

    @property
    def is_import(self) -> bool:
        """True if Read imports an object that is not in state yet."""
        return not self.inputs and not self.outputs

    @property
    def owner(self) -> str | None:
        """The owner in the object's mark when it was last written."""
        return self._recorded("owner")

    @property
    def creation(self) -> str | None:
        """The id of the Create that made the object."""
        return self._recorded("creation")

    def _recorded(self, key: str) -> str | None:
        text = reveal(self.outputs.get(key))
        return text if isinstance(text, str) else None
