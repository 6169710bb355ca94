"""Jobs that write one comment at the same time, in virtual time: the same race for the same seed."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Coroutine, Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar, cast

from pulumi_flyte_review.comments.dialect import GITHUB, Dialect
from pulumi_flyte_review.comments.host import Comment
from pulumi_flyte_review.comments.publishing import Timing, publish
from pulumi_flyte_review.comments.section import Section
from pulumi_flyte_review.errors import HostBusyError

T = TypeVar("T")
Job: TypeAlias = Coroutine[object, None, object]


class Pause:
    """Something to wait for."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __await__(self) -> Generator[float, None, None]:
        yield self.seconds


class World:
    """Virtual time. Each job is run until it waits, and goes on when its time comes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.time = 0.0
        self._order = 0
        self._waiting: list[tuple[float, int, str, Job]] = []
        self.results: dict[str, object] = {}

    def start(self, name: str, job: Job, at: float) -> None:
        self._order += 1
        heapq.heappush(self._waiting, (at, self._order, name, job))

    def run(self, *, killed: dict[str, float] | None = None) -> None:
        """Run until all jobs have ended. killed: the times after which jobs do nothing more."""
        while self._waiting:
            self.time, _, name, job = heapq.heappop(self._waiting)
            if self.time > (killed or {}).get(name, float("inf")):
                job.close()
                continue
            try:
                seconds = job.send(None)
            except StopIteration as end:
                self.results[name] = end.value
            except Exception as error:
                self.results[name] = error
            else:
                self.start(name, job, self.time + cast(float, seconds))

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        await Pause(seconds)

    def chance(self) -> float:
        return self.random.random()


@dataclass(frozen=True)
class Conditions:
    """The behaviour of a host.

    latency: the longest time of a request. lag: the greatest age of what a read returns. busy: the part of requests
    that the host refuses, half of them after it has done what they ask for.
    """

    latency: float = 0.5
    lag: float = 0.0
    busy: float = 0.0


@dataclass
class SimulatedHost:
    """A host that takes time before and after each change."""

    world: World
    conditions: Conditions = Conditions()
    history: list[tuple[float, dict[int, str]]] = field(default_factory=lambda: [(0.0, {})])
    requests: int = 0

    @property
    def dialect(self) -> Dialect:
        return GITHUB

    @property
    def present(self) -> dict[int, str]:
        return self.history[-1][1]

    async def comments(self) -> Sequence[Comment]:
        bodies = await self._read()
        return [Comment(number, body) for number, body in sorted(bodies.items())]

    async def comment(self, number: int) -> Comment | None:
        body = (await self._read()).get(number)
        return None if body is None else Comment(number, body)

    async def create(self, body: str) -> Comment:
        number = await self._request(lambda: self._put(len(self.history) + 1000, body))
        return Comment(number, body)

    async def update(self, number: int, body: str) -> bool:
        return bool(await self._request(lambda: self._put(number, body) if number in self.present else 0))

    async def delete(self, number: int) -> None:
        await self._request(lambda: self._remove(number))

    def _put(self, number: int, body: str) -> int:
        self.history.append((self.world.time, {**self.present, number: body}))
        return number

    def _remove(self, number: int) -> int:
        self.history.append((self.world.time, {key: body for key, body in self.present.items() if key != number}))
        return number

    async def _read(self) -> dict[int, str]:
        def old() -> dict[int, str]:
            moment = self.world.time - self.world.random.uniform(0, self.conditions.lag)
            return next((state for time, state in reversed(self.history) if time <= moment), {})

        return await self._request(old)

    async def _request(self, change: Callable[[], T]) -> T:
        self.requests += 1
        refused = self.world.random.random() < self.conditions.busy
        await self.world.sleep(self.world.random.uniform(0, self.conditions.latency / 2))
        if refused and self.world.random.random() < 0.5:
            raise HostBusyError("The host is busy.", wait=self.world.random.choice([None, 1.0]))
        result = change()
        await self.world.sleep(self.world.random.uniform(0, self.conditions.latency / 2))
        if refused:
            raise HostBusyError("The host did not answer in time.")
        return result


def race(
    sections: Sequence[Section],
    conditions: Conditions = Conditions(),
    *,
    seed: int,
    timing: Timing | None = None,
    killed: int = 0,
    together: float = 2.0,
) -> tuple[SimulatedHost, World]:
    """Let a job for each section write. The first `killed` of them die at a random moment."""
    world = World(seed)
    simulated = SimulatedHost(world, conditions)
    starts = [world.random.uniform(0, together) for _ in sections]
    deaths: dict[str, float] = {}
    for position, (section, start) in enumerate(zip(sections, starts, strict=True)):
        name = f"{section.key} {position}"
        world.start(name, publish(simulated, section, clock=world, timing=timing), start)
        if position < killed:
            deaths[name] = start + world.random.uniform(0, 6)
    world.run(killed=deaths)
    return simulated, world
