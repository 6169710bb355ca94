"""Listens to the app. The WebSocket reconnects, and then gets the last readings again; each number counts once."""

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
    mean = sum(values.values()) / readings
    print(f"{readings} readings, {mean:.2f} on average")
    return mean
