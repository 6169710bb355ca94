"""The console's list of secrets: names and where they are valid, never a value."""

from __future__ import annotations

from collections.abc import Mapping

from flyteidl2.secret.definition_pb2 import SecretIdentifier

from flyte_local.console.pagination import cut, number, pages
from flyte_local.secrets.vault import Vault
from flyte_local.web.html import Html, join, moment, section, table, tag
from flyte_local.web.paths import Scope


def secret_list(vault: Vault, scope: Scope, parameters: Mapping[str, str]) -> Html:
    """The names that mean something in a scope, the nearest first, which is the one that counts."""
    if scope.project:
        places = ((scope.project, scope.domain), ("", scope.domain), ("", ""))
        found = [each for place in places for each in vault.identifiers(*place)]
    else:
        found = vault.every_identifier()
    page = number(parameters.get("page", ""))
    rows = [(each.name, _where(each), moment(vault.created(each))) for each in cut(found, page)]
    empty = "None yet: create one with `flyte create secret NAME`, or a `Secret` in a Pulumi program."
    shown = table(("Name", "Valid in", "Created"), rows, empty, "Secrets")
    body = join((shown, pages(f"{scope.path}/secrets", {}, page, len(found))))
    return section("Secrets", body, tag("span", "Names only: values stay in the vault.", class_="quiet"))


def _where(identifier: SecretIdentifier) -> str:
    if identifier.project:
        return f"{identifier.project} / {identifier.domain}"
    return f"every project of {identifier.domain}" if identifier.domain else "everywhere"
