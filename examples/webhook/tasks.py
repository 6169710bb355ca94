"""The tasks that deliveries start."""

import flyte

work = flyte.TaskEnvironment(name="work", resources=flyte.Resources(cpu="1", memory="256Mi"))


@work.task
async def ship(item: str, count: int) -> str:
    return f"{count} × {item}"


@work.task
async def refund(order: str) -> str:
    return f"refunded {order}"
