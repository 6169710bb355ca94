"""A resource as Pulumi's state holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_flyte_provider.properties.values import Properties, reveal


@dataclass(frozen=True)
class State:
    """The id, inputs and outputs of a resource.

    failures: reasons why the object exists and does not work. The next `up` tries again.
    """

    id: str
    inputs: Properties
    outputs: Properties
    failures: Sequence[str] = ()

    @property
    def is_import(self) -> bool:
        """True if Read is asked for an object that state does not hold yet."""
        return not self.inputs and not self.outputs

    @property
    def owner(self) -> str | None:
        """The owner that the object was marked with when it was last written."""
        return self._recorded("owner")

    @property
    def creation(self) -> str | None:
        """The id of the Create that made the object."""
        return self._recorded("creation")

    def _recorded(self, key: str) -> str | None:
        text = reveal(self.outputs.get(key))
        return text if isinstance(text, str) else None
