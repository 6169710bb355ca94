"""A task for long work. Flyte stores its result."""

import flyte

work = flyte.TaskEnvironment(name="work", resources=flyte.Resources(cpu="1", memory="256Mi"))


@work.task
async def process(numbers: list[int], factor: int = 1) -> int:
    return sum(numbers) * factor
