"""Path templates: those of an API, such as `/items/{item_id}`, and those of a caller's code, such as `/items/{}`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

# A part of a caller's path that is known only when its code runs, in the code's template and in a match.
HOLE = "{}"
_UNKNOWN = "\0"
_PARAMETER = re.compile(r"\{([^{}:]+)(:path)?\}")


@dataclass(frozen=True)
class PathTemplate:
    """A path of an API. `{name}` takes one segment or a part of one, `{name:path}` takes slashes too."""

    text: str

    def __str__(self) -> str:
        return self.text.replace(":path}", "}")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters, in their order."""
        return tuple(name for name, _ in _PARAMETER.findall(self.text))

    @cached_property
    def literals(self) -> int:
        """The number of characters outside of parameters. If two paths match, the one with more of them is chosen."""
        return len(_PARAMETER.sub("", self.text))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        pattern, end = "", 0
        for match in _PARAMETER.finditer(self.text):
            pattern += re.escape(self.text[end : match.start()]) + ("(.*)" if match[2] else "([^/]+)")
            end = match.end()
        return re.compile(pattern + re.escape(self.text[end:]), re.DOTALL)

    @cached_property
    def _segments(self) -> list[str]:
        return self.text.split("/")

    def values(self, path: str) -> tuple[str | None, ...] | None:
        """Return the values that a caller's path has for the parameters, None for one that is not known.

        Return None if the path is not this one's: a hole fits a parameter, and nothing else.
        """
        match = self._pattern.fullmatch(path.replace(HOLE, _UNKNOWN))
        if match is None:
            return None
        return tuple(None if _UNKNOWN in value else value for value in match.groups())

    def may_be(self, path: str) -> bool:
        """Return whether the holes of a caller's path can be filled so that it is this one."""
        segments = path.split("/")
        return len(segments) == len(self._segments) and all(
            HOLE in segment or "{" in pattern or pattern == segment
            for pattern, segment in zip(self._segments, segments, strict=True)
        )


class HasPath(Protocol):
    """Anything with a path template."""

    @property
    def path(self) -> PathTemplate:
        """The template."""


ThingT = TypeVar("ThingT", bound=HasPath)


def meant(path: str, things: Iterable[ThingT]) -> ThingT | None:
    """Return the one whose template a caller's path is, or None: the most literal one of several."""
    fitting = [each for each in things if each.path.values(path) is not None]
    return max(fitting, key=lambda each: each.path.literals, default=None)
