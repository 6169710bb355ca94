"""Put a section into the pull request's comment while other jobs put theirs.

Hosts replace the text of a comment as a whole, and have no way to say "only if nobody has changed it since". A job that
writes what it read a moment ago can therefore wipe out a section that another job wrote in between. Nobody can
prevent that, so every job stays until its section is safe:

1. It reads the comment, adds its section to those that are there, and writes.
2. It reads the comment again and again. If a section is missing that it has ever seen, its own or another, it adds it.
3. It leaves when nothing was missing for some seconds. A job that read the comment before this job's section was in it
   has written by then: a read and the write that follows it are not that far apart.

Two jobs can both find no comment and create one each. The oldest one is the comment. The sections of the others are
moved there, and the others are deleted.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pulumi_flyte_review.comments.body import compose, parse, shortened
from pulumi_flyte_review.comments.host import Comment, Host
from pulumi_flyte_review.comments.section import Revision, Section, covers, newest
from pulumi_flyte_review.errors import HostBusyError, HostError
from pulumi_flyte_review.rendering.cutting import unnamed


class Clock(Protocol):
    """Time and chance. Tests have their own."""

    def now(self) -> float:
        """Return seconds that only grow."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    def chance(self) -> float:
        """Return a number from 0 to 1 that no other job has."""


class RealClock:
    """The clock of the machine."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(asyncio.sleep)
    chance = staticmethod(random.SystemRandom().random)


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations in seconds.

    settle: how long a section has to stand. It is more where the host is slow: `slowness` times the longest time that a
    read and the write after it have taken. stale: the age at which a text that was read is read again before it is
    written. pause: the longest wait between two reads. give_up: the longest time for everything.
    """

    settle: float = 6.0
    slowness: float = 3.0
    stale: float = 2.0
    pause: float = 1.5
    give_up: float = 180.0


@dataclass(frozen=True, slots=True)
class Publication:
    """A section that stands.

    superseded: whether the report of a newer pipeline is there instead. unnamed: the number of deletions and
    replacements of the section that the comment had no room for. writes: how often the comment was written.
    """

    url: str
    superseded: bool
    unnamed: int
    writes: int


async def publish(
    host: Host, section: Section, clock: Clock | None = None, timing: Timing | None = None
) -> Publication:
    """Put a section into the comment, and return when it is safe there."""
    return await _Writer(host, section, clock or RealClock(), timing or Timing()).run()


class _Writer:
    """One job at work on the comment."""

    def __init__(self, host: Host, section: Section, clock: Clock, timing: Timing) -> None:
        self._host = host
        self._section = section
        self._clock = clock
        self._timing = timing
        self._sections: dict[str, Section] = {}
        self._number: int | None = None
        self._looked_twice = False
        self._has_revision = section.revision.run > 0
        self._safe_since: float | None = None
        self._slowest = 0.0
        self._writes = 0
        self._refusals = 0

    async def run(self) -> Publication:
        """Write and watch until the section is safe."""
        end = self._clock.now() + self._timing.give_up
        while self._clock.now() < end:
            try:
                publication = await self._step()
            except HostBusyError as error:
                await self._wait(error, end)
            else:
                if publication is not None:
                    return publication
        name, timing = self._host.dialect.name, self._timing
        raise HostError(
            f"{name} did not keep the section of {self._section.key} for {timing.settle:g} seconds, within "
            f"{timing.give_up:g} seconds: other jobs write the comment all the time, or the host is slow. "
            "Run the job again."
        )

    async def _step(self) -> Publication | None:
        """Read the comment, and write it if a section is missing. Return when the section is safe."""
        reading = self._clock.now()
        comments = await self._read()
        if not comments:
            if self._section.is_removed:
                return Publication("", superseded=False, unnamed=0, writes=self._writes)
            await self._create()
            return None
        self._learn(comments)
        if not covers(parse(comments[0].body, self._host.dialect), self._sections):
            await self._write(comments[0], reading)
            return None
        self._safe_since = reading if self._safe_since is None else self._safe_since
        if self._clock.now() < self._safe_since + max(self._timing.settle, self._timing.slowness * self._slowest):
            await self._pause()
            return None
        return await self._leave(comments)

    async def _read(self) -> Sequence[Comment]:
        """Return the comment, and its duplicates if there can be any."""
        if self._number is not None:
            comment = await self._host.comment(self._number)
            if comment is not None:
                return (comment,)
            self._number = None
        comments = sorted(await self._host.comments())
        if len(comments) == 1 and not self._writes:
            self._number = comments[0].number
        return comments

    async def _create(self) -> None:
        """Add the comment. Jobs that start at the same time wait for different times first, and look again."""
        self._safe_since = None
        if not self._looked_twice:
            self._looked_twice = True
            await self._pause()
            return
        self._learn(())
        self._writes += 1
        await self._host.create(compose(self._sections, self._host.dialect))

    async def _write(self, comment: Comment, reading: float) -> None:
        """Write the comment, unless the text that was read is too old by now."""
        self._safe_since = None
        is_fresh = self._clock.now() <= reading + max(self._timing.stale, self._slowest)
        try:
            if is_fresh:
                self._writes += 1
                if not await self._host.update(comment.number, compose(self._sections, self._host.dialect)):
                    self._number = None
        finally:
            self._slowest = max(self._slowest, self._clock.now() - reading)
        if is_fresh:
            await self._pause()

    def _learn(self, comments: Sequence[Comment]) -> None:
        """Remember every section that a comment has ever had, so that none is lost."""
        published = [section for comment in comments for section in parse(comment.body, self._host.dialect).values()]
        if not self._has_revision:
            self._section = replace(self._section, revision=_next_revision(self._section, published))
            self._has_revision = True
        keys = {section.key for section in published} | self._sections.keys()
        if self._section.is_removed and self._section.key not in keys:
            raise HostError(
                f"the comment has no section {self._section.key!r}: it has {', '.join(sorted(keys)) or 'none'}"
            )
        self._sections = newest([*self._sections.values(), *published, self._section])

    async def _leave(self, comments: Sequence[Comment]) -> Publication:
        for duplicate in comments[1:]:
            await self._host.delete(duplicate.number)
        section = self._sections[self._section.key]
        standing = shortened(self._sections, self._host.dialect)[section.key]
        superseded = section.revision != self._section.revision
        return Publication(comments[0].url, superseded, unnamed(standing.passages), self._writes)

    async def _pause(self) -> None:
        await self._clock.sleep(self._timing.pause * (0.2 + 0.8 * self._clock.chance()))

    async def _wait(self, error: HostBusyError, end: float) -> None:
        """Wait as long as the host asks, or longer each time."""
        self._refusals += 1
        wait = min(2.0**self._refusals, 30) if error.wait is None else error.wait
        if self._clock.now() + wait >= end:
            raise HostError(f"{error} It asks to wait for {wait:.0f} seconds; run the job again then.") from error
        await self._clock.sleep(wait + self._timing.pause * self._clock.chance())


def _next_revision(section: Section, present: Sequence[Section]) -> Revision:
    """Return a revision for a report that no pipeline made. It replaces what is there, until the next pipeline."""
    revision = max((other.revision for other in present if other.key == section.key), default=section.revision)
    return replace(revision, attempt=revision.attempt + 1, time=section.revision.time)
