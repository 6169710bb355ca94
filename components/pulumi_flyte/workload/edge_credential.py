"""`EdgeCredential`: what a caller shows to an app that requires credentials.

    the app's key ──► the caller's credential ──► a secret of the platform's store ──► the caller's variable
       └──► the app's FLYTE_WIRING: public keys

A credential is stored once the app that it is for is up with its present keys, so that with new keys the app rolls
first, accepting both, and its callers after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pulumi
from flyte_runtime import contract

from pulumi_flyte.naming.labels import digest
from pulumi_flyte.naming.scopes import Scope
from pulumi_flyte.wiring.edge import AppEdge, CallerKey


class EdgeCredential(NamedTuple):
    """The credential of one caller for one app.

    caller, audience: the two ends as the credential names them. callee, callee_scope: the app that is called.
    key: the app's key. secret: the key under which the platform's store has the credential.
    variables: the caller's variables with the credential, one for each alias of the app.
    waits_for: what has to be up before the credential is stored.
    """

    caller: str
    audience: str
    callee: str
    callee_scope: Scope
    key: CallerKey
    secret: str
    variables: tuple[str, ...]
    waits_for: tuple[pulumi.Resource, ...]


def credentials_of(caller: contract.Identity, edges: Iterable[AppEdge]) -> tuple[EdgeCredential, ...]:
    """Return the credentials that a workload needs for its edges, in the order of the first alias of each."""
    callees: dict[str, list[AppEdge]] = {}
    keys: dict[str, CallerKey] = {}
    for edge in sorted(edges, key=lambda edge: edge.alias):
        if edge.key is not None:
            callees.setdefault(edge.audience, []).append(edge)
            keys.setdefault(edge.audience, edge.key)
    return tuple(_credential(caller.subject, key, callees[audience]) for audience, key in keys.items())


def secret_name(caller: str, audience: str) -> str:
    """Return a credential's key in the store: readable, and told apart from every other edge's by a digest."""
    parts = (re.sub(r"[^a-zA-Z0-9]+", "-", text.rpartition("/")[2])[:30].strip("-") for text in (caller, audience))
    return "-".join(("edge", *parts, digest(f"{caller} {audience}")))


def _credential(caller: str, key: CallerKey, edges: Sequence[AppEdge]) -> EdgeCredential:
    """Return the credential of a caller for the one app that `edges` lead to."""
    callee = edges[0]
    return EdgeCredential(
        caller=caller,
        audience=callee.audience,
        callee=callee.link.name,
        callee_scope=Scope(callee.link.project, callee.link.domain),
        key=key,
        secret=secret_name(caller, callee.audience),
        variables=tuple(contract.credential_variable(edge.alias) for edge in edges),
        waits_for=tuple(dict.fromkeys(edge.waits_for for edge in edges if edge.waits_for is not None)),
    )
