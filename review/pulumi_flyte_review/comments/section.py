"""`Section`: what a comment says about one stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pulumi_flyte_review.rendering.cutting import Passages


@dataclass(frozen=True, slots=True, order=True)
class Revision:
    """The age of a section. Of two sections of a stack, the one with the greater revision stands.

    run, attempt: of the pipeline, by the host's numbers, which grow. An old pipeline that ends late writes nothing over
    a new one. time: in milliseconds since 1970, for a pipeline that reports twice.
    """

    run: int
    attempt: int
    time: int


@dataclass(frozen=True, slots=True)
class Section:
    """A report on a stack. key: such as `shop/dev`. passages: none for a section that was removed.

    What is left of it is a hidden line, so that no other job takes it for a section that it has to restore.
    """

    key: str
    revision: Revision
    passages: Passages

    @property
    def is_removed(self) -> bool:
        """True if the comment shows nothing of it."""
        return not self.passages


def newest(sections: Iterable[Section]) -> dict[str, Section]:
    """Return the section with the greatest revision for each stack, ordered by stack."""
    chosen: dict[str, Section] = {}
    for section in sections:
        present = chosen.get(section.key)
        if present is None or section.revision > present.revision:
            chosen[section.key] = section
    return dict(sorted(chosen.items()))


def covers(present: Mapping[str, Section], expected: Mapping[str, Section]) -> bool:
    """Return whether each of the expected sections, or a newer one of its stack, is present."""
    return all(key in present and present[key].revision >= section.revision for key, section in expected.items())
