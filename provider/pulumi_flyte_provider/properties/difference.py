"""Compares two versions of inputs. The changes are paths that Pulumi prints. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pulumi_flyte_provider.properties.paths import PropertyPath, dotted
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret, has_unknown

Kind = Literal["add", "delete", "update"]


@dataclass(frozen=True)
class Change:
    """One changed path.

    replace: True if the object must be replaced.
    output: True if the path belongs to an output and not to an input.
    """

    path: str
    kind: Kind
    replace: bool = False
    output: bool = False


@dataclass(frozen=True)
class Difference:
    """All changes of one resource. `delete_first` is True if the old and the new object have the same identity."""

    changes: tuple[Change, ...] = ()
    delete_first: bool = False

    @property
    def replaces(self) -> bool:
        """True if the object must be replaced."""
        return any(change.replace for change in self.changes)


def compare(
    old: Properties, new: Properties, *, replacing: Iterable[str] = (), ignoring: Iterable[str] = ()
) -> tuple[Change, ...]:
    """Return the changes from `old` to `new`. An unknown value counts as changed."""
    replaces, ignored = frozenset(replacing), frozenset(ignoring)
    changes: list[Change] = []
    for key in sorted({*old, *new} - ignored):
        _walk((key,), old.get(key), new.get(key), key in replaces, changes)
    return tuple(changes)


def _walk(path: PropertyPath, old: Any, new: Any, replace: bool, changes: list[Change]) -> None:
    old, new = _bare(old), _bare(new)
    if new is UNKNOWN or old is UNKNOWN:
        changes.append(Change(dotted(path), "update" if old is not None else "add", replace))
    elif old is None and new is None:
        return
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            _walk((*path, key), old.get(key), new.get(key), replace, changes)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            _walk((*path, index), before, after, replace, changes)
    elif old != new or has_unknown(new):
        kind: Kind = "add" if old is None else "delete" if new is None else "update"
        changes.append(Change(dotted(path), kind, replace))


def _bare(value: Any) -> Any:
    return _bare(value.value) if isinstance(value, Secret) else value
