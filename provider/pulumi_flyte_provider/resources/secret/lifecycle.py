"""`flyte:api:Secret`: the value goes in and never comes back.

Flyte's secrets have no field for a mark, so a marker secret whose name carries the owner's hash stands beside, made
first: an interrupted create is finished by the next one, and nobody else's secret is ever overwritten. A change made
outside cannot be seen: the API returns no value and no time of an update.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence

from flyteidl2.secret.definition_pb2 import SecretIdentifier, SecretSpec
from flyteidl2.secret.payload_pb2 import (
    CreateSecretRequest,
    DeleteSecretRequest,
    GetSecretRequest,
    ListSecretsRequest,
    UpdateSecretRequest,
)
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import (
    AlreadyExistsError,
    NotFoundError,
    OwnershipError,
    ProviderError,
)
from pulumi_flyte_provider.flyte_api.connection import optional
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import (
    is_marked_by,
    is_marker_secret,
    marked_owner,
    marker_secret,
    new_creation,
)
from pulumi_flyte_provider.properties.codec import UNKNOWN, Secret, Tree, has_unknown, reveal
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.shape import (
    Bool,
    OptionalScope,
    SecretName,
    Shape,
    Text,
    Whole,
    examine,
    optional_field,
    parse,
    required_field,
)
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.resource import Call, Stored, is_import
from pulumi_flyte_provider.resources.scope import fill

IDENTITY = ("name", "project", "domain", "org")
EXISTING_VERSION = "existing"


class SecretInputs(Shape):
    """A secret in Flyte's store."""

    name: SecretName = required_field("The secret's key.")
    project: OptionalScope | None = optional_field("Its Flyte project; an empty text: not bound to one.")
    domain: OptionalScope | None = optional_field("Its Flyte domain; an empty text: not bound to one.")
    org: Text | None = optional_field("The organisation; by default the provider's.")
    value: Text | None = optional_field("The value.", json_schema_extra={"secret": True})
    existing: Bool | None = optional_field("Refers to a secret that somebody else keeps.")
    instance: Whole | None = optional_field("The local server's epoch: another one stores the secret again.")
    adopt: Bool | None = optional_field("Take over a secret that exists and is not this resource's.")


