"""The URNs that a resource had before: those of its aliases, and of the aliases of its parents. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pulumi_flyte.naming.urns import Urn


class Alias(NamedTuple):
    """One alias, as a program writes it. Each empty part is that of the resource itself.

    urn: the whole URN, without parts. has_parent: False for a resource that had no parent.
    """

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    has_parent: bool = True


def former_urns(
    urn: str, parent: str, aliases: Iterable[Alias], former_parents: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the URNs that a resource may have in a state.

    former_parents: the former URNs of the resources that the program has registered so far.
    """
    now = Urn.parse(urn)
    declared = list(aliases)
    urns = [each.urn or _of_parts(each, now, parent) for each in declared]
    for older_parent in former_parents.get(parent, ()):
        older_name = _renamed_with(parent, older_parent, now.name)
        urns.append(str(Urn.below(older_parent, now.stack, now.project, now.type, older_name)))
        urns += [_of_parts(each, now, older_parent) for each in declared if not each.urn and not each.parent]
    return tuple(dict.fromkeys(each for each in urns if each != urn))


def _of_parts(alias: Alias, now: Urn, parent: str) -> str:
    above = (alias.parent or parent) if alias.has_parent else ""
    stack, project = alias.stack or now.stack, alias.project or now.project
    return str(Urn.below(above, stack, project, alias.type or now.type, alias.name or now.name))


def _renamed_with(parent: str, older_parent: str, name: str) -> str:
    """Return a child's name below an older parent: children are often named after their parent."""
    new, old = Urn.parse(parent).name, Urn.parse(older_parent).name
    return old + name.removeprefix(new) if name.startswith(new) else name


def aliases_of(messages: Iterable[object], urns: Iterable[str]) -> Iterator[Alias]:
    """Yield the aliases of a request. `messages` are those of pulumi.proto's Alias."""
    yield from (Alias(urn=urn) for urn in urns)
    for message in messages:
        spec = getattr(message, "spec")  # noqa: B009 - protobuf's messages have no types here
        urn = getattr(message, "urn")  # noqa: B009
        if urn:
            yield Alias(urn=urn)
        else:
            yield Alias(
                name=spec.name,
                type=spec.type,
                stack=spec.stack,
                project=spec.project,
                parent=spec.parentUrn,
                has_parent=not spec.noParent,
            )
