"""`.dockerignore`: the files of a folder that are not part of a build. Pure.

Source of the rules: https://docs.docker.com/build/concepts/context/#dockerignore-files and
github.com/moby/patternmatcher. A pattern is relative to the folder, and the last one that matches decides.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class IgnoreRules:
    """The patterns of a `.dockerignore`, each with whether it takes files out or (`!`) in again."""

    patterns: tuple[tuple[str, bool], ...] = ()

    @classmethod
    def parse(cls, text: str) -> IgnoreRules:
        """Read the lines of a file."""
        lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
        return cls(tuple(_pattern(line) for line in lines if line and not line.startswith("#")))

    def ignores(self, path: str) -> bool:
        """Return whether a path, or a folder above it, is taken out."""
        places = [path, *_above(path)]
        ignored = False
        for expression, takes_out in self._expressions:
            if any(expression.fullmatch(place) for place in places):
                ignored = takes_out
        return ignored

    @cached_property
    def _expressions(self) -> tuple[tuple[re.Pattern[str], bool], ...]:
        return tuple((re.compile(expression_of(pattern)), takes_out) for pattern, takes_out in self.patterns)


def _pattern(line: str) -> tuple[str, bool]:
    takes_out = not line.startswith("!")
    path = posixpath.normpath(line if takes_out else line[1:].strip())
    return path.lstrip("/") or ".", takes_out


def _above(path: str) -> Iterable[str]:
    while path := posixpath.dirname(path):
        yield path


def _class(characters: str) -> str:
    """Return a class of characters. One whose range runs backwards matches nothing, as in Go."""
    try:
        re.compile(f"[{characters}]")
    except re.error:
        return "(?!)"
    return f"[{characters}]"


def expression_of(pattern: str) -> str:
    """Return a pattern of Go's `filepath.Match`, with `**` for any number of folders, as a regular expression."""
    parts = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if pattern.startswith("**/", position - 1):
            parts.append("(?:.*/)?")
            position += 2
        elif pattern.startswith("**", position - 1):
            parts.append(".*")
            position += 1
        elif character == "*":
            parts.append("[^/]*")
        elif character == "?":
            parts.append("[^/]")
        elif character == "[" and "]" in pattern[position + 1 :]:
            end = pattern.index("]", position + 1)
            parts.append(_class(pattern[position:end]))
            position = end + 1
        elif character == "\\" and position < len(pattern):
            parts.append(re.escape(pattern[position]))
            position += 1
        else:
            parts.append(re.escape(character))
    return "".join(parts)
