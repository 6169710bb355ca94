"""`ConsoleLink`: a link on an app's console page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, TypedDict

from typing_extensions import NotRequired

from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.values import Flag, NonEmpty, PlainText


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ConsoleLink(Declaration):
    """A link on the console page of an app."""

    expected: ClassVar[str] = "expected a mapping with some of path, title, is_relative"

    path: Annotated[NonEmpty, Property("A URL, or a path below the app.")]
    title: Annotated[PlainText | None, Property("The text of the link.")] = None
    is_relative: Annotated[Flag | None, Property("Whether the path is below the app's own URL.")] = None


class ConsoleLinkDict(TypedDict):
    """`ConsoleLink` as a mapping."""

    path: str
    title: NotRequired[str | None]
    is_relative: NotRequired[bool | None]
