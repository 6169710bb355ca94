"""`flyte:api:EdgeCredential`: what one caller shows to one app. Computed from its inputs, kept in state only."""

from __future__ import annotations

from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.properties.codec import UNKNOWN, Secret, Tree, has_unknown, reveal
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.shape import (
    NonEmpty,
    Shape,
    Text,
    Whole,
    examine,
    optional_field,
    parse,
    required_field,
)
from pulumi_flyte_provider.resources.auth import signing
from pulumi_flyte_provider.resources.resource import Call, Stored, is_import


class EdgeCredentialInputs(Shape):
    """The credential of one caller for one app."""

    private_key: Text = required_field("The app's `AuthKey.privateKey`.", json_schema_extra={"secret": True})
    caller: NonEmpty = required_field("Who calls: `project/domain/app/name` or `project/domain/task/name`.")
    audience: NonEmpty = required_field("The app that is called: `project/domain/name`.")
    issued_at: Whole = required_field("Unix seconds: `AuthKey.createdAt`, so that the credential is always the same.")
    expires_at: Whole | None = optional_field("Unix seconds; without it the credential ends with its key.")


class EdgeCredentialResource:
    """`flyte:api:EdgeCredential`."""

    token = "flyte:api:EdgeCredential"

    def check(self, call: Call, news: Tree, problems: Problems) -> Tree:
        """Rules. A key that was given in plain is a secret from here on."""
        revealed = examine(EdgeCredentialInputs, news, problems, secrets=True)
        key = revealed.get("privateKey")
        if isinstance(key, str):
            problems.add("privateKey", signing.seed_problem(key))
            return {**news, "privateKey": Secret(key)}
        return news

    def diff(self, call: Call, inputs: Tree, outputs: Tree, news: Tree) -> Difference:
        """Nothing is outside: every change is made in place."""
        return Difference(compare(inputs, news))

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """Known as soon as the key is."""
        return {**news, "credential": UNKNOWN} if has_unknown(news) else _outputs(news)

    def create(self, call: Call, news: Tree) -> Stored:
        """Signs."""
        return Stored(_id(reveal(news)), _outputs(news))

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """State is all there is."""
        if is_import(inputs, outputs):
            raise ProviderError(f"the credential {id} is in the state that made it and nowhere else: declare a new one")
        return Stored(id, outputs, inputs)

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """Signs anew."""
        return Stored(id, _outputs(news))

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """Nothing but state; it is good for as long as the app accepts its key."""


def _outputs(news: Tree) -> Tree:
    given = parse(EdgeCredentialInputs, reveal(news))
    text = signing.credential(
        given.private_key,
        caller=given.caller,
        audience=given.audience,
        issued_at=given.issued_at,
        expires_at=given.expires_at,
    )
    return {**news, "credential": Secret(text)}


def _id(plain: Tree) -> str:
    return f"{plain['caller']}>{plain['audience']}"
