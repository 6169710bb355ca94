"""The work that clients start."""

import random

import flyte

work = flyte.TaskEnvironment(name="work", resources=flyte.Resources(cpu="1", memory="256Mi"))


@work.task
async def simulate(throws: int, seed: int = 0) -> float:
    """An estimate of pi: how many of the points that are thrown into a square hit the circle in it."""
    if throws < 1:
        raise ValueError(f"{throws} throws: at least one is needed")
    throw = random.Random(seed).random
    return 4 * sum(throw() ** 2 + throw() ** 2 < 1 for _ in range(throws)) / throws