class SecretResource:
    """`flyte:api:Secret`."""

    token = "flyte:api:Secret"

    def check(self, call: Call, news: Tree, problems: Problems) -> Tree:
        """Rules and scope. A scope that is given as an empty text stays empty."""
        revealed = examine(SecretInputs, news, problems, secrets=True)
        existing = revealed.get("existing")
        if existing is True and revealed.get("value") is not None:
            problems.add("value", "a secret that exists elsewhere (existing=true) takes no value")
        if existing in (None, False) and revealed.get("value") is None:
            problems.add("value", "it is required (or existing=true for a secret that somebody else keeps)")
        if revealed.get("value") == "":
            problems.add("value", "it is empty: a missing configuration value?")
        filled = fill(call, news)
        plain = reveal(filled)
        if plain["project"] and not plain["domain"]:
            problems.add("project", "a secret of a project needs a domain", plain["project"])
        scope.check_domain(call, plain["domain"], problems)
        if not problems and not has_unknown([plain[key] for key in ("name", "project", "domain")]):
            self._claim(call, plain, problems)
        if (
            filled.get("value") is not None
            and not isinstance(filled["value"], Secret)
            and filled["value"] is not UNKNOWN
        ):
            filled["value"] = Secret(filled["value"])
        return filled

    def diff(self, call: Call, inputs: Tree, outputs: Tree, news: Tree) -> Difference:
        """Another scope is another secret."""
        before, after = _normal(inputs), _normal(news)
        same = all(before.get(key) == after.get(key) for key in ("name", "project", "domain"))
        return Difference(compare(before, after, replacing=IDENTITY, ignoring=("adopt",)), delete_first=same)

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """The version is known in an update, since state keeps the key that it is made with."""
        value = reveal(news.get("value"))
        known = reveal(outputs or {})
        result = {**news, "owner": call.owner}
        known_place = not has_unknown([news.get(part) for part in IDENTITY])
        if news.get("existing") is True:
            if known_place:
                call.look(lambda: self._require_existing(call, parse(SecretInputs, reveal(news))))
            return {**result, "version": EXISTING_VERSION}
        if known_place:
            call.look(lambda: self._foresee(call, reveal(news), outputs))
        key = known.get("versionKey")
        if not isinstance(key, str):
            return {**result, "version": UNKNOWN, "versionKey": UNKNOWN}
        result["versionKey"] = Secret(key)
        result["version"] = UNKNOWN if value is UNKNOWN or value is None else version_of(key, value)
        return result

    def create(self, call: Call, news: Tree) -> Stored:
        """Looks, marks, stores."""
        secret = parse(SecretInputs, reveal(news))
        if secret.existing:
            self._require_existing(call, secret)
            return Stored(_id(secret), {**news, "version": EXISTING_VERSION})
        creation = new_creation()
        marker = marker_secret(secret.name, call.owner, creation)
        self._require_free(call, secret)
        self._put(call, secret, marker, call.owner)
        self._remove_markers(call, secret, [None if secret.adopt else call.owner], keep=marker)
        self._put(call, secret, secret.name, _value(secret))
        return Stored(_id(secret), _outputs(news, secret, call.owner, secrets.token_hex(32), creation))

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """Only whether it is there. An import refers to it: nobody can read a value, and Check wants one or neither."""
        scope = _scope_of(id)
        org = reveal(inputs).get("org") or call.connection.config.org
        secret = SecretInputs(name=scope[2], project=scope[0], domain=scope[1], org=org)
        known = _is_found if reveal(inputs).get("existing") is True else _exists
        if not known(call, secret, secret.name):
            return None
        if not is_import(inputs, outputs):
            kept = inputs or {"name": scope[2], "project": scope[0], "domain": scope[1], "org": org}
            return Stored(id, {**outputs, **kept}, kept)
        self._require_importable(call, secret)
        found = {"name": scope[2], "project": scope[0], "domain": scope[1], "org": org, "existing": True}
        return Stored(id, {**found, "version": EXISTING_VERSION}, found)

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """The new value, in a secret that may have vanished."""
        secret = parse(SecretInputs, reveal(news))
        if secret.existing:
            self._require_existing(call, secret)
            return Stored(id, {**news, "version": EXISTING_VERSION})
        creation = outputs.get("creation")
        marker = marker_secret(secret.name, call.owner, creation)
        if reveal(inputs).get("existing") is True:
            # Until now we only referred to it: it is as much ours as one that we meet in Create.
            self._require_free(call, secret)
        if not secret.adopt:
            self._require_ours(call, secret, outputs)
        self._put(call, secret, marker, call.owner)
        # After a rename: with the former mark a new stack of the old name would take the secret for its own.
        owners = [None] if secret.adopt else [call.owner, *filter(None, [outputs.get("owner")])]
        self._remove_markers(call, secret, owners, keep=marker)
        self._put(call, secret, secret.name, _value(secret))
        key = reveal(outputs).get("versionKey")
        key = key if isinstance(key, str) else secrets.token_hex(32)
        return Stored(id, _outputs(news, secret, call.owner, key, creation))

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """The secret and its marker; a secret that exists elsewhere stays."""
        plain = reveal(outputs)
        if plain.get("existing") is True:
            return
        call = call.over(call.connection.for_deletes())
        scope = _scope_of(id)
        org = plain.get("org") or call.connection.config.org
        secret = SecretInputs(name=scope[2], project=scope[0], domain=scope[1], org=org)
        if self._taken_over(call, secret, plain):
            call.warn(f"{_what(secret)} has been taken over by another resource: it is forgotten here, not deleted")
            return
        owners = [owner for owner in (call.owner, plain.get("owner")) if owner]
        creation = plain.get("creation")
        if creation and not self._is_of_creation(call, secret, owners, creation):
            call.leave(_what(secret), takeover.MADE_ANEW)
            return
        # The marker last: an interrupted delete still knows that the secret is ours.
        self._remove(call, secret, secret.name)
        self._remove_markers(call, secret, owners)

    def _foresee(self, call: Call, plain: Tree, outputs: Tree | None) -> None:
        """Say in a preview what `up` would refuse. The value may be unknown, and nothing here depends on it."""
        if plain.get("project"):
            scope.foresee_project(call, plain["project"], plain["domain"], plain["org"])
        place = {key: plain[key] for key in (*IDENTITY, "adopt") if plain.get(key) is not None}
        secret = SecretInputs.model_validate(place)
        if outputs is None or outputs.get("existing") is True:
            self._require_free(call, secret)
        elif not secret.adopt:
            self._require_ours(call, secret, outputs)

    def _claim(self, call: Call, plain: Tree, problems: Problems) -> None:
        if plain.get("existing") is True:
            return
        identity = "/".join(part for part in (plain["project"], plain["domain"], plain["name"]) if part)
        other = call.claims.claim(self.token, identity, call.urn.text, repr(call.urn.name))
        if other is not None:
            problems.add("name", f"another resource ({other}) declares the secret {identity} already")

    def _require_existing(self, call: Call, secret: SecretInputs) -> None:
        if not _is_found(call, secret, secret.name):
            raise ProviderError(
                f"{_what(secret)} does not exist: create it (`flyte create secret {secret.name}`), or give a value"
            )

    def _taken_over(self, call: Call, secret: SecretInputs, outputs: Tree) -> bool:
        """We marked it once, it is still there, and our mark is not: whoever adopts removes the other marks."""
        owner = outputs.get("owner")
        if not owner or not _exists(call, secret, secret.name):
            return False
        return not self._is_marked(call, secret, call.owner, owner)

    def _require_ours(self, call: Call, secret: SecretInputs, outputs: Tree) -> None:
        if self._taken_over(call, secret, outputs):
            raise OwnershipError(
                f"{_what(secret)} has been taken over by {_named(self._other_owners(call, secret))}: remove it from"
                " this stack with `pulumi state delete`, or declare it with adopt=true to take it back"
            )

    def _require_importable(self, call: Call, secret: SecretInputs) -> None:
        """Refuse to import what somebody else manages."""
        owners = self._other_owners(call, secret)
        if owners and not self._is_marked(call, secret, call.owner):
            raise OwnershipError(
                f"{_what(secret)} is managed by {_named(owners)} and is not imported: refer to it here with"
                " existing=true. To move it here, remove it from that stack's state first with `pulumi state delete`,"
                " then declare it here with its value and adopt=true"
            )

    def _is_of_creation(self, call: Call, secret: SecretInputs, owners: list[str], creation: str) -> bool:
        """Return whether no later Create has made the secret anew, as the one that replaces it does."""
        ours = {marker_secret(secret.name, owner, creation) for owner in owners}
        markers = self._markers(call, secret)
        return not markers or not ours.isdisjoint(markers)

    def _remove_markers(
        self, call: Call, secret: SecretInputs, owners: Sequence[str | None], *, keep: str = ""
    ) -> None:
        """Remove the marks of these owners; None stands for all owners."""
        for name in self._markers(call, secret):
            if name != keep and any(owner is None or is_marked_by(name, secret.name, owner) for owner in owners):
                self._remove(call, secret, name)

    def _markers(self, call: Call, secret: SecretInputs) -> list[str]:
        """The marks of all its owners, former ones among them."""
        request = ListSecretsRequest(
            organization=secret.org or "", project=secret.project or "", domain=secret.domain or "", limit=100
        )
        found: list[str] = []
        while True:
            service = call.connection.secrets
            page = call.connection.call(service.list_secrets, request, what=f"looking up {_what(secret)}")
            # Flyte OSS lists the narrower scopes as well (flyteorg/flyte `secret_service.go`).
            found += [
                item.id.name
                for item in page.secrets
                if is_marker_secret(item.id.name, secret.name)
                and (item.id.project, item.id.domain) == (request.project, request.domain)
            ]
            if not page.token:
                return found
            request.token = page.token

    def _remove(self, call: Call, secret: SecretInputs, name: str) -> None:
        delete, request = call.connection.secrets.delete_secret, DeleteSecretRequest(id=_identifier(secret, name))
        optional(lambda: call.connection.call(delete, request, what=f"deleting {_what(secret)}"))

    def _require_free(self, call: Call, secret: SecretInputs) -> None:
        """An existing secret must carry our own marker (an interrupted create), or be adopted."""
        if secret.adopt or not _exists(call, secret, secret.name) or self._is_marked(call, secret, call.owner):
            return
        owners = self._other_owners(call, secret)
        owner = owners[0] if owners else None
        raise OwnershipError(
            takeover.collision(
                _what(secret), self.token, _id(secret), owner, call.owner, "or refer to it: existing=true"
            )
        )

    def _is_marked(self, call: Call, secret: SecretInputs, *owners: str) -> bool:
        markers = self._markers(call, secret)
        return any(is_marked_by(name, secret.name, owner) for name in markers for owner in owners)

    def _other_owners(self, call: Call, secret: SecretInputs) -> list[str]:
        """Return whom the markers of other owners name."""
        markers = self._markers(call, secret)
        return [marked_owner(name, secret.name) for name in markers if not is_marked_by(name, secret.name, call.owner)]

    def _put(self, call: Call, secret: SecretInputs, name: str, value: str) -> None:
        """Creates or updates: whichever applies, also when both happen at once."""
        service, what = call.connection.secrets, f"storing {_what(secret)}"
        identifier, spec = _identifier(secret, name), SecretSpec(string_value=value)
        create = CreateSecretRequest(id=identifier, secret_spec=spec)
        update = UpdateSecretRequest(id=identifier, secret_spec=spec)
        try:
            call.connection.call(service.update_secret, update, what=what)
        except NotFoundError:
            try:
                call.connection.call(service.create_secret, create, what=what)
            except AlreadyExistsError:
                call.connection.call(service.update_secret, update, what=what)


