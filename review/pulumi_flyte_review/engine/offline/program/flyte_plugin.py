"""The plugin `flyte` without a control plane: its own rules decide what changes and what an update gives.

Nothing is asked of any platform. Where `up` would learn something from a platform, such as a key that it makes, a
fixed value stands in for it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import TypeVar

from pulumi_flyte.naming.urns import Urn
from pulumi_flyte.problems import Problems
from pulumi_flyte_provider.flyte_api import settings
from pulumi_flyte_provider.flyte_api.config import ProviderConfig, loopback_url
from pulumi_flyte_provider.flyte_api.connection import Connection
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.plugin import catalogue
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret, reveal, without_nones
from pulumi_flyte_provider.resources.auth import signing
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.run import Run
from pulumi_flyte_provider.resources.secret.shape import version_of
from pulumi_flyte_provider.resources.state import State

from pulumi_flyte_review.engine.offline.program.declared import Declared

Answer = TypeVar("Answer")

SERVER = "flyte:local:Server"
_VERSION_KEY = "00" * 32


class _Nobody(Connection):
    """A connection to a platform that cannot be asked."""

    def look(self, question: Callable[[], Answer]) -> Answer | None:
        return None


class FlytePlugin:
    """One process of the plugin, for one checkout."""

    def __init__(self) -> None:
        self._run = Run()
        self._connections: dict[ProviderConfig, Connection] = {}

    @staticmethod
    def has(type_: str) -> bool:
        """Return whether a resource is one of the plugin's."""
        return type_ in catalogue.TOKENS

    def check(self, urn: str, inputs: Properties, provider: Properties) -> tuple[Properties, Problems]:
        """Return the inputs with defaults filled in, and everything that is wrong with them."""
        operation, problems = self._operation(urn, provider), Problems()
        if operation.urn.type == SERVER:
            return _checked_server(operation, inputs), problems
        return catalogue.resource(operation.urn.type).check(operation, inputs, problems), problems

    def diff(self, old: Declared, urn: str, inputs: Properties, provider: Properties) -> Difference:
        """Return what an update changes."""
        operation, state = self._operation(urn, provider), _state(old)
        if operation.urn.type == SERVER:
            difference = Difference(compare(without_nones(reveal(old.inputs)), without_nones(reveal(inputs))))
        else:
            difference = catalogue.resource(operation.urn.type).diff(operation, state, inputs)
        return takeover.with_owner(difference, state.owner, operation.owner)

    def preview(self, urn: str, inputs: Properties, provider: Properties, old: Declared | None) -> Properties:
        """Return the outputs of an update, or of a new resource, as far as a preview knows them."""
        operation, state = self._operation(urn, provider), None if old is None else _state(old)
        if operation.urn.type == SERVER:
            return _server(operation, inputs, old)
        return catalogue.resource(operation.urn.type).preview(operation, inputs, state)

    def deployed(self, urn: str, inputs: Properties, provider: Properties) -> Properties:
        """Return the outputs that a state has after `up`."""
        outputs = self.preview(urn, inputs, provider, None)
        stand_ins = _STAND_INS.get(Urn.parse(urn).type)
        if stand_ins is None or not any(outputs.get(key) is UNKNOWN for key in ("version", "keys", "publicEndpoint")):
            return outputs
        return {**outputs, **stand_ins(urn, inputs)}

    def _operation(self, urn: str, provider: Properties) -> Operation:
        config = settings.parse(provider)
        if config not in self._connections:
            self._connections[config] = _Nobody(config)
        return Operation(Urn.parse(urn), self._connections[config], self._run)


def difference_of_settings(before: Properties, after: Properties) -> Difference:
    """Return what other settings of the plugin change: another control plane replaces everything."""
    return settings.difference(settings.parse(before), settings.parse(after))


def _state(declared: Declared) -> State:
    return State(declared.id, declared.inputs, declared.outputs)


def _checked_server(operation: Operation, inputs: Properties) -> Properties:
    config = operation.connection.config
    home = inputs.get("home") or config.local_home
    return {**inputs, "port": inputs.get("port") or config.local_port, **({"home": home} if home else {})}


def _server(operation: Operation, inputs: Properties, old: Declared | None) -> Properties:
    """Return the outputs of the local control plane. Another home has another state, which is another epoch."""
    epoch = 1
    if old is not None:
        moved = old.inputs.get("home") != inputs.get("home")
        epoch = int(old.outputs["epoch"]) + (1 if moved else 0)
    return {**inputs, "endpoint": loopback_url(reveal(inputs)["port"]), "epoch": epoch, "owner": operation.owner}


def _key(urn: str, inputs: Properties) -> Properties:
    """Return a key that depends on its inputs alone. No platform accepts it."""
    digest = hashlib.sha256(repr(sorted(reveal(inputs).items())).encode()).digest()
    seed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return {"privateKey": Secret(seed), "keys": [signing.public_jwk(seed)], "createdAt": 0}


def _version(urn: str, inputs: Properties) -> Properties:
    """Return the version of a secret's value, under a key that is the same everywhere."""
    value = reveal(inputs.get("value"))
    if not isinstance(value, str):
        return {}
    return {"versionKey": Secret(_VERSION_KEY), "version": version_of(_VERSION_KEY, value)}


def _public_url(urn: str, inputs: Properties) -> Properties:
    """Return an address for an app whose public one only the platform knows."""
    return {"publicEndpoint": f"https://{Urn.parse(urn).name}.invalid"}


_STAND_INS: Mapping[str, Callable[[str, Properties], Properties]] = {
    "flyte:api:AuthKey": _key,
    "flyte:api:Secret": _version,
    "flyte:api:App": _public_url,
}
