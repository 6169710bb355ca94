"""Differences between two versions of a resource's inputs. Pure.

A value that neither side knows, such as the address of a database, counts as changed only if what it comes from
changes: the real engine takes it from the state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pulumi_flyte_provider.properties.difference import Change, compare
from pulumi_flyte_provider.properties.paths import PropertyPath, dotted
from pulumi_flyte_provider.properties.values import UNKNOWN, Properties, Secret


def differences(before: Properties, after: Properties, replacing: Iterable[str] = ()) -> tuple[Change, ...]:
    """Return the changes of a resource that no plugin compares. A path of `replacing` needs a new resource."""
    roots = tuple(replacing)
    return tuple(
        Change(change.path, change.kind, any(_is_below(change.path, root) for root in roots))
        for change in compare(before, after)
    )


def without_unmoved(
    changes: Iterable[Change],
    before: Properties,
    after: Properties,
    depends_on: Mapping[str, frozenset[str]],
    changed: frozenset[str],
) -> tuple[Change, ...]:
    """Return the changes without those of values that neither side knows and that come from nothing that changes."""
    unmoved = {
        dotted(path)
        for path in _unknown_on_both_sides((), before, after)
        if not depends_on.get(str(path[0]), frozenset()) & changed
    }
    return tuple(change for change in changes if change.path not in unmoved)


def _unknown_on_both_sides(path: PropertyPath, before: object, after: object) -> Iterator[PropertyPath]:
    before, after = _bare(before), _bare(after)
    if before is UNKNOWN and after is UNKNOWN:
        yield path
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in before.keys() & after.keys():
            yield from _unknown_on_both_sides((*path, key), before[key], after[key])
    elif isinstance(before, list) and isinstance(after, list):
        for index, (left, right) in enumerate(zip(before, after, strict=False)):
            yield from _unknown_on_both_sides((*path, index), left, right)


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith((f"{root}.", f"{root}["))


def _bare(value: object) -> object:
    return _bare(value.value) if isinstance(value, Secret) else value


def ignoring(paths: Iterable[str], before: Properties, after: Properties) -> Properties:
    """Return the new inputs with the old values of the paths that `ignore_changes` names."""
    result = dict(after)
    for path in paths:
        head, _, rest = path.partition(".")
        old, new = before.get(head), result.get(head)
        if rest and isinstance(old, Mapping) and isinstance(new, Mapping):
            result[head] = ignoring((rest,), dict(old), dict(new))
        elif rest or head not in before:
            result.pop(path, None)
        else:
            result[head] = old
    return result
