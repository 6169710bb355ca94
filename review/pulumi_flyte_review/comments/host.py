"""`Host`: what the command needs of a host of pull requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pulumi_flyte_review.comments.dialect import Dialect


@dataclass(frozen=True, slots=True, order=True)
class Comment:
    """A comment on a pull request. number: the host's id, which grows."""

    number: int
    body: str
    url: str = ""


class Host(Protocol):
    """The comments of one pull request.

    Every method raises HostError with a message for people, and HostBusyError where the same call can succeed later. No
    method waits and calls again by itself: a text that was read before a wait must not be written after it.
    """

    @property
    def dialect(self) -> Dialect:
        """The host's Markdown."""

    async def comments(self) -> Sequence[Comment]:
        """Return this command's comments from all pages, oldest first, without those that other authors wrote."""

    async def comment(self, number: int) -> Comment | None:
        """Return a comment, None if it is gone."""

    async def create(self, body: str) -> Comment:
        """Add a comment."""

    async def update(self, number: int, body: str) -> bool:
        """Replace the text of a comment. Return False if it is gone."""

    async def delete(self, number: int) -> None:
        """Delete a comment, unless it is gone."""
