"""The task that a push starts."""

import flyte

ci = flyte.TaskEnvironment(name="ci", resources=flyte.Resources(cpu="1", memory="256Mi"))


@ci.task
async def build(repository: str, commit: str) -> str:
    return f"{repository} at {commit} is built"
