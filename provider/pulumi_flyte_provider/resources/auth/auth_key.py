"""The resource `flyte:api:AuthKey`: the key that signs the credentials of an app's callers.

It exists only in Pulumi's state. A new `rotation` updates the resource with a new key, and keeps the former public key
until the next rotation. So the app is deployed first and accepts both keys, and then its callers get new credentials.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.examination import examine
from pulumi_flyte_provider.properties.field_types import NonEmpty, Text
from pulumi_flyte_provider.properties.shape import Shape, optional_field, required_field
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret, reveal
from pulumi_flyte_provider.resources.auth import signing
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.state import State

ACCEPTED_KEYS = 2  # the newest, and the one before it


class AuthKeyInputs(Shape):
    """The signing key of one app."""

    audience: NonEmpty = required_field("The app that credentials are for: `project/domain/name`.")
    rotation: Text | None = optional_field("Any text. Another text creates a new key.")


class AuthKeyResource:
    """The resource `flyte:api:AuthKey`."""

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Check the rules."""
        examine(AuthKeyInputs, inputs, problems)
        return inputs

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Replace the key for another app, which must not accept the old key."""
        return Difference(compare(old.inputs, inputs, replacing=("audience",)), delete_first=True)

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Return unknown outputs, because the key is random."""
        return {**inputs, "privateKey": UNKNOWN, "keys": UNKNOWN, "createdAt": UNKNOWN}

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Create the first key."""
        return State(str(inputs["audience"]), inputs, _outputs(inputs, []))

    def read(self, operation: Operation, old: State) -> State | None:
        """Return the key in state. It exists nowhere else."""
        if old.is_import:
            raise ProviderError(f"the key {old.id} is in the state that made it and nowhere else: declare a new one")
        return old

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Create a new key. The key before it is still accepted."""
        return State(old.id, inputs, _outputs(inputs, reveal(old.outputs).get("keys") or []))

    def delete(self, operation: Operation, old: State) -> None:
        """Do nothing, because the key exists only in state."""


def _outputs(inputs: Properties, former: Sequence[dict[str, str]]) -> Properties:
    seed = signing.new_seed()
    keys = [signing.public_jwk(seed), *former][:ACCEPTED_KEYS]
    return {**inputs, "privateKey": Secret(seed), "keys": keys, "createdAt": int(time.time())}
