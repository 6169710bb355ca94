"""The task that clients start."""

import random

import flyte

work = flyte.TaskEnvironment(name="work", resources=flyte.Resources(cpu="1", memory="256Mi"))


@work.task
async def simulate(throws: int, seed: int = 0) -> float:
    """Return an estimate of pi, from the share of random points in a square that are inside its circle."""
    if throws < 1:
        raise ValueError(f"{throws} throws: at least one is needed")
    throw = random.Random(seed).random
    return 4 * sum(throw() ** 2 + throw() ** 2 < 1 for _ in range(throws)) / throws
