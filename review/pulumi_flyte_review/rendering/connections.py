"""Connections and calls in words: what the update opens, closes and breaks. Pure."""

from __future__ import annotations

from pulumi_flyte_review.model.report import Connection, ContractBreak
from pulumi_flyte_review.rendering.pieces import Name, Piece


def opened(connection: Connection) -> list[Piece]:
    """Return who can reach whom, and could not before. Anybody at all stands out."""
    return ["opens ", Name(connection.caller), " → ", Name(connection.callee), *_port(connection)]


def closed(connection: Connection) -> list[Piece]:
    """Return who could reach whom, and cannot afterwards."""
    return ["closes ", Name(connection.caller), " → ", Name(connection.callee), *_port(connection)]


def broken(contract: ContractBreak) -> list[Piece]:
    """Return a call that is answered no longer as before."""
    place = f"{contract.file}:{contract.line}"
    call: list[Piece] = ["breaks a call: ", Name(place), f" of {contract.caller} uses ", Name(contract.operation)]
    return [*call, f" of {contract.callee}: {contract.problem}"]


def _port(connection: Connection) -> list[Piece]:
    return [", port ", Name(connection.port)] if connection.port else []
