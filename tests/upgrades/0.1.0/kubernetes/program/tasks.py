import flyte

env = flyte.TaskEnvironment(name="images")

@env.task
async def resize(image: str, size: int = 3) -> str:
    return f"{image}@{size}"
