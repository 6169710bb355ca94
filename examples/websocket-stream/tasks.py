"""Listens to the app. A connection that is lost is opened again; what was missed meanwhile is not asked for twice."""

import json

import flyte
import flyte_runtime as rt

live = flyte.TaskEnvironment(name="live", resources=flyte.Resources(cpu="1", memory="256Mi"))
feed = rt.app("feed")


@live.task
async def average(readings: int) -> float:
    values: dict[int, float] = {}
    async with feed.websocket("/readings") as socket:
        async for message in socket:
            reading = json.loads(message)
            values[reading["number"]] = reading["value"]
            if len(values) == readings:
                break
    found = sum(values.values()) / readings
    print(f"{readings} readings, {found:.2f} on average")
    return found
