"""The problems of a component's arguments: collected as data, reported once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

# The default `repr` of an object. Its address does not help a user.
_OBJECT = re.compile(r"<(?:[\w.]+\.)?(\w+) object at 0x[0-9a-f]+>")


@dataclass(frozen=True)
class Problem:
    """One thing to mend: the property's path, what is wrong with it, and its value (unless it is secret).

    alternatives: the valid names, if the last name of the path is not one of them.
    """

    path: str
    reason: str
    value: object = None
    alternatives: tuple[str, ...] = ()

    def __str__(self) -> str:
        value = "" if self.value is None else f" (got {_short(self.value)})"
        meant = nearest(self.path.rpartition(".")[2], self.alternatives) if self.alternatives else ""
        return f"{self.path}: {self.reason}{meant}{value}"


@dataclass
class Problems:
    """Collects problems; the order of the calls is the order of the report."""

    entries: list[Problem] = field(default_factory=list)

    def add(self, path: str, reason: str | None, value: object = None) -> None:
        """Record a problem. A reason of None, which a check returns for a valid value, records nothing."""
        if reason is not None:
            self.entries.append(Problem(path, reason, value))

    def within(self, path: str, problems: Iterable[Problem]) -> None:
        """Record problems whose paths are relative to a property."""
        self.entries += (replace(problem, path=f"{path}.{problem.path}") for problem in problems)

    def extend(self, later: Iterable[Problem]) -> None:
        """Record the problems of a later check. Leave out those at a property that has a problem already."""
        earlier = [problem.path for problem in self.entries]
        for problem in later:
            if not any(path == problem.path or path.startswith(f"{problem.path}.") for path in earlier):
                self.entries.append(problem)

    def concern(self, path: str) -> bool:
        """Return whether one of the problems is at a property or inside of it."""
        return any(problem.path == path or problem.path.startswith(f"{path}.") for problem in self.entries)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.entries)

    def __bool__(self) -> bool:
        return bool(self.entries)


def nearest(word: str, alternatives: Iterable[str]) -> str:
    """Return `: did you mean 'x'?`, or the list of the alternatives if none is similar."""
    names = sorted(alternatives)
    if meant := meant_by(word, names):
        return f": did you mean {meant!r}?"
    return f"; known: {', '.join(names)}" if names else ""


def meant_by(word: str, alternatives: Iterable[str]) -> str | None:
    """Return the alternative that `word` seems to misspell, or None."""
    words = sorted(alternatives)
    for each in words:
        if each.casefold() == word.casefold():
            return each
    # A program without a mistake does not pay for it.
    import difflib

    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return close[0] if close else None


def _short(value: object, limit: int = 120) -> str:
    try:
        text = repr(value)
    except Exception:  # a `repr` of the user's, a number with too many digits, a value that is nested too deeply
        text = f"a value of type {type(value).__name__} that cannot be shown"
    text = _OBJECT.sub(r"an object of type \1", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
