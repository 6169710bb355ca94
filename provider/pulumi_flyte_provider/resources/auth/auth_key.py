"""`flyte:api:AuthKey`: the key that an app's callers' credentials are signed with.

It exists in Pulumi's state only. Another `rotation` makes a new key in place and keeps the former public key for one
rotation more: the app rolls first and accepts both, then its callers get their new credentials.
"""

from __future__ import annotations

import time
from typing import Any

from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.properties.codec import UNKNOWN, Secret, Tree, reveal
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.shape import NonEmpty, Shape, Text, examine, optional_field, required_field
from pulumi_flyte_provider.resources.auth import signing
from pulumi_flyte_provider.resources.resource import Call, Stored, is_import

KEPT = 2


class AuthKeyInputs(Shape):
    """The signing key of one app."""

    audience: NonEmpty = required_field("The app that credentials are for: `project/domain/name`.")
    rotation: Text | None = optional_field("Any text; another one makes a new key.")


class AuthKeyResource:
    """`flyte:api:AuthKey`."""

    token = "flyte:api:AuthKey"

    def check(self, call: Call, news: Tree, problems: Problems) -> Tree:
        """Rules only."""
        examine(AuthKeyInputs, news, problems)
        return news

    def diff(self, call: Call, inputs: Tree, outputs: Tree, news: Tree) -> Difference:
        """Another app is another key; nothing of the old one counts for it."""
        return Difference(compare(inputs, news, replacing=("audience",)), delete_first=True)

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """A key cannot be known before it is made."""
        return {**news, "privateKey": UNKNOWN, "keys": UNKNOWN, "createdAt": UNKNOWN}

    def create(self, call: Call, news: Tree) -> Stored:
        """The first key."""
        return Stored(str(news["audience"]), _outputs(news, []))

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """State is all there is."""
        if is_import(inputs, outputs):
            raise ProviderError(f"the key {id} is in the state that made it and nowhere else: declare a new one")
        return Stored(id, outputs, inputs)

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """A new key; the one before still counts."""
        former: Any = reveal(outputs).get("keys") or []
        return Stored(id, _outputs(news, former))

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """Nothing but state."""


def _outputs(news: Tree, former: list[dict[str, str]]) -> Tree:
    seed = signing.new_seed()
    keys = [signing.public_jwk(seed), *former][:KEPT]
    return {**news, "privateKey": Secret(seed), "keys": keys, "createdAt": int(time.time())}