def version_of(key: str, value: str) -> str:
    """Changes exactly when the value does, and says nothing about it: HMAC-SHA256 under a random key."""
    return hmac.new(bytes.fromhex(key), value.encode(), hashlib.sha256).hexdigest()[:16]


def _outputs(news: Tree, secret: SecretInputs, owner: str, key: str, creation: str | None) -> Tree:
    made = {"creation": creation} if creation else {}
    version = version_of(key, _value(secret))
    return {**news, "version": version, "versionKey": Secret(key), "owner": owner, **made}


def _named(owners: list[str]) -> str:
    return owners[0] if owners else "another Pulumi resource"


def _value(secret: SecretInputs) -> str:
    if secret.value is None:
        raise ProviderError(f"{_what(secret)} has no value")
    return secret.value


def _normal(tree: Tree) -> Tree:
    normal = {key: value for key, value in reveal(tree).items() if value is not None}
    if normal.get("existing") is False:
        del normal["existing"]
    return normal


def _exists(call: Call, secret: SecretInputs, name: str) -> bool:
    request = GetSecretRequest(id=_identifier(secret, name))
    get = call.connection.secrets.get_secret
    return optional(lambda: call.connection.call(get, request, what=f"looking up {_what(secret)}")) is not None


def _is_found(call: Call, secret: SecretInputs, name: str) -> bool:
    """Whether a workload of this scope gets it: Flyte looks in project and domain, then in the domain, then in all."""
    wider = [secret.model_copy(update={"project": None}), secret.model_copy(update={"project": None, "domain": None})]
    return any(_exists(call, each, name) for each in (secret, *wider))


def _identifier(secret: SecretInputs, name: str) -> SecretIdentifier:
    return SecretIdentifier(
        name=name, organization=secret.org or "", project=secret.project or "", domain=secret.domain or ""
    )


def _id(secret: SecretInputs) -> str:
    return "/".join(part for part in (secret.project, secret.domain, secret.name) if part)


def _what(secret: SecretInputs) -> str:
    return f"the secret {_id(secret)}"


def _scope_of(id: str) -> tuple[str, str, str]:
    """Project, domain and name of an id."""
    parts = id.split("/")
    if len(parts) > 3 or not all(parts):
        raise ProviderError(
            f"{id!r} is not the id of a flyte:api:Secret: expected name, domain/name or project/domain/name"
        )
    project, domain, name = ["", "", *parts][-3:]
    return project, domain, name
