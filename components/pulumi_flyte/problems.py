"""The problems of a component's arguments: collected as data, reported once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

# The `repr` of an object without one of its own: its address says nothing to a user.
_OBJECT = re.compile(r"<(?:[\w.]+\.)?(\w+) object at 0x[0-9a-f]+>")


@dataclass(frozen=True)
class Problem:
    """One thing to mend: the property's path, what is wrong with it, and (unless secret) the value seen.

    alternatives: the names that exist, where the last name of the path does not.
    """

    path: str
    reason: str
    seen: object = None
    alternatives: tuple[str, ...] = ()

    def __str__(self) -> str:
        seen = "" if self.seen is None else f" (got {_short(self.seen)})"
        meant = nearest(self.path.rpartition(".")[2], self.alternatives) if self.alternatives else ""
        return f"{self.path}: {self.reason}{meant}{seen}"


@dataclass
class Problems:
    """Collects problems; the order of the calls is the order of the report."""

    found: list[Problem] = field(default_factory=list)

    def add(self, path: str, reason: str | None, seen: object = None) -> None:
        """Record a problem. A check that found nothing returns None for the reason, which records nothing."""
        if reason is not None:
            self.found.append(Problem(path, reason, seen))

    def within(self, path: str, problems: Iterable[Problem]) -> None:
        """Record problems whose paths are relative to a property."""
        self.found += (replace(problem, path=f"{path}.{problem.path}") for problem in problems)

    def extend(self, later: Iterable[Problem]) -> None:
        """Record the problems of a later check. One whose property has a problem already follows from that one."""
        earlier = [problem.path for problem in self.found]
        for problem in later:
            if not any(path == problem.path or path.startswith(f"{problem.path}.") for path in earlier):
                self.found.append(problem)

    def concern(self, path: str) -> bool:
        """Return whether one of the problems is at a property or inside of it."""
        return any(problem.path == path or problem.path.startswith(f"{path}.") for problem in self.found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.found)

    def __bool__(self) -> bool:
        return bool(self.found)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `: did you mean 'x'?`, or the list of what is known where nothing is near."""
    names = sorted(known)
    if meant := meant_by(word, names):
        return f": did you mean {meant!r}?"
    return f"; known: {', '.join(names)}" if names else ""


def meant_by(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that `word` seems to misspell, if there is one."""
    words = sorted(known)
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
    except Exception:  # of a class of the user's, a number of too many digits, or a value that is nested too deeply
        text = f"a value of type {type(value).__name__} that cannot be shown"
    text = _OBJECT.sub(r"an object of type \1", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
