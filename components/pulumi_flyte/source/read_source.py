"""`ReadSource`: a source that has been read."""

from __future__ import annotations

from dataclasses import dataclass, field

from pulumi_flyte.source.description import Description
from pulumi_flyte.source.location import Location


@dataclass(frozen=True)
class ReadSource:
    """A source, where it is, and what it is. `text` is its declaration, `file.py:attribute`.

    `discover` reads many sources at once, and passes them to `App` and `Task` in this form. `discovered` is then True.
    """

    text: str
    location: Location
    description: Description = field(repr=False)
    discovered: bool = False
