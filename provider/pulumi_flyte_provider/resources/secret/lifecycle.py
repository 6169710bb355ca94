"""The engine's operations on a secret. Its value is written and never read.

Create writes a marker before the secret. So the next Create can finish an interrupted one, and secrets of others are
never overwritten. Changes by others cannot be detected, because the API returns neither a value nor the time of an
update.
"""

from __future__ import annotations

import secrets

from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import new_creation
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.examination import examine
from pulumi_flyte_provider.properties.shape import parse
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret, has_unknown, reveal
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.project.references import foresee_project
from pulumi_flyte_provider.resources.secret import calls, identity, ownership
from pulumi_flyte_provider.resources.secret.identity import SecretIdentity
from pulumi_flyte_provider.resources.secret.marker import marker_name
from pulumi_flyte_provider.resources.secret.shape import EXISTING_VERSION, SecretInputs, normal_form, version_of
from pulumi_flyte_provider.resources.state import State


class SecretResource:
    """The resource `flyte:api:Secret`."""

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Check the rules and fill in the scope. A project or domain with an empty text stays empty."""
        revealed = examine(SecretInputs, inputs, problems, secrets=True)
        _check_value(revealed, problems)
        filled = scope.fill(operation, inputs)
        plain = reveal(filled)
        if plain["project"] and not plain["domain"]:
            problems.add("project", "a secret of a project needs a domain", plain["project"])
        scope.check_domain(operation, plain["domain"], problems)
        is_known = not has_unknown([plain[key] for key in ("name", "project", "domain")])
        if not problems and is_known and plain.get("existing") is not True:
            secret = SecretIdentity.of(plain)
            operation.claim_name(secret.id, secret.title, problems)
        value = filled.get("value")
        if value is not None and value is not UNKNOWN and not isinstance(value, Secret):
            filled["value"] = Secret(value)
        return filled

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Replace the secret if its name or scope changes."""
        before, after = normal_form(old.inputs), normal_form(inputs)
        same = all(before.get(key) == after.get(key) for key in ("name", "project", "domain"))
        changes = compare(before, after, replacing=identity.KEYS, ignoring=("adopt",))
        return Difference(changes, delete_first=same)

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Compute the version for an update, since state holds the key of the version."""
        is_known = not has_unknown([inputs.get(key) for key in identity.KEYS])
        result = {**inputs, "owner": operation.owner}
        if inputs.get("existing") is True:
            if is_known:
                secret = SecretIdentity.of(reveal(inputs))
                operation.look(lambda: _require_existing(operation, secret))
            return {**result, "version": EXISTING_VERSION}
        if is_known:
            operation.look(lambda: _foresee(operation, reveal(inputs), old))
        key = _version_key(old)
        if key is None:
            return {**result, "version": UNKNOWN, "versionKey": UNKNOWN}
        value = reveal(inputs.get("value"))
        version = UNKNOWN if value is UNKNOWN or value is None else version_of(key, value)
        return {**result, "versionKey": Secret(key), "version": version}

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Look the secret up, write its marker, and store its value."""
        shape = parse(SecretInputs, reveal(inputs))
        secret = SecretIdentity.of(reveal(inputs))
        if shape.existing:
            _require_existing(operation, secret)
            return State(secret.id, inputs, {**inputs, "version": EXISTING_VERSION})
        if not shape.adopt:
            ownership.require_free(operation, secret)
        creation = new_creation()
        _mark(operation, secret, None if shape.adopt else [operation.owner], creation)
        _store(operation, secret, shape)
        return State(secret.id, inputs, _outputs(operation, inputs, _new_key(), creation))

    def read(self, operation: Operation, old: State) -> State | None:
        """Check whether the secret exists. An import only refers to it, because its value cannot be read."""
        secret = SecretIdentity.parse(old.id, operation.org_of(old.inputs))
        look = calls.is_available if reveal(old.inputs).get("existing") is True else calls.exists
        if not look(operation.connection, secret):
            return None
        if not old.is_import:
            inputs = old.inputs or secret.properties
            return State(old.id, inputs, {**old.outputs, **inputs})
        ownership.require_importable(operation, secret)
        inputs = {**secret.properties, "existing": True}
        return State(old.id, inputs, {**inputs, "version": EXISTING_VERSION})

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Store a new value, or any value if the secret is gone.

        A value that is the same in the program may have been rotated by another tool, so it is not stored again.
        """
        shape = parse(SecretInputs, reveal(inputs))
        secret = SecretIdentity.of(reveal(inputs))
        if shape.existing:
            _require_existing(operation, secret)
            return State(old.id, inputs, {**inputs, "version": EXISTING_VERSION})
        if not shape.adopt:
            if reveal(old.inputs).get("existing") is True:
                # The resource only referred to it before. So the rules of Create apply.
                ownership.require_free(operation, secret)
            ownership.require_ours(operation, secret, old)
        # Also remove the marker of a former name. Otherwise a new stack with that name would treat the secret as its
        # own.
        owners = None if shape.adopt else [operation.owner, *filter(None, [old.owner])]
        _mark(operation, secret, owners, old.creation)
        is_new = shape.value != reveal(old.inputs).get("value")
        if is_new or shape.adopt or not calls.exists(operation.connection, secret):
            _store(operation, secret, shape)
        key = _version_key(old) or _new_key()
        return State(old.id, inputs, _outputs(operation, inputs, key, old.creation))

    def delete(self, operation: Operation, old: State) -> None:
        """Delete the secret and its marker, unless the resource only refers to it."""
        if reveal(old.outputs).get("existing") is True:
            return
        operation = operation.for_delete()
        secret = SecretIdentity.parse(old.id, operation.org_of(old.outputs))
        if ownership.is_taken_over(operation, secret, old):
            operation.warn(f"{secret.title} has been taken over by another resource: it is forgotten here, not deleted")
            return
        owners = [operation.owner, *filter(None, [old.owner])]
        if old.creation and ownership.is_made_anew(operation, secret, owners, old.creation):
            operation.warn_of_remnant(secret.title, takeover.MADE_ANEW)
            return
        # Remove the marker last. After an interrupted Delete it still shows that the secret is ours.
        calls.remove(operation.connection, secret, secret.name)
        ownership.remove_markers(operation, secret, owners)


def _check_value(revealed: Properties, problems: Problems) -> None:
    existing, value = revealed.get("existing"), revealed.get("value")
    if existing is True and value is not None:
        problems.add("value", "a secret that exists elsewhere (existing=true) takes no value")
    if existing in (None, False) and value is None:
        problems.add("value", "it is required (or existing=true for a secret that somebody else keeps)")
    if value == "":
        problems.add("value", "it is empty: a missing configuration value?")


def _foresee(operation: Operation, plain: Properties, old: State | None) -> None:
    """Report in a preview the problems for which `up` would fail. They do not depend on the value."""
    secret = SecretIdentity.of(plain)
    if secret.project:
        foresee_project(operation, secret)
    if plain.get("adopt") is True:
        return
    if old is None or old.outputs.get("existing") is True:
        ownership.require_free(operation, secret)
    else:
        ownership.require_ours(operation, secret, old)


def _require_existing(operation: Operation, secret: SecretIdentity) -> None:
    if not calls.is_available(operation.connection, secret):
        raise ProviderError(
            f"{secret.title} does not exist: create it (`flyte create secret {secret.name}`), or give a value"
        )


def _mark(operation: Operation, secret: SecretIdentity, owners: list[str] | None, creation: str | None) -> None:
    """Write our marker, and remove the other markers of these owners, or of all owners for None."""
    marker = marker_name(secret.name, operation.owner, creation)
    calls.put(operation.connection, secret, marker, operation.owner)
    ownership.remove_markers(operation, secret, owners, keep=marker)


def _store(operation: Operation, secret: SecretIdentity, shape: SecretInputs) -> None:
    if shape.value is None:
        raise ProviderError(f"{secret.title} has no value")
    calls.put(operation.connection, secret, secret.name, shape.value)


def _outputs(operation: Operation, inputs: Properties, key: str, creation: str | None) -> Properties:
    version = version_of(key, reveal(inputs["value"]))
    recorded = {"version": version, "versionKey": Secret(key), "owner": operation.owner}
    return {**inputs, **recorded, **({"creation": creation} if creation else {})}


def _version_key(old: State | None) -> str | None:
    """Return the key in state, or None for a secret to which the resource only referred."""
    key = reveal(old.outputs).get("versionKey") if old is not None else None
    return key if isinstance(key, str) else None


def _new_key() -> str:
    return secrets.token_hex(32)
