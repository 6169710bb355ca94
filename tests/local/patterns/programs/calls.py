"""A price service, an app that asks it by its endpoint, one that asks by a parameter, and a task that asks it."""

import os
from pathlib import Path

import flyte
import flyte.app
import httpx
from fastapi import FastAPI
from flyte.app.extras import FastAPIAppEnvironment

prices = FastAPI(title="Prices")
prices_env = FastAPIAppEnvironment(name="prices", app=prices, requires_auth=False, description="What things cost")

basket = FastAPI(title="Basket")
basket_env = FastAPIAppEnvironment(
    name="basket",
    app=basket,
    requires_auth=False,
    depends_on=[prices_env],
    links=[flyte.app.Link(path="/docs", title="Documentation", is_relative=True)],
)

till = FastAPI(title="Till")
till_env = FastAPIAppEnvironment(
    name="till",
    app=till,
    requires_auth=False,
    parameters=[
        flyte.app.Parameter("prices_url", flyte.app.AppEndpoint(app_name="prices"), env_var="PRICES_URL"),
        flyte.app.Parameter("basket_url", flyte.app.AppEndpoint(app_name="basket"), env_var="BASKET_URL"),
    ],
    depends_on=[prices_env, basket_env],
)

audit_env = flyte.TaskEnvironment(name="audit", depends_on=[prices_env])


@prices.get("/price/{item}")
def price(item: str) -> dict[str, int]:
    return {"cents": 100 * len(item)}


@basket.get("/total")
async def total(items: str) -> dict[str, int]:
    async with httpx.AsyncClient() as client:
        answers = [await client.get(f"{prices_env.endpoint}/price/{item}") for item in items.split(",")]
    return {"cents": sum(answer.raise_for_status().json()["cents"] for answer in answers)}


@till.get("/pay")
async def pay(items: str) -> dict[str, object]:
    """The third of a chain: it asks the basket, which asks the prices."""
    async with httpx.AsyncClient() as client:
        due = (await client.get(f"{os.environ['BASKET_URL']}/total", params={"items": items})).raise_for_status()
        bread = (await client.get(f"{os.environ['PRICES_URL']}/price/bread")).raise_for_status()
    return {"due": due.json()["cents"], "bread": bread.json()["cents"]}


@audit_env.task
async def check(item: str) -> int:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{prices_env.endpoint}/price/{item}")
    return int(answer.raise_for_status().json()["cents"])


@audit_env.task
async def check_at(url: str, item: str) -> int:
    """Told where to ask, rather than knowing the app."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{url}/price/{item}")
    return int(answer.raise_for_status().json()["cents"])


if __name__ == "__main__":
    flyte.init_from_config(root_dir=Path(__file__).parent)
    print(flyte.serve(basket_env).endpoint)
