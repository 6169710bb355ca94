"""Tasks of a small shop: a run with children, a report, structured values, a failure, a schedule."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import flyte
import flyte.report

env = flyte.TaskEnvironment(name="shop")


@dataclass
class Bill:
    """A bill of a customer."""

    customer: str
    total: float


@env.task
async def price(item: str) -> float:
    await asyncio.sleep(0.2)
    if not item:
        raise ValueError("an item needs a name: <b>none</b> given")
    print(f"looked up {item}")
    return len(item) * 1.5


@env.task(report=True)
async def bill(customer: str, items: list[str]) -> Bill:
    """Adds up what a customer bought."""
    with flyte.group("prices"):
        prices = await asyncio.gather(*(price(item) for item in items))
    await flyte.report.replace.aio(f"<h1>Bill of {customer}</h1>")
    await flyte.report.flush.aio()
    return Bill(customer, sum(prices))


nightly = flyte.Trigger(
    name="nightly",
    automation=flyte.Cron("0 2 * * *", timezone="Europe/Berlin"),
    inputs={"night": flyte.TriggerTime},
)


@env.task(triggers=nightly)
async def tidy(night: datetime) -> str:
    """Puts the shelves in order."""
    return f"tidy since {night}"
