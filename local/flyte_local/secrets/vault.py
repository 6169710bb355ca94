"""Secrets, encrypted at rest: Fernet (AES-128-CBC with HMAC-SHA256) under a key that only this user can read.

A secret is looked up in the project and domain, then in the domain, then globally, in Flyte's order. No message holds a
value.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from flyteidl2.core.security_pb2 import Secret as SecretReference
from flyteidl2.secret.definition_pb2 import SecretIdentifier, SecretSpec
from flyteidl2.secret.payload_pb2 import CreateSecretRequest

from flyte_local.errors import LocalServerError
from flyte_local.home import Home, make_folder, write_file
from flyte_local.state.store import Store

_KIND = "secret"
_GIVEN = "secrets-given"
SECRETS_FOLDER_VARIABLE = "FLYTE_SECRETS_DEFAULT_DIR"


class SecretError(LocalServerError):
    """A secret cannot be handed out: it does not exist or cannot be decrypted."""


class Vault:
    """Stores secrets and hands them to the processes that declare them."""

    def __init__(self, home: Home, store: Store) -> None:
        self._store = store
        self._cipher = Fernet(_key(home.vault_key))

    def put(self, identifier: SecretIdentifier, spec: SecretSpec) -> None:
        """Write a secret."""
        # The identifier is encrypted with the value, so that a row copied over another one is noticed.
        content = CreateSecretRequest(id=identifier, secret_spec=spec).SerializeToString()
        self._store.put(_KIND, secret_key(identifier), self._cipher.encrypt(content))

    def get(self, identifier: SecretIdentifier) -> SecretSpec | None:
        """Return a secret of exactly this scope, or None if it does not exist.

        Raises SecretError if it is unreadable.
        """
        key = secret_key(identifier)
        sealed = self._store.get(_KIND, key)
        if sealed is None:
            return None
        way_out = f"secret {identifier.name!r} cannot be decrypted with this home's vault.key: set its value again"
        try:
            content = CreateSecretRequest.FromString(self._cipher.decrypt(sealed))
        except InvalidToken as error:
            raise SecretError(way_out) from error
        if secret_key(content.id) != key:
            raise SecretError(way_out)
        return content.secret_spec

    def delete(self, identifier: SecretIdentifier) -> bool:
        """Delete a secret. Return whether it existed."""
        return self._store.delete(_KIND, secret_key(identifier))

    def created(self, identifier: SecretIdentifier) -> float:
        """Return the time of creation in unix seconds, or 0 if the secret does not exist."""
        return self._store.created(_KIND, secret_key(identifier)) or 0.0

    def identifiers(self, project: str, domain: str) -> list[SecretIdentifier]:
        """Return the secrets of exactly one scope, by name."""
        return [each for each in self.every_identifier() if (each.project, each.domain) == (project, domain)]

    def every_identifier(self) -> list[SecretIdentifier]:
        """Return the secrets of all scopes."""
        parts = [key.split("/", 2) for key, _ in self._store.list(_KIND)]
        return [SecretIdentifier(name=name, project=project, domain=domain) for domain, project, name in parts]

    def find(self, name: str, project: str, domain: str) -> SecretSpec | None:
        """Return the secret that a name means in a project and domain."""
        for scope in ((project, domain), ("", domain), ("", "")):
            spec = self.get(SecretIdentifier(name=name, project=scope[0], domain=scope[1]))
            if spec is not None:
                return spec
        return None

    def environment(
        self,
        secrets: Iterable[SecretReference],
        project: str,
        domain: str,
        folder: Path,
        *,
        workload: str,
    ) -> dict[str, str]:
        """Return the variables that carry the secrets into a process.

        A secret that asks to be a file is written into `folder` (0600), and its variable carries the path. The vault
        remembers the values that `workload` was given. Raises SecretError naming the first key that does not exist.
        """
        variables: dict[str, str] = {}
        values: list[bytes] = []
        for reference in secrets:
            spec = self.find(reference.key, project, domain)
            if spec is None:
                raise SecretError(
                    f"secret {reference.key!r} does not exist in project {project!r} and domain {domain!r}, in the "
                    f"domain, or globally: create it with `flyte create secret {reference.key}`"
                )
            values.append(_bytes(spec))
            variable = variable_of(reference)
            if reference.mount_requirement == SecretReference.FILE:
                variables[SECRETS_FOLDER_VARIABLE] = str(make_folder(folder))
                path = make_folder(folder / reference.group.replace("/", "_")) / reference.key
                write_file(path, _bytes(spec))
                variables[variable] = str(path)
            else:
                variables[variable] = _text(spec, reference.key)
        self._remember(workload, values)
        return variables

    def given(self, workload: str) -> list[bytes]:
        """Return every value that a workload was ever given.

        Rotated and deleted values count: it may have printed them.

        Raises SecretError if they are unreadable.
        """
        sealed = self._store.get(_GIVEN, workload)
        if sealed is None:
            return []
        try:
            return [base64.b64decode(value) for value in json.loads(self._cipher.decrypt(sealed))]
        except InvalidToken as error:
            raise SecretError(f"what {workload} was given cannot be decrypted with this home's vault.key") from error

    def forget(self, workload: str) -> None:
        """Forget the values that a workload was given. Its logs are gone."""
        self._store.delete(_GIVEN, workload)

    def _remember(self, workload: str, values: list[bytes]) -> None:
        with self._store.transaction():
            remembered: list[bytes] = []
            with contextlib.suppress(SecretError):  # They were encrypted with another vault.key.
                remembered = self.given(workload)
            new = sorted({*values} - {*remembered})
            if new:
                content = json.dumps([base64.b64encode(value).decode() for value in (*remembered, *new)]).encode()
                self._store.put(_GIVEN, workload, self._cipher.encrypt(content))


def variable_of(reference: SecretReference) -> str:
    """Return the variable of a secret: the declared one, otherwise `GROUP_KEY` in upper case as in Flyte's SDK."""
    if reference.env_var:
        return str(reference.env_var)
    parts = [part for part in (reference.group, reference.key) if part]
    return str("_".join(parts).upper().replace("-", "_"))


def secret_key(identifier: SecretIdentifier) -> str:
    """Return `domain/project/name`. The empty parts of a wider scope stay empty."""
    return f"{identifier.domain}/{identifier.project}/{identifier.name}"


def _bytes(spec: SecretSpec) -> bytes:
    return bytes(spec.binary_value) or str(spec.string_value).encode()


def _text(spec: SecretSpec, key: str) -> str:
    content = _bytes(spec)
    if b"\0" in content:
        raise SecretError(f"secret {key!r} holds a zero byte, which no environment variable can: mount it as a file")
    return os.fsdecode(content)


def _key(path: Path) -> bytes:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        return path.read_bytes().strip()
    write_file(path, Fernet.generate_key())
    return path.read_bytes().strip()
