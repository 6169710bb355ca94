"""The resource `flyte:api:EdgeCredential`: the credential of one caller for one app.

It is computed from its inputs and exists only in state.
"""

from __future__ import annotations

from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.examination import examine
from pulumi_flyte_provider.properties.field_types import NonEmpty, Text, Whole
from pulumi_flyte_provider.properties.shape import Shape, optional_field, parse, required_field
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret, has_unknown, reveal
from pulumi_flyte_provider.resources.auth import signing
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.state import State


class EdgeCredentialInputs(Shape):
    """The credential of one caller for one app."""

    private_key: Text = required_field("The app's `AuthKey.privateKey`.", json_schema_extra={"secret": True})
    caller: NonEmpty = required_field("The caller: `project/domain/app/name` or `project/domain/task/name`.")
    audience: NonEmpty = required_field("The app that is called: `project/domain/name`.")
    issued_at: Whole = required_field("Unix seconds: `AuthKey.createdAt`, so that the credential is always the same.")
    expires_at: Whole | None = optional_field("Unix seconds. Default: the credential is valid as long as its key.")


class EdgeCredentialResource:
    """The resource `flyte:api:EdgeCredential`."""

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Check the rules, and mark the key as a secret."""
        revealed = examine(EdgeCredentialInputs, inputs, problems, secrets=True)
        key = revealed.get("privateKey")
        if isinstance(key, str):
            problems.add("privateKey", signing.seed_problem(key))
            return {**inputs, "privateKey": Secret(key)}
        return inputs

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Update the credential for every change, because it exists only in state."""
        return Difference(compare(old.inputs, inputs))

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Sign the credential if all inputs are known."""
        return {**inputs, "credential": UNKNOWN} if has_unknown(inputs) else _outputs(inputs)

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Sign the credential."""
        plain = reveal(inputs)
        return State(f"{plain['caller']}>{plain['audience']}", inputs, _outputs(inputs))

    def read(self, operation: Operation, old: State) -> State | None:
        """Return the credential in state. It exists nowhere else."""
        if old.is_import:
            raise ProviderError(
                f"the credential {old.id} is in the state that made it and nowhere else: declare a new one"
            )
        return old

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Sign the credential again."""
        return State(old.id, inputs, _outputs(inputs))

    def delete(self, operation: Operation, old: State) -> None:
        """Do nothing. The credential is valid as long as the app accepts its key."""


def _outputs(inputs: Properties) -> Properties:
    edge = parse(EdgeCredentialInputs, reveal(inputs))
    token = signing.credential(
        edge.private_key,
        caller=edge.caller,
        audience=edge.audience,
        issued_at=edge.issued_at,
        expires_at=edge.expires_at,
    )
    return {**inputs, "credential": Secret(token)}
