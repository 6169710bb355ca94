"""Sentences as plain texts."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_flyte_review.rendering.pieces import Name, Piece


def words(pieces: Iterable[Piece]) -> str:
    """Return a sentence with its names in backticks."""
    return "".join(f"`{piece.text}`" if isinstance(piece, Name) else piece for piece in pieces)
